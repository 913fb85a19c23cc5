#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Runs the test suites one after the other and adds them up; files that share nothing run side by side.
 *
 * usage: ./test/run.mts [suite…]      (make test ARGS="unit scripts"; no suite: all of them)
 *        ./test/run.mts --list
 *
 * Ends with "N passed, N failed" over all suites. A suite that ran no test, or that ended badly without naming a failed
 * test, counts as one failure. Exit code 0 only when nothing failed.
 */
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { typedAfresh } from '../lib/script/invocation.mts'
import { countTests, type Count } from './runner/count-tests.mts'
import { suites, type Suite } from './runner/suites.mts'

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
  const commands = commandsOf(suite)
  // several: each on its own, their output one after the other
  const ends = await pooled(commands.map((command) => () => ended(command, suite, commands.length > 1)))
  const count = countTests(suite.runner, ends.map(({ output }) => output).join('\n'))
  const silent = ends.filter(({ output }) => isSilent(countTests(suite.runner, output)))
  const badly = ends.find(({ exitCode }) => exitCode !== 0)
  if (silent.length > 0 || (badly && count.failed === 0)) {
    const how = silent.length > 0 ? 'ran no test' : 'named no failed test'
    console.error(`error: the suite ${suite.name} ended with ${(silent[0] ?? badly)!.exitCode} and ${how}`)
    count.failed += 1
  }
  return count
}

function isSilent({ passed, failed }: Count): boolean {
  return passed + failed === 0
}

/** Runs jobs, as many at once as there are processors. */
async function pooled<T>(jobs: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  const left = jobs.entries()
  const worker = async () => {
    for (const [place, job] of left) results[place] = await job()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return results
}

interface Ended {
  exitCode: number | null
  output: string
}

/** @param quiet its output is shown when it has ended, in one piece */
async function ended([command, ...flags]: string[], suite: Suite, quiet: boolean): Promise<Ended> {
  const child = spawn(command!, flags, {
    cwd: join(root, suite.directory),
    stdio: ['ignore', 'pipe', quiet ? 'pipe' : 'inherit'],
    // what is tested is typed by someone else than who typed `make test`;
    // the spec reporter and vitest write what is read here; colours would only be in the way of a log
    env: { ...typedAfresh(), NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (!quiet) process.stdout.write(text)
    })
  const exitCode = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (quiet) process.stdout.write(output)
  return { exitCode, output }
}

/** The commands that run a suite: one, or one for each file where the files run side by side. */
function commandsOf({ runner, directory, files: patterns, sideBySide }: Suite): string[][] {
  const files = patterns.flatMap((pattern) => filesOf(join(root, directory), pattern))
  const bin = join(root, 'node_modules', '.bin')
  switch (runner) {
    case 'node': {
      // otherwise one file at a time: they share two cores, one Docker engine and one local AWS
      const concurrency = `--test-concurrency=${sideBySide ? availableParallelism() : 1}`
      return [[process.execPath, '--import', 'tsx', '--test', concurrency, '--test-reporter=spec', ...files]]
    }
    case 'bats': {
      // its package declares a directory of binaries, which npm links only where it installs globally
      const bats = [join(root, 'node_modules', 'bats', 'bin', 'bats'), '--tap', '--print-output-on-failure']
      // `bats --jobs` would need GNU parallel; the largest first, so that none is left for the end
      return sideBySide ? bySize(files).map((file) => [...bats, file]) : [[...bats, ...files]]
    }
    case 'vitest':
      return [[join(bin, 'vitest'), 'run']]
  }
}

function bySize(files: string[]): string[] {
  return files.toSorted((one, other) => statSync(other).size - statSync(one).size)
}

/** node --test takes a glob by itself only from Node 21 on. */
function filesOf(directory: string, pattern: string): string[] {
  const folder = join(directory, dirname(pattern))
  const [start, end] = basename(pattern).split('*') as [string, string]
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.startsWith(start) && file.endsWith(end))
    .toSorted()
    .map((file) => join(folder, file))
}
