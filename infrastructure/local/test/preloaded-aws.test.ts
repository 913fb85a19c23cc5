import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { processes, stop, type Process } from '../cli/process.mts'
import { provideVirtualenvOnce, python } from '../cli/virtualenv.mts'
import { startMoto, type Moto } from '../moto.ts'
import { region } from '../settings.ts'

/* A command that a server runs for it is seen from outside as the same command on its own: each is run both ways. */
const port = 15780
const endpoint = `http://127.0.0.1:${port}`
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
const none = join(directory, 'none')
const env = {
  ...process.env,
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_DEFAULT_REGION: region,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: none,
  AWS_SHARED_CREDENTIALS_FILE: none,
  AWS_DEFAULT_OUTPUT: 'json',
}
// a virtualenv has one server: other suites use theirs at the same time
const virtualenv = join(directory, 'venv')
const ownPython = join(virtualenv, 'bin', 'python')
const local = join(import.meta.dirname, '..')
const alone = [ownPython, join(local, 'aws_cli.py')]
const served = [ownPython, '-I', '-S', join(local, 'aws_client.py')]
let moto: Moto

before(async () => {
  await provideVirtualenvOnce()
  const original = dirname(dirname(python))
  if (spawnSync('cp', ['-al', original, virtualenv]).status !== 0) cpSync(original, virtualenv, { recursive: true })
  // a lock that is linked would be held by the server of the original
  for (const name of ['aws.lock', 'aws.sock']) rmSync(join(virtualenv, name), { force: true })
  moto = await startMoto(python, port)
  assert.equal((await ran(served, ['s3', 'mb', 's3://quiz'])).exitCode, 0)
  const stream = ['--log-group-name', 'quiz', '--log-stream-name', 'task']
  for (const args of [
    ['create-log-group', ...stream.slice(0, 2)],
    ['create-log-stream', ...stream],
    ['put-log-events', ...stream, '--log-events', `timestamp=${Date.now()},message=ready`],
  ])
    assert.equal((await ran(served, ['logs', ...args])).exitCode, 0)
  // the first command that found no server ran by itself, and has started one
  for (const deadline = Date.now() + 30_000; !(await isServed()); await sleep(100))
    assert.ok(Date.now() < deadline, 'no server came up')
})
after(async () => {
  await moto?.close()
  for (const { pid } of servers()) await stop(pid, 5_000)
  rmSync(directory, { recursive: true, force: true })
})

function start([command, ...flags]: string[], args: string[], variables: Record<string, string | undefined> = {}) {
  return spawn(command!, [...flags, ...args], { cwd: directory, env: { ...env, ...variables } })
}

async function ran(command: string[], args: string[], input = '', variables: Record<string, string | undefined> = {}) {
  const child = start(command, args, variables)
  child.stdin.on('error', () => {}).end(input)
  const [stdout, stderr, [exitCode, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ])
  return { exitCode, signal, stdout, stderr }
}

/** A command that runs until it is interrupted; shows a line as soon as it follows. */
const follow = ['logs', 'tail', 'quiz', '--follow']

/** A command that runs alone has become aws_cli.py, in the same process. */
const runsAlone = ({ pid }: ChildProcess) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('aws_cli.py')

/** Its request is on its way: it waits for the server's answer. */
const hasAsked = ({ pid }: ChildProcess) => /unix_stream_read/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'))

/** Commands that the server runs at this moment. */
function forks(): number {
  const pids = servers().map(({ pid }) => pid)
  return processes().filter(({ parent }) => pids.includes(parent)).length
}

function servers(): Process[] {
  return processes().filter(({ args: [, program, home] }) => program?.endsWith('/aws_server.py') && home === virtualenv)
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; !isSo(); await sleep(20)) assert.ok(Date.now() < deadline, what)
}

async function isServed(variables: Record<string, string | undefined> = {}): Promise<boolean> {
  const child = start(served, follow, variables)
  const ended = once(child, 'close')
  await until(() => runsAlone(child) || forks() > 0, 'it runs neither here nor there')
  const isAlone = runsAlone(child)
  child.kill('SIGKILL')
  await ended
  await until(() => forks() === 0, 'its fork still runs')
  return !isAlone
}

describe('a preloaded aws', () => {
  for (const [what, args, input, variables] of [
    ['succeeds', ['s3api', 'list-buckets', '--query', 'Buckets[].Name']],
    ['is refused by the service', ['ecs', 'describe-services', '--services', 'none']],
    ['is misspelled', ['ecs', 'nonsense']],
    ['reads stdin', ['s3', 'cp', '-', 's3://quiz/größe'], 'from stdin'],
    ['writes bytes to stdout', ['s3', 'cp', 's3://quiz/größe', '-']],
    ['reads a file of its directory', ['s3api', 'list-objects-v2', '--cli-input-json', 'file://input.json']],
    ['takes its settings from the environment', ['configure', 'list'], '', { AWS_DEFAULT_REGION: 'eu-central-1' }],
    ['lacks credentials', ['sts', 'get-caller-identity'], '', { AWS_ACCESS_KEY_ID: undefined }],
  ] as [string, string[], string?, Record<string, string | undefined>?][])
    it(`says what the plain one says when it ${what}`, async () => {
      writeFileSync(join(directory, 'input.json'), '{"Bucket": "quiz", "FetchOwner": false}')
      const comparable = async (command: string[]) => {
        const { stdout, ...rest } = await ran(command, args, input, variables)
        return { stdout: stdout.replaceAll(/"LastModified.*/g, ''), ...rest }
      }
      assert.deepEqual(await comparable(served), await comparable(alone))
    })

  it('makes files with the umask of its caller', async () => {
    assert.equal((await ran(served, ['s3', 'cp', '-', 's3://quiz/file'], 'text')).exitCode, 0)
    const line = `umask 077 && ${served.map((word) => `'${word}'`).join(' ')} s3 cp s3://quiz/file made`
    assert.equal((await ran(['sh', '-c', line], [])).exitCode, 0)
    assert.equal(statSync(join(directory, 'made')).mode & 0o777, 0o600)
  })

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    it(`ends as the plain one does on ${signal}`, async () => {
      const ends: unknown[] = []
      for (const command of [served, alone]) {
        const child = start(command, follow)
        await once(child.stdout, 'data')
        child.kill(signal)
        ends.push((await once(child, 'close')) as unknown)
      }
      assert.deepEqual(ends[0], ends[1])
    })

  it('takes the command with it when it is killed', async () => {
    const child = start(served, follow)
    await until(() => forks() > 0, 'it never ran')
    child.kill('SIGKILL')
    await until(() => forks() === 0, 'it still runs')
  })

  it('outlives clients that are killed before it answers', async () => {
    const [server] = servers()
    for (const moment of ['before', 'after'] as const) {
      process.kill(server!.pid, 'SIGSTOP')
      const child = start(served, follow)
      await until(() => hasAsked(child), 'it has not asked')
      if (moment === 'after') {
        // it is answered while it cannot read
        child.kill('SIGSTOP')
        process.kill(server!.pid, 'SIGCONT')
        await until(() => forks() > 0, 'it never ran')
      }
      child.kill('SIGKILL')
      await once(child, 'exit')
      process.kill(server!.pid, 'SIGCONT')
      await until(() => forks() === 0, 'it still runs')
    }
    assert.equal(await isServed(), true)
    assert.deepEqual(servers(), [server])
  })

  for (const [what, variables] of [
    ['towards anything but this machine', { AWS_ENDPOINT_URL: 'http://elsewhere.example' }],
    ['in another text encoding', { LC_ALL: 'POSIX' }],
    ['with service models of its own', { AWS_DATA_PATH: directory }],
  ] as const)
    it(`runs alone ${what}`, async () => assert.equal(await isServed({ ...variables, AWS_MAX_ATTEMPTS: '1' }), false))
})
