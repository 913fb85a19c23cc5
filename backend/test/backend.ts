import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { openTable } from '../src/db/client.ts'
import { startServer } from '../src/routes/server.ts'
import { createLog } from '../src/services/log.ts'
import { createServices } from '../src/services/services.ts'
import { type Config, parseConfig } from '../src/types/config.ts'
import { startDynamoDb } from '../local/dynamodb.ts'

export const table = 'application'

/** What a task is given, apart from the endpoint; the SDK reads its share from the process's own environment. */
export const env = {
  PORT: '0',
  APPLICATION_TABLE: table,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  RELEASE_ID: '20261123T000000Z-abc1234',
}

type DynamoDb = Awaited<ReturnType<typeof startDynamoDb>>

/** What stops the tasks of each test. */
const tasks = new WeakMap<TestContext, (() => Promise<void>)[]>()

/** A real DynamoDB API for one test. */
export async function dynamoDb(t: TestContext): Promise<DynamoDb> {
  Object.assign(process.env, env)
  const database = await startDynamoDb(table)
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = database.endpoint
  let open = true
  const close = async () => {
    if (open) await database.close()
    open = false
  }
  // hooks run in the order of their registration, but the tasks must stop before their database
  t.after(async () => {
    await Promise.all((tasks.get(t) ?? []).map((stop) => stop()))
    await close()
  })
  return { ...database, close }
}

/** Stands before a DynamoDB; from `silence()` on, nothing that it is asked comes back. */
export async function silenceable(t: TestContext, endpoint: string) {
  const open = new Set<Socket>()
  const proxy = createServer((socket) => {
    const upstream = connect(Number(new URL(endpoint).port), '127.0.0.1')
    for (const each of [socket, upstream]) {
      open.add(each)
      each.on('error', () => {})
    }
    socket.pipe(upstream).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => {
    for (const each of open) each.destroy()
    proxy.close()
  })
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    silence(): void {
      proxy.on('connection', (socket) => socket.unpipe())
      for (const each of open) each.unpipe()
    },
  }
}

/** One task: everything but the process. Several of them share the DynamoDB that was started last. */
export async function task(t: TestContext, overrides: Partial<Config> = {}) {
  const config = { ...parseConfig(env), adminSecret, ...overrides }
  const lines: string[] = []
  const log = createLog('debug', (line) => lines.push(line))
  const services = createServices(config, openTable(config.region, config.applicationTable), log)
  const server = await startServer(config, services, log)
  tasks.set(t, [...(tasks.get(t) ?? []), () => server.stop(0)])
  return {
    ...server,
    stop: (within = 1_000) => server.stop(within),
    lines,
    http: `http://127.0.0.1:${server.port}`,
    ws: `ws://127.0.0.1:${server.port}/ws`,
  }
}

/** What it resolves with; rejects where a test would wait for ever. */
async function soon<T>(awaited: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within a minute`)), 60_000)
  })
  try {
    return await Promise.race([awaited, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A page: its messages in order, and how its connection ended. */
export function page(t: TestContext, url: string, options: { origin?: string; autoPong?: boolean } = {}) {
  const socket = new WebSocket(url, options)
  const arrived: unknown[] = []
  socket.on('message', (data: Buffer) => {
    arrived.push(JSON.parse(data.toString()))
    socket.emit('arrived')
  })
  socket.on('error', () => {})
  t.after(() => socket.terminate())
  const ending = once(socket, 'close').then(([code, reason]) => ({ code: Number(code), reason: String(reason) }))
  return {
    socket,
    closed: () => soon(ending, 'end of the connection'),
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(): Promise<Record<string, unknown>> {
      while (arrived.length === 0) {
        const ended = await soon(Promise.race([once(socket, 'arrived').then(() => undefined), ending]), 'message')
        if (ended && arrived.length === 0) throw new Error(`closed with ${ended.code} instead of a message`)
      }
      return arrived.shift() as Record<string, unknown>
    },
  }
}

/** A client that takes part in no closing handshake and answers no ping, until it is destroyed. */
export function deafClient(t: TestContext, port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  return socket
}

/** The answer to a handshake that is refused. */
export async function refusedUpgrade(url: string, options: { origin?: string } = {}): Promise<IncomingMessage> {
  const [, response] = await soon(once(new WebSocket(url, options), 'unexpected-response'), 'refusal')
  return response
}

/** The status and body of a refused handshake. */
export async function refusal(
  url: string,
  options: { origin?: string } = {},
): Promise<{ status: number; body: unknown }> {
  const response = await refusedUpgrade(url, options)
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode ?? 0, body: JSON.parse(text) }
}

/** Asks again until the answer is as wanted, for up to 30 seconds. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer)} after 30 seconds`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export async function json(url: string, init?: RequestInit): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, init)
  return { status: response.status, body: await response.json() }
}

export const adminSecret = 'correct-horse-battery-staple'

/** An answer over HTTP; its body is parsed where it is JSON. */
export interface Answer<Body = unknown> {
  status: number
  headers: Headers
  body: Body
}

/**
 * A client with a secret: `await ask('PUT /api/quizzes/1', quiz, { 'if-match': '"1"' })`. Bytes are sent as they are,
 * everything else as JSON.
 */
export function client(url: string, secret?: string) {
  return async function ask<Body = unknown>(
    request: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const [method = '', path = ''] = request.split(' ')
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined || body instanceof Uint8Array ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body }
  }
}

/** All that a server says to a request typed by hand, until it closes the connection. */
export async function rawRequest(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write(request)
  let answered = ''
  for await (const chunk of socket) answered += String(chunk)
  return answered
}
