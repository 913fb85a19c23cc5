import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Connection, connect } from '../src/features/live-connection/connection.ts'

let server: WebSocketServer
let connection: Connection

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.send(JSON.stringify({ type: 'welcome', connectionId: 'c1', release: 'r1', players: server.clients.size }))
    socket.on('message', (data) => {
      const { id } = JSON.parse((data as Buffer).toString()) as { id: string }
      socket.send(JSON.stringify({ type: 'pong', id, stored: 1, players: server.clients.size }))
    })
  })
  const { port } = server.address() as AddressInfo
  connection = connect({ url: `ws://127.0.0.1:${port}/ws`, report: (problem) => expect.fail(problem) })
})

afterEach(async () => {
  connection.close()
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => server.close(resolve))
})

test('over a real socket a ping comes back as a measured round trip', async () => {
  await vi.waitFor(() => expect(connection.state().roundTrip.phase).toBe('answered'), 10_000)
  expect(connection.state()).toMatchObject({ status: { phase: 'connected' }, server: { release: 'r1' }, players: 1 })
})

test('a server that restarts is found again within seconds', async () => {
  await vi.waitFor(() => expect(connection.state().players).toBe(1), 10_000)
  const [client] = server.clients
  client?.close(1012, 'service restart')
  await vi.waitFor(
    () => expect(connection.state().lastLoss).toMatchObject({ code: 1012, reason: 'service restart' }),
    10_000,
  )
  await vi.waitFor(() => expect(connection.state().roundTrip.phase).toBe('answered'), 10_000)
})
