import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { first, suites, type Suite } from './suites.mts'

const root = join(import.meta.dirname, '..', '..')

/** One file of a suite, several that share a process, or all of one whose runner takes them at once. */
export interface Job {
  suite: Suite
  /** `test/e2e/deploy-local.test.mts`, `unit: 10 files`, `frontend` */
  name: string
  /** Absolute paths; none where the runner finds them itself. */
  files: string[]
  command: string[]
  directory: string
}

export type Tier = 'fast' | 'slow' | 'all'

/**
 * The jobs of the suites and files that were named, or else those of a tier; the longest first.
 * Undefined: the word that names neither a suite nor a file of one.
 */
export function jobsOf(wanted: string[], tier: Tier): { jobs: Job[]; unknown?: string } {
  const all = suites.flatMap(jobsOfSuite)
  if (wanted.length === 0) {
    const jobs = all.filter(
      ({ suite, name }) => !suite.onRequest && (tier === 'all' || isSlow(name) === (tier === 'slow')),
    )
    return { jobs: together(jobs) }
  }
  const isMeant = (word: string) => (job: Job) => job.suite.name === word || job.name === relative(root, word)
  const unknown = wanted.find((word) => !all.some(isMeant(word)))
  const jobs = all.filter((job) => wanted.some((word) => isMeant(word)(job)))
  return unknown === undefined ? { jobs: together(jobs) } : { jobs, unknown }
}

/** The jobs, those of single files as one where their suite lets them share a process; each then has long and short ones. */
function together(jobs: Job[]): Job[] {
  const ofSuite = (suite: Suite) => jobs.filter((job) => job.suite === suite)
  return suites
    .flatMap((suite) => inOneProcess(suite, ofSuite(suite)))
    .toSorted((one, other) => rank(one) - rank(other))
}

function rank({ name }: Job): number {
  const place = first.findIndex((beginning) => name.startsWith(beginning))
  return place < 0 ? first.length : place
}

function inOneProcess(suite: Suite, jobs: Job[]): Job[] {
  const count = Math.ceil(jobs.length / (suite.together ?? 1))
  if (count === jobs.length) return jobs
  const { directory } = jobs[0]!
  return [...Array(count).keys()].map((group) => {
    const files = jobs.filter((_, index) => index % count === group).flatMap((job) => job.files)
    return { suite, name: `${suite.name}: ${files.length} files`, files, directory, command: commandOf(suite, files) }
  })
}

export function isSlow(name: string): boolean {
  return /\.slow\.test\.\w+$/.test(name)
}

function jobsOfSuite(suite: Suite): Job[] {
  const directory = join(root, suite.directory)
  if (suite.files === undefined)
    return [{ suite, name: suite.name, files: [], directory, command: commandOf(suite, []) }]
  const [folder, ending] = suite.files
  return readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(directory, folder, file))
    .toSorted((one, other) => statSync(other).size - statSync(one).size)
    .map((file) => ({
      suite,
      name: relative(root, file),
      files: [file],
      directory,
      command: commandOf(suite, [file]),
    }))
}

function commandOf({ runner }: Suite, files: string[]): string[] {
  switch (runner) {
    case 'node':
      // not --test: it would start a second process for the file
      return [
        process.execPath,
        '--import',
        join(root, 'lib/script/loader.mjs'),
        '--import',
        join(import.meta.dirname, 'assert.mjs'),
        '--test-reporter=spec',
        ...(files.length > 1 ? [join(import.meta.dirname, 'together.mts')] : []),
        ...files,
      ]
    case 'bats':
      // its package declares a directory of binaries, which npm links only where it installs globally
      return [join(root, 'node_modules', 'bats', 'bin', 'bats'), '--tap', '--print-output-on-failure', ...files]
    case 'vitest':
      return [join(root, 'node_modules', '.bin', 'vitest'), 'run']
  }
}
