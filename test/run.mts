#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Runs the tests, several files at a time, and adds them up.
 *
 *   ./test/run.mts                      make test: all but the files named *.slow.test.*
 *   ./test/run.mts --all                make test-all: all
 *   ./test/run.mts --slow               what make test leaves out
 *   ./test/run.mts <suite or file>…     make test ARGS="unit scripts"; whole suites
 *   ./test/run.mts --list               the suites
 *
 * Ends with what failed, and "N passed, N failed" over all files. A file that ran no test, or that ended badly without
 * naming a failed test, counts as one failure. Exit code 0 only when nothing failed, 2 for a word that is no suite or file.
 */
import { manual } from '../lib/script/main.mts'
import { countTests, failuresIn, filesWithoutTest, type Count } from './runner/count-tests.mts'
import { jobsOf, type Tier } from './runner/jobs.mts'
import { runJobs, type Ended } from './runner/run-jobs.mts'
import { slownessHere } from './runner/slowness.mts'
import { suites } from './runner/suites.mts'

const tiers: Record<string, Tier> = { '--all': 'all', '--slow': 'slow' }
const given = process.argv.slice(2)

if (given.includes('--list') || given.includes('--help')) {
  if (given.includes('--help')) console.log(manual(import.meta.filename))
  console.log(suites.map((suite) => `${suite.name.padEnd(16)}${suite.what}`).join('\n'))
  process.exit(0)
}
const tier = given.flatMap((word) => tiers[word] ?? [])[0] ?? 'fast'
const { jobs, unknown } = jobsOf(
  given.filter((word) => !(word in tiers)),
  tier,
)
if (unknown !== undefined) {
  console.error(
    `error: ${unknown} is neither a suite nor a test file\nremedy: choose from ${suites.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}

const totals = new Map<string, Count & { seconds: number }>()
const failures: string[] = []
const slowness = jobs.length > 1 ? slownessHere() : 1
if (slowness > 1.5)
  console.log(`a processor takes ${slowness.toFixed(1)} times as long here: fewer files run side by side`)
const addUp = (end: Ended) => {
  const count = countOf(end)
  if (count.failed > 0) failures.push(`── ${end.job.name}\n${failuresIn(end.job.suite.runner, end.output)}`)
  const total = totals.get(end.job.suite.name) ?? { passed: 0, failed: 0, skipped: 0, seconds: 0 }
  totals.set(end.job.suite.name, {
    passed: total.passed + count.passed,
    failed: total.failed + count.failed,
    skipped: total.skipped + count.skipped,
    seconds: total.seconds + end.seconds,
  })
}
await runJobs(jobs, addUp, { slowness })

console.log()
for (const [name, { passed, failed, seconds }] of totals)
  console.log(
    `${name.padEnd(16)}${String(passed).padStart(5)} passed${String(failed).padStart(5)} failed${seconds.toFixed(1).padStart(9)} s`,
  )
// a file that was alone has just said it
if (jobs.length > 1) for (const failure of failures) console.log(`\n${failure}`)
const sum = (key: keyof Count) => [...totals.values()].reduce((total, count) => total + count[key], 0)
const skipped = sum('skipped')
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
if (sum('failed') > 0) process.exitCode ??= 1

function countOf({ job, exitCode, output }: Ended): Count {
  const count = countTests(job.suite.runner, output)
  const isSilent = count.passed + count.failed === 0
  if (isSilent || (exitCode !== 0 && count.failed === 0)) {
    console.error(`error: ${job.name} exited with ${exitCode} and ${isSilent ? 'ran no test' : 'named no failed test'}`)
    count.failed += 1
  }
  const silent = isSilent ? [] : filesWithoutTest(job.files, output)
  for (const file of silent) console.error(`error: ${file} ran no test`)
  count.failed += silent.length
  return count
}
