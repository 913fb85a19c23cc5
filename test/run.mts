#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/start" "$0" "$@"'
/*
 * Runs the test suites one after the other and adds them up.
 *
 * usage: ./test/run.mts [suite…]      (make test ARGS="unit scripts"; no suite: all of them)
 *        ./test/run.mts --list
 *
 * Ends with "N passed, N failed" over all suites. A suite that ran no test, or that ended badly without naming a failed
 * test, counts as one failure. Exit code 0 only when nothing failed.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { countTests, type Count } from './count-tests.mts'
import { suites, type Suite } from './suites.mts'

const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2)

if (wanted.includes('--list') || wanted.includes('--help')) {
  console.log(suites.map((suite) => `${suite.name.padEnd(16)}${suite.what}`).join('\n'))
  process.exit(0)
}
const unknown = wanted.find((name) => !suites.some((suite) => suite.name === name))
if (unknown !== undefined) {
  console.error(`error: there is no suite ${unknown}\nremedy: choose from ${suites.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const total: Count = { passed: 0, failed: 0, skipped: 0 }
const lines: string[] = []
for (const suite of suites.filter(({ name, onRequest }) =>
  wanted.length === 0 ? !onRequest : wanted.includes(name),
)) {
  console.log(`\n── ${suite.name}: ${suite.what}`)
  const started = performance.now()
  const count = await ran(suite)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  lines.push(
    `${suite.name.padEnd(16)}${String(count.passed).padStart(5)} passed${String(count.failed).padStart(5)} failed${seconds.padStart(9)} s`,
  )
  total.passed += count.passed
  total.failed += count.failed
  total.skipped += count.skipped
}
console.log(`\n${lines.join('\n')}\n`)
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed > 0 ? 1 : 0

async function ran(suite: Suite): Promise<Count> {
  const [command, ...flags] = commandOf(suite)
  const child = spawn(command!, flags, {
    cwd: join(root, suite.directory),
    stdio: ['ignore', 'pipe', 'inherit'],
    // the spec reporter and vitest write what is read here; colours would only be in the way of a log
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const exitCode = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  const count = countTests(suite.runner, output)
  const isSilent = count.passed + count.failed === 0
  if (isSilent || (exitCode !== 0 && count.failed === 0)) {
    console.error(
      `error: the suite ${suite.name} ended with ${exitCode} and ${isSilent ? 'ran no test' : 'named no failed test'}`,
    )
    count.failed += 1
  }
  return count
}

function commandOf(suite: Suite): string[] {
  const files = suite.files.flatMap((pattern) => filesOf(join(root, suite.directory), pattern))
  const bin = join(root, 'node_modules', '.bin')
  switch (suite.runner) {
    case 'node':
      // one file at a time: they share two cores, one Docker engine and one local AWS
      return [process.execPath, '--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=spec', ...files]
    case 'bats':
      // its package declares a directory of binaries, which npm links only where it installs globally
      return [join(root, 'node_modules', 'bats', 'bin', 'bats'), '--tap', '--print-output-on-failure', ...files]
    case 'vitest':
      return [join(bin, 'vitest'), 'run']
  }
}

/** node --test takes a glob by itself only from Node 21 on. */
function filesOf(directory: string, pattern: string): string[] {
  const folder = join(directory, dirname(pattern))
  const [start, end] = basename(pattern).split('*') as [string, string]
  return readdirSync(folder)
    .filter((file) => file.startsWith(start) && file.endsWith(end))
    .toSorted()
    .map((file) => join(folder, file))
}
