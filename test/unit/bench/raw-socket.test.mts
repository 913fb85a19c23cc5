import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { WebSocketServer, type WebSocket } from 'ws'
import { openRawSocket } from '../../../bench/quiz/raw-socket.mts'

/** A server of `ws`, and the first socket that the bench opens to it. @param cut bytes of a part, on the way to the client */
async function opened(t: TestContext, cut?: number) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const reached = cut === undefined ? port : await cutting(t, port, cut)
  const heard: string[] = []
  let changed = () => {}
  const closed = new Promise<number>((resolve) => {
    const client = openRawSocket(reached, '10.0.0.9', {
      message(bytes) {
        heard.push(bytes.toString())
        changed()
      },
      close: resolve,
    })
    t.after(() => client.destroy())
    server.once('connection', () => (socket = client))
  })
  let socket!: ReturnType<typeof openRawSocket>
  const [peer, request] = (await once(server, 'connection')) as [WebSocket, IncomingMessage]
  return {
    peer,
    request,
    closed,
    client: socket,
    /** All that was heard, once it is so many messages. */
    async messages(count: number): Promise<string[]> {
      while (heard.length < count) await new Promise<void>((resolve) => (changed = resolve))
      return heard
    },
  }
}

/** Passes everything on to the port, what comes back in parts of so many bytes. */
async function cutting(t: TestContext, port: number, bytes: number): Promise<number> {
  const server = createServer((incoming) => {
    const upstream = connect(port, '127.0.0.1')
    incoming.setNoDelay()
    incoming.pipe(upstream)
    incoming.on('error', () => upstream.destroy())
    upstream.on('data', (data: Buffer) => {
      for (let from = 0; from < data.length; from += bytes) incoming.write(data.subarray(from, from + bytes))
    })
    upstream.on('close', () => incoming.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

describe('a raw socket of the bench', () => {
  it('comes from the viewer that it is given', async (t) => {
    const { request } = await opened(t)
    assert.equal(request.headers['x-forwarded-for'], '10.0.0.9, 10.255.0.1')
    assert.equal(request.url, '/ws')
  })

  it('sends texts of every length', async (t) => {
    const { client, peer } = await opened(t)
    for (const text of ['short', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(4_096)]) {
      const message = once(peer, 'message')
      client.send(text)
      assert.equal(String((await message)[0]), text)
    }
  })

  for (const cut of [undefined, 1, 7]) {
    it(`hears every message, ${cut ? `in parts of ${cut} bytes` : 'many at once'}`, async (t) => {
      const { peer, messages } = await opened(t, cut)
      const sent = ['one', 'x'.repeat(200), 'y'.repeat(70_000), 'last']
      for (const text of sent) peer.send(text)
      assert.deepEqual(await messages(4), sent)
    })
  }

  it('answers pings, or the backend would cut it', async (t) => {
    const { peer } = await opened(t)
    peer.ping('7')
    assert.equal(String((await once(peer, 'pong'))[0]), '7')
  })

  it('says with which code it was closed, and 1006 when it was cut', async (t) => {
    const first = await opened(t)
    first.peer.close(1012, 'service restart')
    assert.equal(await first.closed, 1012)
    const second = await opened(t)
    second.peer.terminate()
    assert.equal(await second.closed, 1006)
  })
})
