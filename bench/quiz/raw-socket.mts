import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** A WebSocket as thin as it can be: 2,500 of them in one process must not delay what they measure. */
export interface RawSocket {
  send(text: string): void
  /** Without a closing handshake. */
  destroy(): void
}

export interface Listener {
  /** @param bytes of one message; valid only during the call */
  message(bytes: Buffer): void
  /** 1006: without a closing handshake, or not accepted. */
  close(code: number): void
}

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 }

/** @param viewer an address that the limits of the backend count by */
export function openRawSocket(port: number, viewer: string, listener: Listener): RawSocket {
  const socket: Socket = connect(port, '127.0.0.1')
  let rest: Buffer = Buffer.alloc(0)
  let isOpen = false
  let code = 1006
  socket.setNoDelay()
  socket.on('error', () => {})
  socket.once('close', () => listener.close(code))
  socket.once('connect', () =>
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `X-Forwarded-For: ${viewer}, 10.255.0.1\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    ),
  )
  socket.on('data', (data: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, data]) : data
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) return
      if (!rest.toString('latin1', 0, end).startsWith('HTTP/1.1 101 ')) return socket.destroy()
      isOpen = true
      rest = rest.subarray(end + 4)
    }
    readFrames()
  })

  function readFrames(): void {
    for (;;) {
      if (rest.length < 2) return
      const short = rest[1]! & 127
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (rest.length < head) return
      const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2))
      if (rest.length < head + length) return
      const payload = rest.subarray(head, head + length)
      const opcode = rest[0]! & 15
      rest = rest.subarray(head + length)
      if (opcode === opcodes.text) listener.message(payload)
      else if (opcode === opcodes.ping) write(opcodes.pong, payload)
      else if (opcode === opcodes.close) {
        code = length >= 2 ? payload.readUInt16BE(0) : 1005
        write(opcodes.close, payload)
        return void socket.end()
      }
    }
  }

  /** Masked, as a client must; with zeros, which change nothing. */
  function write(opcode: number, payload: Buffer): void {
    const head =
      payload.length < 126
        ? Buffer.from([128 | opcode, 128 | payload.length, 0, 0, 0, 0])
        : Buffer.from([128 | opcode, 254, payload.length >> 8, payload.length & 255, 0, 0, 0, 0])
    socket.write(Buffer.concat([head, payload]))
  }

  return {
    send: (text) => write(opcodes.text, Buffer.from(text)),
    destroy: () => socket.destroy(),
  }
}
