import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Checkout, Started } from '../e2e/support/checkout.mts'
import { workflowOf, workflowTexts, type Step } from './workflows.mts'

/*
 * What GitHub's runner does with the steps of a job, as far as our workflows need it: expressions, variables, `bash -e` on a
 * file, outputs, the page. A step that uses an action is left out: the local AWS gives the credentials, the copy is the
 * checkout, and its packages are installed.
 */

export type Context = Record<string, Record<string, unknown>>

interface JobRun {
  /** Of all steps together. */
  outputs: Record<string, string>
  /** The page of the job. */
  page: string
  output: string
}

/** The variables that GitHub sets (https://docs.github.com/en/actions/reference/workflows-and-actions/variables). */
const github = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTOR: 'ana',
  GITHUB_TRIGGERING_ACTOR: 'ben',
  GITHUB_REPOSITORY: 'org/quiz',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RUN_ID: '42',
  GITHUB_SERVER_URL: 'https://github.com',
}

/** Runs the steps of a job in order. Fails when one does. */
export async function runJob(copy: Checkout, file: string, job: string, context: Context): Promise<JobRun> {
  const run: JobRun = { outputs: {}, page: '', output: '' }
  for (const step of stepsToRun(file, job, context)) {
    const { started, outputFile, pageFile } = startStep(copy, step, environmentOf(file, job, step, context))
    const { exitCode, output } = await started.ended
    assert.equal(exitCode, 0, `${file}: ${step.name}:\n${output}`)
    Object.assign(run.outputs, outputsIn(outputFile))
    run.page += textOf(pageFile)
    run.output += output
  }
  return run
}

/** The steps with a `run` whose `if` holds. */
function stepsToRun(file: string, job: string, context: Context): Step[] {
  const { steps = [] } = workflowOf(workflowTexts[file]!).jobs[job]!
  const wanted = steps.filter(({ run, if: condition }) => run && (condition === undefined || holds(condition, context)))
  assert.equal(wanted.shift()?.run, 'npm ci')
  return wanted
}

/** Starts one step, by its name, and leaves it to the caller. */
export function startNamed(copy: Checkout, file: string, job: string, name: string, context: Context): Started {
  const step = stepsToRun(file, job, context).find((each) => each.name === name)
  assert.ok(step, `${file} has no step ${name}`)
  return startStep(copy, step, environmentOf(file, job, step, context)).started
}

function startStep(copy: Checkout, step: Step, env: Record<string, string>) {
  const directory = mkdtempSync(join(copy.path, '.local', 'step-'))
  const [script, outputFile, pageFile] = ['script.sh', 'output', 'page'].map((name) => join(directory, name))
  writeFileSync(script!, step.run!)
  const { environment, path } = JSON.parse(readFileSync(join(copy.path, '.local', 'connection.json'), 'utf8'))
  const started = copy.start(['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', script!], {
    ...github,
    ...environment,
    PATH: [...path, process.env['PATH']].join(delimiter),
    GITHUB_OUTPUT: outputFile!,
    GITHUB_STEP_SUMMARY: pageFile!,
    RUNNER_TEMP: join(copy.path, '.local'),
    ...env,
  })
  return { started, outputFile: outputFile!, pageFile: pageFile! }
}

function environmentOf(file: string, job: string, { env = {} }: Step, context: Context): Record<string, string> {
  const all = { ...workflowOf(workflowTexts[file]!).jobs[job]!.env, ...env }
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, evaluated(text, context)]))
}

function outputsIn(file: string): Record<string, string> {
  return Object.fromEntries([...textOf(file).matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]))
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

export function evaluated(text: string, context: Context): string {
  return text.replaceAll(/\$\{\{ (.+?) \}\}/g, (_, path: string) => valueOf(path, context))
}

/** `inputs.promote-from != ''`: the one form that our steps have. */
function holds(condition: string, context: Context): boolean {
  const [, path, other] = /^([\w.-]+) != '(.*)'$/.exec(condition) ?? assert.fail(`not understood: ${condition}`)
  return valueOf(path!, context) !== other
}

function valueOf(path: string, context: Context): string {
  const value = path.split('.').reduce<unknown>((found, key) => (found as Record<string, unknown>)?.[key], context)
  assert.ok(typeof value === 'string' || typeof value === 'number', `nothing is known of ${path}`)
  return String(value)
}
