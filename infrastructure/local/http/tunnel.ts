import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { headerList } from './headers.ts'
import type { Answer } from './upstream.ts'

/** The client's side of an upgrade request. */
export interface UpgradeRequest {
  socket: Socket
  /** What the client sent after its request. */
  head: Buffer
}

/** For an upgrade that is answered like any other request: a response on the bare connection, which it closes. */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => {
    response.detachSocket(socket)
    socket.destroySoon()
    response.emit('close')
  })
  return response
}

/**
 * Joins two connections after a 101 until both are closed, both have been silent for `idleTimeout` milliseconds, or the
 * signal aborts. Each direction may end on its own. Resolves when both are closed; never rejects.
 */
export async function tunnel(
  { socket: client, head: clientHead }: UpgradeRequest,
  { response, upgraded }: Required<Answer>,
  idleTimeout: number,
  signal: AbortSignal,
): Promise<void> {
  const { socket: server, head: serverHead } = upgraded
  const lines = headerList(response.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`)
  client.write(`HTTP/1.1 101 ${response.statusMessage ?? 'Switching Protocols'}\r\n${lines.join('')}\r\n`)
  if (serverHead.length > 0) client.write(serverHead)
  if (clientHead.length > 0) server.write(clientHead)

  const cut = () => {
    client.destroy()
    server.destroy()
  }
  signal.addEventListener('abort', cut, { once: true })
  const closed = [join(client, server), join(server, client)]
  for (const socket of [client, server]) {
    socket.setNoDelay(true)
    socket.setTimeout(idleTimeout, cut)
  }
  if (signal.aborted) cut()
  await Promise.all(closed)
  signal.removeEventListener('abort', cut)
}

function join(from: Socket, to: Socket): Promise<void> {
  from.pipe(to)
  return new Promise((resolve) => {
    from.on('error', () => to.destroy())
    from.on('close', (hadError) => {
      // what has been read must still arrive
      if (hadError) to.destroy()
      else to.destroySoon()
      resolve()
    })
    if (from.destroyed) {
      to.destroy()
      resolve()
    }
  })
}
