import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..', '..')
const directory = join(root, '.github', 'workflows')
const credentialsAction = 'aws-actions/configure-aws-credentials@'

export interface Step {
  name?: string
  id?: string
  uses?: string
  with?: Record<string, string>
  run?: string
  if?: string
  env?: Record<string, string>
}

interface Job {
  uses?: string
  with?: Record<string, string>
  if?: string
  env?: Record<string, string>
  environment?: { name: string }
  'timeout-minutes'?: number
  permissions?: Record<string, string>
  steps?: Step[]
  concurrency?: { group: string; 'cancel-in-progress': boolean }
  strategy?: { matrix: { include: Record<string, string>[] } }
}

export interface Workflow {
  name: string
  on: Record<string, unknown>
  jobs: Record<string, Job>
}

/** The text of each workflow, by the name of its file. */
export const workflowTexts: Record<string, string> = Object.fromEntries(
  readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), 'utf8')]),
)

export function workflowOf(text: string): Workflow {
  return parse(text) as Workflow
}

function stepsOf(text: string): Step[] {
  return Object.values(workflowOf(text).jobs).flatMap(({ steps = [] }) => steps)
}

/** What is wrong with a workflow that no linter knows: our rules. */
export function faultsOf(text: string): string[] {
  const scripts = stepsOf(text).flatMap(({ run = '' }) => run)
  const { scripts: npm } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  return [
    // a tag can be moved to other code; the comment is what a person reads, and what Renovate keeps
    ...lines(text, /^\s*(?:- )?uses: (?!\.\/)/)
      .filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))
      .map((line) => `not pinned: ${line}`),
    // GitHub interrupts the shell of a step alone; a script that is its child would never hear of it
    ...scripts
      .flatMap((script) => lines(script, /\.\/(deploy|test)\//))
      .filter((line) => !/(^|[;)]| then) ?exec \.\/(deploy|test)\//.test(line))
      .map((line) => `no exec: ${line}`),
    ...scripts
      .flatMap((script) => script.match(/\.\/(?:deploy|test|lib)\/[\w./-]+/g) ?? [])
      .filter((file) => !existsSync(join(root, file)))
      .map((file) => `no such script: ${file}`),
    ...scripts
      .flatMap((script) => [...script.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!))
      .filter((name) => !(name in npm))
      .map((name) => `no such npm script: ${name}`),
    // a run that loses its credentials cannot give back the lock; the action's sessions last an hour
    ...Object.entries(workflowOf(text).jobs).flatMap(([job, { steps = [], 'timeout-minutes': minutes = 360 }]) =>
      steps
        .filter(({ uses = '' }) => uses.startsWith(credentialsAction))
        .filter((step) => Number(step.with?.['role-duration-seconds'] ?? 3600) < minutes * 60)
        .map(() => `credentials that end before the job: ${job}`),
    ),
    // what packages bring has no business with them
    ...Object.entries(workflowOf(text).jobs)
      .filter(([, { steps = [] }]) => installsWithCredentials(steps))
      .map(([job]) => `packages installed with credentials: ${job}`),
    // text of a person in a shell is code of a person in a shell
    ...scripts.filter((script) => script.includes('${{')).map((script) => `an expression in a shell: ${script}`),
  ]
}

function installsWithCredentials(steps: Step[]): boolean {
  const credentials = steps.findIndex(({ uses = '' }) => uses.startsWith(credentialsAction))
  return credentials >= 0 && steps.slice(credentials).some(({ run = '' }) => /\bnpm (ci|i|install)\b/.test(run))
}

function lines(text: string, pattern: RegExp): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => pattern.test(line))
}
