/* How a run ends, with real processes: by signals at any moment, without a reader, and by SIGKILL. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../../../lib/script/files.mts'
import { retryUntil } from '../../../lib/script/job.mts'

const fixture = join(import.meta.dirname, 'fixtures', 'script.mts')
const start = join(root, 'lib', 'script', 'start')
const directory = mkdtempSync(join(tmpdir(), 'scripts '))
const patience = { within: 60_000, every: 50 }

after(() => rmSync(directory, { recursive: true }))

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const

interface Started {
  script: ChildProcess
  file: string
  output: () => string
  ended: Promise<unknown[]>
}

function startScript(mode: string, prefix: string[] = []): Started {
  const file = join(mkdtempSync(join(directory, 'a script ')), 'file')
  const [command, ...args] = [...prefix, start, fixture, mode, file]
  // a script that a CI reads writes a page between its last line and its end: a signal may still come in time
  const env = { ...process.env, GITHUB_OUTPUT: undefined, GITHUB_STEP_SUMMARY: undefined }
  // one that does not end fails its test
  const script = spawn(command, args, { env, timeout: 120_000, killSignal: 'SIGKILL' })
  let output = ''
  script.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { script, file, output: () => output, ended: once(script, 'exit') }
}

/** The script `quick`, in a copy of the room below a directory of that name. */
function startBelow(name: string) {
  const checkout = join(mkdtempSync(join(directory, 'below ')), name)
  const script = join(checkout, 'test', 'unit', 'script', 'fixtures', 'script.mts')
  cpSync(join(root, 'lib', 'script'), join(checkout, 'lib', 'script'), { recursive: true })
  cpSync(fixture, script)
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  writeFileSync(join(checkout, 'package.json'), '{"type": "module"}')
  return spawnSync(join(checkout, 'lib', 'script', 'start'), [script, 'quick'], { encoding: 'utf8' })
}

async function written({ file, output }: Started): Promise<number> {
  return await retryUntil(async () => {
    const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
    if (!text) throw new Error(`nothing was written: ${output()}`)
    return Number(text)
  }, patience)
}

async function hasGone(group: number): Promise<void> {
  await retryUntil(async () => assert.throws(() => process.kill(-group, 0), /ESRCH/), patience)
}

describe('a script', () => {
  for (const [signal, exitCode] of signals) {
    it(`ends its commands, cleans up and exits ${exitCode} on ${signal}`, async () => {
      const started = startScript('command')
      const pid = await written(started)
      started.script.kill(signal)
      assert.deepEqual(await started.ended, [exitCode, null])
      assert.match(started.output(), /cleaned up[\s\S]*warning: stopped by/)
      assert.throws(() => process.kill(pid, 0), 'its command runs on')
    })

    it(`exits ${exitCode} on ${signal} before it has begun`, async () => {
      const started = startScript('import')
      await written(started)
      started.script.kill(signal)
      assert.deepEqual(await started.ended, [exitCode, null])
      assert.equal(started.output(), '')
    })
  }

  it('names the Node to install where it runs on an older one', () => {
    const old = `data:text/javascript,Object.defineProperty(process, 'version', { value: 'v20.18.3' })`
    const { status, stderr } = spawnSync(start, [fixture, 'quick'], {
      env: { ...process.env, NODE_OPTIONS: `--import="${old}"` },
      encoding: 'utf8',
    })
    assert.equal(status, 1)
    assert.equal(stderr, 'error: node is 20.18.3\nremedy: install Node.js 20.19 or later (https://nodejs.org)\n')
  })

  it('says that its data could not be written, and fails; a story that is lost changes nothing', () => {
    const help = (redirected: string) =>
      spawnSync('sh', ['-c', `"$0" "$1" --help ${redirected}`, start, fixture], { encoding: 'utf8' })
    const full = help('>/dev/full')
    assert.equal(full.status, 1)
    assert.match(full.stderr, /^error: the output could not be written: ENOSPC.*\nremedy: .+\n$/)
    assert.equal(help('2>/dev/full').status, 0)
  })

  it('keeps its exit code when a signal comes after its end, while its output is being read', async () => {
    const started = startScript('quick')
    await retryUntil(async () => assert.match(started.output(), /cleaned up/), patience)
    started.script.kill('SIGTERM')
    assert.deepEqual(await started.ended, [0, null])
  })

  it('loses none of its output', async () => {
    const started = startScript('quick')
    let length = 0
    started.script.stdout!.on('data', (chunk: Buffer) => (length += chunk.length))
    await once(started.script, 'close')
    assert.equal(length, 200_000)
  })

  it('gives a stubborn command no more time at a second Ctrl-C, but not at the same one passed on', async () => {
    const started = startScript('stubborn')
    const group = await written(started)
    started.script.kill('SIGINT')
    // a second SIGINT would be one with the first, unless that was heard already
    started.script.kill('SIGTERM')
    await sleep(1_000)
    process.kill(group, 0)
    // on a busy machine the first may only now be heard
    let times = 0
    const again = setInterval(() => (times += Number(started.script.kill('SIGINT'))), 1_000)
    const [exitCode] = await started.ended
    clearInterval(again)
    assert.match(String(exitCode), /^(130|143)$/)
    assert.ok(times <= 2, `it took ${times} more`)
    await hasGone(group)
  })

  it('continues when no one reads its output any more', async () => {
    const started = startScript('chatty')
    for (const stream of [started.script.stdout!, started.script.stderr!]) stream.destroy()
    assert.deepEqual(await started.ended, [0, null])
    assert.equal(readFileSync(started.file, 'utf8'), 'done')
  })

  it('that only follows something ends quietly then', async () => {
    const started = startScript('following')
    await once(started.script.stdout!, 'data')
    started.script.stdout!.destroy()
    assert.deepEqual(await started.ended, [0, null])
    assert.equal(started.output(), 'cleaned up\n')
  })

  it('that only follows something stops when its data cannot be written', () => {
    const full = spawnSync('sh', ['-c', '"$0" "$1" following >/dev/full', start, fixture], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    assert.equal(full.status, 1)
    assert.match(full.stderr, /^cleaned up\nerror: the output could not be written: ENOSPC.*\nremedy: .+\n$/)
  })

  it('that only follows something says why it fails', async () => {
    const started = startScript('following-bug')
    assert.deepEqual(await started.ended, [1, null])
    assert.match(started.output(), /cleaned up\nError: a bug/)
  })

  it('keeps the promise of nohup', async () => {
    const started = startScript('command', ['nohup'])
    await written(started)
    started.script.kill('SIGHUP')
    await sleep(500)
    assert.equal(started.script.exitCode, null)
    started.script.kill('SIGTERM')
    assert.deepEqual(await started.ended, [143, null])
  })

  it('takes its commands along when it is killed', async () => {
    const started = startScript('stubborn')
    const group = await written(started)
    started.script.kill('SIGKILL')
    await hasGone(group)
  })

  for (const name of ['c#work', '50%20off', 'ü b']) {
    it(`starts below the directory ${name}`, () => {
      const { status, stdout, stderr } = startBelow(name)
      assert.deepEqual([status, stdout.length, stderr], [0, 200_000, 'cleaned up\n'])
    })
  }

  for (const name of ['what?', 'back\\s']) {
    it(`refuses the directory ${name}, in which no build works`, () => {
      const { status, stderr } = startBelow(name)
      assert.equal(status, 1)
      assert.match(stderr, /^error: tsx and Vite do not work below .*\nremedy: rename the directory\n$/)
      assert.ok(stderr.includes(name))
    })
  }

  it('says that NODE_OPTIONS lets no Node start', () => {
    const { status, stderr } = spawnSync(start, [fixture, 'quick'], {
      env: { ...process.env, NODE_OPTIONS: '--require /nonexistent' },
      encoding: 'utf8',
    })
    assert.equal(status, 1)
    assert.equal(
      stderr,
      'error: no Node starts here with NODE_OPTIONS=--require /nonexistent\nremedy: unset NODE_OPTIONS\n',
    )
  })
})
