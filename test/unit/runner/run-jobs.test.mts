import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runJobs, type Ended } from '../../runner/run-jobs.mts'
import { suites } from '../../runner/suites.mts'

test('a test that leaves a process with its output does not hold up the run', async (context) => {
  context.mock.method(process.stdout, 'write', () => true)
  const ends: Ended[] = []
  const command = ['/bin/sh', '-c', 'sleep 30 & echo said; exit 7']
  await runJobs([{ suite: suites[0]!, name: 'leaves', command, directory: '/' }], (end) => ends.push(end))
  const [{ exitCode, seconds, output }] = ends as [Ended]
  assert.equal(exitCode, 7)
  assert.match(output, /^said\n\nwarning: leaves has left a process/)
  assert.ok(seconds < 20, `${seconds} s`)
})
