/*
 * What the scripts reach over HTTP, for the bats suites: CloudFormation and CloudFront as the two SDK clients speak to
 * them, and behind the stack's outputs a load balancer and a CDN. State is in the files of the test that runs; SDK calls
 * are written to its `calls`, with those of the command lines. Prints two ports: its own, and that of the site of another
 * environment, which is only asked for its release. What a test makes with `prepare` is in prepared.mts.
 *
 *   node --import tsx test/scripts/endpoint.mts <directory>     (<directory>/test is the test's)
 */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { WebSocketServer } from 'ws'
import { compileToolkit } from './compiled.mts'
import { prepareService, prepareSite } from './prepared.mts'

const prepare: Record<string, (state: string, words: string[]) => Promise<void>> = {
  service: prepareService,
  site: prepareSite,
}
const state = (name: string) => join(process.argv[2]!, 'test', name)
const given = (name: string) => (existsSync(state(name)) ? readFileSync(state(name), 'utf8').trim() : undefined)
const record = (line: string) => appendFileSync(state('calls'), `${line}\n`)

const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => response.writeHead(500).end(`${error.stack}\n`))
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  const path = request.url ?? '/'
  if (path.startsWith('/prepare/')) {
    await prepare[path.slice('/prepare/'.length)]!(state('.'), body.split('\x1f'))
    return void response.end()
  }
  if (path.includes('/invalidation')) return invalidation(request.method ?? '', path, response)
  if (request.method === 'POST') return cloudFormation(new URLSearchParams(body), response)
  if (isCut(request)) return void response.writeHead(504).end('<H1>504 Gateway Timeout ERROR</H1>')
  site(path, isPastCdn(request), response)
}

const source = createServer((_request, response) => {
  response
    .writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-cache' })
    .end(given('source/index.html') ?? '')
})

function cloudFormation(form: URLSearchParams, response: ServerResponse): void {
  const action = form.get('Action') ?? ''
  const stack = form.get('StackName') ?? ''
  record(`sdk cloudformation ${action} ${stack}`)
  const refuse = (code: string, message: string) => {
    response.writeHead(400, { 'content-type': 'text/xml' })
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    )
  }
  const first = takeFirst(`${action}.${stack}.first.`)
  const denied = first?.startsWith('<') === false ? first : given(`${action}.denied`)
  if (denied !== undefined) return refuse('AccessDenied', denied)
  const result = first ?? given(`${action}.${stack}.xml`)
  if (result === undefined) return refuse('ValidationError', `Stack with id ${stack} does not exist`)
  response.writeHead(200, { 'content-type': 'text/xml' })
  response.end(
    `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${result}</${action}Result></${action}Response>`,
  )
}

/** The answer of `stack_first` whose turn it is. */
function takeFirst(beginning: string): string | undefined {
  const [name] = readdirSync(state('.'))
    .filter((file) => file.startsWith(beginning))
    .toSorted()
  if (name === undefined) return
  const first = given(name)
  rmSync(state(name))
  return first
}

function invalidation(method: string, path: string, response: ServerResponse): void {
  record(`sdk cloudfront ${method} ${path}`)
  // Ctrl-C arrives while CloudFront is asked how far it is
  if (method === 'GET' && given('interrupted-following') !== undefined)
    return void process.kill(Number(given('pid')), 'SIGINT')
  const error = given('invalidation-error')
  if (error) {
    response.writeHead(403, { 'content-type': 'text/xml' })
    return void response.end(`<ErrorResponse><Error><Code>${error}</Code><Message>no</Message></Error></ErrorResponse>`)
  }
  response.writeHead(method === 'POST' ? 201 : 200, { 'content-type': 'text/xml' })
  const status = method === 'POST' ? 'InProgress' : 'Completed'
  response.end(
    `<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>I1</Id><Status>${status}</Status><CreateTime>2026-11-23T00:00:00Z</CreateTime></Invalidation>`,
  )
}

/** The load balancer's name is localhost, the CDN's 127.0.0.1. The load balancer forwards two paths, unless the test opens it. */
function isPastCdn(request: IncomingMessage): boolean {
  return request.headers.host!.startsWith('localhost:') && given('open-load-balancer') === undefined
}

/** Whether the CDN does not reach the load balancer (`no-way`): it still serves files. */
function isCut({ headers, url }: IncomingMessage): boolean {
  const reachesBackend = /^\/(health$|api\/|ws$)/.test(url!)
  return headers.host!.startsWith('127.0.0.1:') && reachesBackend && given('no-way') !== undefined
}

function site(path: string, pastCdn: boolean, response: ServerResponse): void {
  const send = (status: number, type: string, cacheControl: string, body: string) => {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`
    const headers = {
      'content-type': type,
      'cache-control': cacheControl,
      etag,
      'content-length': Buffer.byteLength(body),
    }
    response.writeHead(status, headers).end(body)
  }
  if (path === '/health')
    return send(200, 'application/json', 'no-store', JSON.stringify({ status: 'ok', release: release() }))
  if (pastCdn) return send(404, 'application/json', 'no-store', '{}')
  if (path === '/api/live')
    return send(
      Number(given('live-status') ?? 200),
      'application/json',
      'no-store',
      given('live-counts') ?? '{"quizzes":0,"players":0}',
    )
  if (path.startsWith('/api/')) return send(404, 'application/json', 'no-store', '{}')
  const key = path.slice(1) || 'index.html'
  const { directories, files } = liveSite()
  const file = files.find((one) => one.key === key) ?? files.find((one) => one.key === 'index.html')
  if (path.startsWith('/assets/') && file?.key !== key) return send(404, 'text/plain', 'no-cache', 'not found')
  const body = directories.map((name) => state(join(name, file?.key ?? key))).find(existsSync)
  const spoilt = file?.turn === 'asset' && directories.includes(built) ? given('asset-cache-control') : undefined
  const content = body === undefined ? '' : readFileSync(body, 'utf8')
  const status = file?.turn === 'asset' ? Number(given('asset-status') ?? 200) : 200
  send(status, file?.contentType ?? 'text/html', spoilt ?? file?.cacheControl ?? 'no-cache', content)
}

interface Live {
  directories: string[]
  files: { key: string; turn: string; contentType: string; cacheControl: string }[]
}

const built = 'live quiz/frontend/dist'
const runs = 'live quiz/.local/deployments/staging/runs'

/** The release whose documents were swapped in last; before that the one that the test put into `live/`, if any. */
function liveSite(): Live {
  const swaps = [
    ...(given('calls') ?? '').matchAll(/aws s3 cp s3:\/\/site-bucket\/releases\/(\S+) s3:\/\/site-bucket /g),
  ]
  const last = swaps.at(-1)?.[1]
  for (const run of existsSync(state(runs)) ? readdirSync(state(runs)) : []) {
    const manifest = JSON.parse(given(`${runs}/${run}/upload/manifest.json`) ?? '{}')
    if (manifest.release === last && last !== undefined)
      return { directories: [`${runs}/${run}/upload/entry-text-html`, built], files: manifest.files }
  }
  const before = JSON.parse(given('live/manifest.json') ?? '{"files":[]}')
  return { directories: ['live', '.'], files: before.files }
}

/** Of the task definition that was registered last, unless the test says otherwise. */
function release(): string {
  const file = state('live quiz/.local/deployments/staging/task-definition.json')
  const registered = existsSync(file)
    ? /"RELEASE_ID",\s*"value": "([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1]
    : undefined
  return given('release') ?? registered ?? ''
}

const sockets = new WebSocketServer({
  server,
  verifyClient: ({ req }, accept) =>
    accept(!isCut(req) && (req.url === '/' || !isPastCdn(req)), isCut(req) ? 504 : 404),
})
sockets.on('connection', (socket) => socket.send(JSON.stringify({ type: 'welcome' })))

await compileToolkit(process.argv[2]!)
// the suites wait for this line
const ports = await Promise.all([server, source].map(listeningPort))
console.log(...ports)

async function listeningPort(listening: Server): Promise<number> {
  await once(listening.listen(0, '127.0.0.1'), 'listening')
  return (listening.address() as AddressInfo).port
}
