import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { localConnection, localEnvironment } from '../connection.ts'
import { proxiesIn } from '../cli/environment.mts'
import { exclusively } from '../cli/lock.mts'
import { requireFreePorts } from '../cli/ports.mts'
import { isRunning, stop } from '../cli/process.mts'
import { removeState } from '../cli/state.mts'
import { provide, pythonOf } from '../cli/virtualenv.mts'
import { findEngine } from '../cli/docker/find-engine.mts'
import { openCallLog } from '../gateway/call-log.ts'
import { parseForm } from '../gateway/protocols.ts'
import { renderXml } from '../gateway/xml.ts'
import { listenFrom } from '../http/loopback-server.ts'
import { startMoto } from '../moto.ts'

const port = 14690
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
const connectionFile = join(directory, 'connection.json')
const connection = {
  pid: process.pid,
  endpoint: `http://127.0.0.1:${port}`,
  environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'local' },
  path: ['/ours/bin'],
}
const answering = createHttpServer((_request, response) => void response.end(JSON.stringify({ pid: process.pid })))

before(() => new Promise<void>((resolve) => answering.listen(port, '127.0.0.1', resolve)))

after(() => {
  answering.closeAllConnections()
  answering.close()
  rmSync(directory, { recursive: true })
})

test('without a connection file there is no connection', async () => {
  assert.equal(await localConnection(join(directory, 'none.json')), undefined)
})

test('a connection counts when its own process answers', async () => {
  writeFileSync(connectionFile, JSON.stringify(connection))
  assert.deepEqual(await localConnection(connectionFile), connection)
})

test('a connection whose port another process has taken over does not count', async () => {
  writeFileSync(connectionFile, JSON.stringify({ ...connection, pid: process.pid + 1 }))
  assert.equal(await localConnection(connectionFile), undefined)
})

test('a connection where nothing answers does not count', async () => {
  writeFileSync(connectionFile, JSON.stringify({ ...connection, endpoint: 'http://127.0.0.1:9' }))
  assert.equal(await localConnection(connectionFile), undefined)
})

test('nothing that leads to a real account is left in the environment', async () => {
  writeFileSync(connectionFile, JSON.stringify(connection))
  const real = {
    AWS_ACCESS_KEY_ID: 'AKIAREAL',
    AWS_SESSION_TOKEN: 't',
    AWS_PROFILE: 'work',
    AWS_ENDPOINT_URL_S3: 'https://s3.example',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
    CDK_DEFAULT_ACCOUNT: '123456789012',
  }
  const environment = (await localEnvironment({ ...real, PATH: '/bin' }, connectionFile))!
  const merged = Object.entries({ ...real, ...environment }).filter(([name]) => /^(AWS|CDK)_/.test(name))
  assert.deepEqual(Object.fromEntries(merged.filter(([, value]) => value !== undefined)), connection.environment)
})

test('the certificate authorities of a company stay in the environment', async () => {
  writeFileSync(connectionFile, JSON.stringify(connection))
  const environment = (await localEnvironment({ AWS_CA_BUNDLE: '/ca.pem' }, connectionFile))!
  assert.ok(!('AWS_CA_BUNDLE' in environment))
})

test('our commands come first on the PATH, once, and loopback goes past a proxy', async () => {
  writeFileSync(connectionFile, JSON.stringify(connection))
  const env = { PATH: '/bin:/ours/bin:/sbin', NO_PROXY: 'intranet' }
  const environment = (await localEnvironment(env, connectionFile))!
  assert.equal(environment['PATH'], '/ours/bin:/bin:/sbin')
  assert.equal(environment['NO_PROXY'], 'intranet,127.0.0.1,localhost')
})

test('of a Docker configuration that docker cannot read nothing is taken over', () => {
  for (const [config, expected] of [
    ['{"proxies": {"default": {}}}', { default: {} }],
    ['{"proxies": ', undefined],
    ['null', undefined],
  ] as const) {
    writeFileSync(join(directory, 'config.json'), config)
    assert.deepEqual(proxiesIn(directory), expected)
  }
  assert.equal(proxiesIn(join(directory, 'none')), undefined)
})

test('a taken port is refused with who has it', async () => {
  await assert.rejects(requireFreePorts([port]), {
    name: 'Failure',
    message: new RegExp(`^port ${port} is taken by .*\\(pid ${process.pid}\\)$`),
    remedy: /LOCAL_AWS_PORT=\d+ make local-up/,
  })
})

test('a free port is left free', async () => {
  await requireFreePorts([port + 1])
  const server = createServer().listen(port + 1, '127.0.0.1')
  await once(server, 'listening')
  server.close()
})

test('a port that browsers refuse is not taken', async () => {
  const server = createHttpServer()
  const { port: taken, close } = await listenFrom(server, 6665)
  await close()
  assert.equal(taken, 6670)
})

test('moto that cannot start is reported at once, and leaves nothing behind', async () => {
  const started = performance.now()
  await assert.rejects(startMoto('/bin/false', port + 2), /^Error: moto ended before it answered$/)
  assert.ok(performance.now() - started < 30_000)
})

test('a virtualenv whose interpreter has gone is made again', async () => {
  const requirements = join(directory, 'requirements.txt')
  writeFileSync(requirements, '')
  const virtualenv = { directory: join(directory, 'venv'), requirements, what: 'nothing' }
  mkdirSync(join(virtualenv.directory, 'bin'), { recursive: true })
  symlinkSync('/no/python', pythonOf(virtualenv))
  writeFileSync(join(virtualenv.directory, 'requirements.sha256'), createHash('sha256').update('').digest('hex'))
  await provide(virtualenv)
  await promisify(execFile)(pythonOf(virtualenv), ['-c', ''])
})

test('what deployments to other environments keep survives a local-down', () => {
  const state = join(directory, 'state')
  const deployments = join(state, 'deployments')
  for (const path of ['deployments/production/logs', 'deployments/local/logs', 'log'])
    mkdirSync(join(state, path), { recursive: true })
  assert.match(removeState(state) ?? '', /state, but not the deployments to production$/)
  assert.deepEqual([readdirSync(state), readdirSync(deployments)], [['deployments'], ['production']])
  assert.equal(removeState(state), undefined)
  rmSync(join(deployments, 'production'), { recursive: true })
  assert.equal(removeState(state), state)
  assert.equal(removeState(state), undefined)
})

test('two bring-ups never overlap', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    inside += 1
    most = Math.max(most, inside)
    await new Promise((resolve) => setTimeout(resolve, 50))
    inside -= 1
  }
  await Promise.all([exclusively(work), exclusively(work), exclusively(work)])
  assert.equal(most, 1)
})

// on a bare machine another suite may be installing for minutes
test('packages can be installed in the middle of a local-up', { timeout: 600_000 }, async () => {
  assert.equal(await exclusively(() => exclusively(async () => 'installed', 'apt')), 'installed')
})

test('a process that ignores SIGTERM is killed when the patience is over', async () => {
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'])
  await once(child.stdout, 'data')
  await stop(child.pid!, 200)
  assert.equal(isRunning(child.pid!), false)
})

for (const [what, info, message] of [
  ['Docker Desktop', { OperatingSystem: 'Docker Desktop', SecurityOptions: [] }, /Docker Desktop/],
  ['a rootless engine', { OperatingSystem: 'Debian', SecurityOptions: ['name=rootless'] }, /rootless/],
] as const) {
  test(`${what} is refused with a remedy`, async () => {
    const host = await fakeEngine(JSON.stringify(info))
    await assert.rejects(withDockerHost(host), { name: 'Failure', message, remedy: /install Docker Engine/ })
  })
}

test('an engine on another machine is refused with a remedy', async () => {
  await fakeEngine(JSON.stringify({ OperatingSystem: 'Debian' }))
  await assert.rejects(withDockerHost('tcp://192.0.2.1:2375'), { name: 'Failure', remedy: /unset DOCKER_HOST/ })
})

test('an engine that was named and does not answer is not passed over in silence', async () => {
  await assert.rejects(withDockerHost(`unix://${directory}/none.sock`), { message: /no Docker engine answers/ })
})

test('an engine that answers is the one to use', async () => {
  const host = await fakeEngine(JSON.stringify({ OperatingSystem: 'Debian GNU/Linux 12', SecurityOptions: [] }))
  assert.equal(await withDockerHost(host), host)
})

test('the form of the query protocol becomes nested objects and ordered lists', () => {
  const form = 'A=1&L.member.10=k&L.member.2=b&L.member.1=a&M.entry.1.key=k&M.entry.1.value=v&E.member=x&O.P.Q=q'
  assert.deepEqual(parseForm(new URLSearchParams(form)), {
    A: '1',
    L: ['a', 'b', 'k'],
    M: [{ key: 'k', value: 'v' }],
    E: { member: 'x' },
    O: { P: { Q: 'q' } },
  })
})

test('a call log that cannot be written leaves the local AWS running', async (context) => {
  const printed = new Promise<unknown>((resolve) =>
    context.mock.method(console, 'error', (_fact: string, error: unknown) => resolve(error)),
  )
  openCallLog(join(directory, 'none', 'calls.jsonl'))
  assert.equal(((await printed) as { code: string }).code, 'ENOENT')
})

test('a form that contradicts itself is the caller’s mistake', () => {
  assert.throws(() => parseForm(new URLSearchParams('A=1&A.B=2')), { code: 'MalformedQueryString' })
})

test('a form does not reach what every object inherits', () => {
  parseForm(new URLSearchParams('__proto__.StackName=x'))
  assert.equal('StackName' in {}, false)
})

test('XML carries every text, and what XML cannot carry does not break it', () => {
  const xml = renderXml({ R: { A: '<&">', B: 'a\u0000\u001Bb\n', C: undefined, D: [], E: false } }, 'member')
  assert.match(xml, /<R><A>&lt;&amp;&quot;&gt;<\/A><B>a\uFFFD\uFFFDb\n<\/B><D><\/D><E>false<\/E><\/R>$/)
})

/** A docker on the PATH that answers `docker info` with this, and a socket file for it. Returns its DOCKER_HOST. */
async function fakeEngine(info: string): Promise<string> {
  const bin = join(directory, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\ncat <<'INFO'\n${info}\nINFO\n`)
  chmodSync(join(bin, 'docker'), 0o755)
  writeFileSync(join(directory, 'docker.sock'), '')
  return `unix://${directory}/docker.sock`
}

async function withDockerHost(host: string): Promise<string | undefined> {
  const { PATH, DOCKER_HOST } = process.env
  Object.assign(process.env, { PATH: `${join(directory, 'bin')}:${PATH}`, DOCKER_HOST: host })
  try {
    return await findEngine()
  } finally {
    process.env['PATH'] = PATH
    if (DOCKER_HOST === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = DOCKER_HOST
  }
}
