import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runJobs, type Ended } from '../../runner/run-jobs.mts'
import { filesWithoutTest } from '../../runner/count-tests.mts'
import { suites } from '../../runner/suites.mts'

test('a test that leaves a process with its output does not hold up the run', async () => {
  const ends: Ended[] = []
  const command = ['/bin/sh', '-c', 'sleep 30 & echo said; exit 7']
  await runJobs([{ suite: suites[0]!, name: 'leaves', files: [], command, directory: '/' }], (end) => ends.push(end))
  const [{ exitCode, seconds, output }] = ends as [Ended]
  assert.equal(exitCode, 7)
  assert.match(output, /^said\n\nwarning: leaves has left a process/)
  assert.ok(seconds < 20, `${seconds} s`)
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
