import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { deafClient, dynamoDb, silenceable, env, page, refusedUpgrade } from './backend.ts'
import { surroundings } from './load-balancer.ts'

const root = join(import.meta.dirname, '..')

/** The real process, with nothing in its environment but what it is given. */
function start(t: TestContext, given: Record<string, string>, directory = root) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/index.ts'], {
    cwd: directory,
    env: { PATH: process.env['PATH'], ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
    // what it is expected to say or to do comes within seconds
    timeout: 120_000,
    killSignal: 'SIGKILL',
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('said')
    })
  }
  /** The first log line with this message. */
  async function line(message: string): Promise<Record<string, unknown>> {
    for (;;) {
      const found = output.split('\n').find((each) => each.includes(`"message":"${message}"`))
      if (found) return JSON.parse(found)
      await Promise.race([once(child, 'said'), once(child, 'close').then(() => assert.fail(output))])
    }
  }
  return {
    process: child,
    output: () => output,
    ended: ended(child),
    line,
    port: async () => Number((await line('listening'))['port']),
  }
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close')
  return code
}

const local = () => ({ ...env, AWS_ENDPOINT_URL_DYNAMODB: process.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '' })

test('SIGTERM asks the pages to leave, closes them with 1012 and ends with 0', async (t) => {
  await dynamoDb(t)
  const backend = start(t, { ...local(), STOP_SECONDS: '8' })
  const client = page(t, `ws://127.0.0.1:${await backend.port()}`)
  await client.next()
  backend.process.kill('SIGTERM')
  const { type, within } = await client.next()
  assert.equal(type, 'leaving')
  assert.ok(Number(within) > 500 && Number(within) <= 550, `${String(within)} ms`)
  assert.equal((await client.closed()).code, 1012)
  assert.equal(await backend.ended, 0)
})

test('SIGTERM ends with 0 while DynamoDB is out', async (t) => {
  const database = await dynamoDb(t)
  const backend = start(t, { ...local(), STOP_SECONDS: '10' })
  await page(t, `ws://127.0.0.1:${await backend.port()}`).next()
  await database.close()
  backend.process.kill('SIGTERM')
  assert.equal(await backend.ended, 0)
})

test('SIGTERM ends with 0 five seconds before SIGKILL while DynamoDB is silent', { timeout: 60_000 }, async (t) => {
  const { endpoint } = await dynamoDb(t)
  const database = await silenceable(t, endpoint)
  const backend = start(t, { ...local(), STOP_SECONDS: '10', AWS_ENDPOINT_URL_DYNAMODB: database.endpoint })
  const client = page(t, `ws://127.0.0.1:${await backend.port()}`)
  await client.next()
  database.silence()
  client.send({ type: 'ping', id: '1' })
  assert.equal((await client.next())['code'], 'unavailable')
  backend.process.kill('SIGTERM')
  assert.equal(await backend.ended, 0)
})

test('a task that the load balancer drains asks its pages to leave, refuses new ones and stays healthy', async (t) => {
  await dynamoDb(t)
  let state = 'healthy'
  const aws = await surroundings(t, () => ({ status: 200, state }))
  const backend = start(t, { ...local(), ...aws.environment, DRAIN_SECONDS: '7' })
  const port = await backend.port()
  const client = page(t, `ws://127.0.0.1:${port}`)
  await client.next()
  state = 'draining'
  const { type, within } = await client.next()
  assert.equal(type, 'leaving')
  assert.ok(Number(within) > 900 && Number(within) <= 1_000, `${String(within)} ms`)
  const refused = await refusedUpgrade(`ws://127.0.0.1:${port}`)
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '1'])
  refused.destroy()
  assert.equal((await client.closed()).code, 1012)
  await backend.line('drained')
  assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200)
  backend.process.kill('SIGTERM')
  assert.equal(await backend.ended, 0)
})

test('a second signal ends at once', async (t) => {
  await dynamoDb(t)
  const backend = start(t, { ...local(), LOG_LEVEL: 'debug' })
  deafClient(t, await backend.port())
  await backend.line('connected')
  backend.process.kill('SIGTERM')
  await backend.line('stopping')
  backend.process.kill('SIGTERM')
  assert.equal(await backend.ended, 143)
})

test('a bad environment ends with 1 and one line', async (t) => {
  const backend = start(t, { PORT: 'http' })
  assert.equal(await backend.ended, 1)
  const { level, message, error } = JSON.parse(backend.output())
  assert.deepEqual(
    { level, message, error },
    {
      level: 'error',
      message: 'cannot start',
      error:
        'ConfigError: PORT is "http": it must be a whole number from 0 to 65535; AWS_REGION is missing; APPLICATION_TABLE is missing',
    },
  )
})

test('a port that is taken ends with 1 and one line', async (t) => {
  await dynamoDb(t)
  const port = await start(t, local()).port()
  const second = start(t, { ...local(), PORT: String(port) })
  assert.equal(await second.ended, 1)
  assert.match(JSON.parse(second.output()).error, /EADDRINUSE.*127\.0\.0\.1:\d+$/)
})

test('the secret is in no log line', async (t) => {
  await dynamoDb(t)
  const backend = start(t, { ...local(), ADMIN_SECRET: 'do-not-tell', LOG_LEVEL: 'debug' })
  await page(t, `ws://127.0.0.1:${await backend.port()}`).next()
  backend.process.kill('SIGTERM')
  await backend.ended
  assert.match(backend.output(), /disconnected/)
  assert.doesNotMatch(backend.output(), /do-not-tell/)
})

/** The backend with a .env of its own, in a path with a space. */
function copyWithEnvFile(t: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
  t.after(() => rmSync(directory, { recursive: true }))
  cpSync(join(root, 'src'), join(directory, 'src'), { recursive: true })
  copyFileSync(join(root, 'package.json'), join(directory, 'package.json'))
  symlinkSync(join(root, '..', 'node_modules'), join(directory, 'node_modules'))
  writeFileSync(join(directory, '.env'), text)
  return directory
}

test('.env gives the defaults', async (t) => {
  await dynamoDb(t)
  const backend = start(t, local(), copyWithEnvFile(t, 'LOG_LEVEL=nonsense\n'))
  assert.equal(await backend.ended, 1)
  assert.match(backend.output(), /LOG_LEVEL is \\"nonsense\\"/)
})

test('the environment wins over .env', async (t) => {
  await dynamoDb(t)
  const backend = start(t, { ...local(), LOG_LEVEL: 'info' }, copyWithEnvFile(t, 'LOG_LEVEL=nonsense\n'))
  assert.equal((await backend.line('listening'))['level'], 'info')
})
