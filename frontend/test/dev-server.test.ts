// @vitest-environment node
import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createServer, type ViteDevServer } from 'vite'
import { WebSocket, WebSocketServer } from 'ws'

let backend: Server
let site: ViteDevServer
let host: string

beforeAll(async () => {
  backend = createHttpServer((request, response) => response.end(`backend ${request.url}`)).listen(0, '127.0.0.1')
  new WebSocketServer({ server: backend, path: '/ws' }).on('connection', (socket) => socket.send('hello'))
  await once(backend, 'listening')
  vi.stubEnv('BACKEND_URL', `http://127.0.0.1:${(backend.address() as AddressInfo).port}`)
  const root = join(import.meta.dirname, '..')
  // a port of its own: the documented one may be in use by a developer
  site = await createServer({ root, configFile: join(root, 'vite.config.ts'), server: { port: 0 }, logLevel: 'error' })
  await site.listen()
  host = new URL(site.resolvedUrls?.local[0] ?? '').host
})

afterAll(async () => {
  await site.close()
  backend.closeAllConnections()
  backend.close()
})

test.each(['/api/live', '/health'])('%s is answered by the backend', async (path) => {
  expect(await (await fetch(`http://${host}${path}`)).text()).toBe(`backend ${path}`)
})

test('a WebSocket at /ws reaches the backend', async () => {
  const socket = new WebSocket(`ws://${host}/ws`)
  const [greeting] = (await once(socket, 'message')) as [Buffer]
  socket.terminate()
  expect(greeting.toString()).toBe('hello')
})

test('everything else is the page', async () => {
  const response = await fetch(`http://${host}/some/deep/link`, { headers: { accept: 'text/html' } })
  expect(await response.text()).toContain('<meta name="release" content="">')
})
