import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { jobsOf } from '../../runner/jobs.mts'
import { runJobs, type Ended } from '../../runner/run-jobs.mts'
import { filesWithoutTest } from '../../runner/count-tests.mts'
import { first, suites, type Suite } from '../../runner/suites.mts'

test('a test that leaves a process with its output does not hold up the run', async () => {
  const ends: Ended[] = []
  const command = ['/bin/sh', '-c', 'sleep 30 & echo said; exit 7']
  await runJobs([{ suite: suites[0]!, name: 'leaves', files: [], command, directory: '/' }], (end) => ends.push(end))
  const [{ exitCode, seconds, output }] = ends as [Ended]
  assert.equal(exitCode, 7)
  assert.match(output, /^said\n\nwarning: leaves has left a process/)
  assert.ok(seconds < 20, `${seconds} s`)
})

/** Runs commands of suites that differ from another in these fields; the jobs are named by their place. */
async function ran(
  commands: [suite: Partial<Suite>, ...command: string[]][],
  options?: Parameters<typeof runJobs>[2],
): Promise<Ended[]> {
  const ends: Ended[] = []
  const jobs = commands.map(([suite, ...command], index) => {
    return { suite: { ...suites[0]!, ...suite }, name: `job ${index}`, files: [], command, directory: '/' }
  })
  await runJobs(jobs, (end) => void ends.push(end), options)
  return ends
}

test('a small job does not overtake a large one that waits for room', async () => {
  const all = availableParallelism()
  const ends = await ran([
    [{ load: all * 0.8 }, 'sleep', '0.5'],
    [{ load: all }, 'true'],
    [{ load: all * 0.1 }, 'true'],
  ])
  assert.deepEqual(
    ends.map(({ job }) => job.name),
    ['job 0', 'job 1', 'job 2'],
  )
})

test('jobs run at the same time when their loads fill the machine, in tenths too', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'at once '))
  context.after(() => rmSync(directory, { recursive: true }))
  // each ends when all have begun
  const meet = 'touch "$1/$$"; until [ "$(ls "$1" | wc -l)" = 5 ]; do sleep 0.05; done'
  const suite = { load: availableParallelism() / 5 }
  const ends = await ran(Array.from({ length: 5 }, () => [suite, 'timeout', '60', 'sh', '-c', meet, 'sh', directory]))
  assert.deepEqual(
    ends.map(({ exitCode }) => exitCode),
    [0, 0, 0, 0, 0],
  )
})

test('fewer run at the same time where a processor takes longer', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'slow '))
  context.after(() => rmSync(directory, { recursive: true }))
  const count = 'touch "$1/$$"; ls "$1" | wc -l; sleep 0.3; rm "$1/$$"'
  const jobs = Array.from({ length: availableParallelism() * 2 }, () => [
    { load: 0.5 },
    'sh',
    '-c',
    count,
    'sh',
    directory,
  ])
  const ends = await ran(jobs as Parameters<typeof ran>[0], { slowness: 3 })
  assert.ok(Math.max(...ends.map(({ output }) => Number(output))) < jobs.length)
})

test('what is started first is there', () => {
  const names = jobsOf([], 'all').jobs.map(({ name }) => name)
  assert.deepEqual(
    first.filter((beginning) => !names.some((name) => name.startsWith(beginning))),
    [],
  )
  assert.ok(names[0]!.startsWith(first[0]!), names[0])
})

test('a job that takes too long is asked to end, may clean up, and has failed', async () => {
  const command = ['sh', '-c', 'trap "echo cleaned up; exit 0" TERM; sleep 30 & wait']
  const [{ exitCode, seconds, output }] = (await ran([[{}, ...command]], { limit: () => 6_000 })) as [Ended]
  assert.equal(exitCode, null)
  assert.match(output, /^error: job 0 was stopped after 0\.1 minutes\n(Terminated\n)?cleaned up$/m)
  assert.ok(seconds < 20, `${seconds} s`)
})

test('a job writes nothing on the page of the CI job that runs it', async (context) => {
  context.after(() => ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'].forEach((name) => delete process.env[name]))
  Object.assign(process.env, { GITHUB_OUTPUT: '/nonexistent', GITHUB_STEP_SUMMARY: '/nonexistent' })
  const [{ exitCode, output }] = (await ran([
    [{}, 'sh', '-c', '! env | grep -E "^GITHUB_(OUTPUT|STEP_SUMMARY)="'],
  ])) as [Ended]
  assert.equal(exitCode, 0, output)
})

test('an assertion that fails in a long file says so at once', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'long-'))
  context.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'long.mts')
  const lines = (name: string) =>
    Array.from(
      { length: 80 },
      (_, index) => `function ${name}${index}(text: string): string {\n  return text + '${name}'\n}`,
    )
  const failing = [`import assert from 'node:assert/strict'`, ...lines('before'), `assert.ok(before1('') === '')`]
  writeFileSync(file, [...failing, ...lines('after')].join('\n'))
  const { command } = jobsOf(['test/unit/runner/run-jobs.test.mts'], 'fast').jobs[0]!
  const [node, ...flags] = command.slice(0, -1) as [string, ...string[]]
  const { stderr } = spawnSync(node, [...flags, file], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' })
  assert.match(stderr, /AssertionError \[ERR_ASSERTION\]: .*\n +at .*long\.mts:242:8/)
})

test('a file that runs no test is named, also where it shares a process', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'together-'))
  context.after(() => rmSync(directory, { recursive: true }))
  const files = ['empty.mjs', 'full.mjs'].map((name) => join(directory, name)) as [string, string]
  writeFileSync(files[0], '')
  writeFileSync(files[1], "import { test } from 'node:test'\ntest('passes', () => {})\n")
  const together = join(import.meta.dirname, '..', '..', 'runner', 'together.mts')
  const { stdout } = spawnSync(process.execPath, [...process.execArgv, together, ...files], { encoding: 'utf8' })
  assert.match(stdout, /^ℹ pass 1$/m)
  assert.deepEqual(filesWithoutTest(files, stdout), [files[0]])
})
