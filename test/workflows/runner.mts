import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localEnvironment } from '../../infrastructure/local/connection.ts'
import type { Checkout, Started } from '../e2e/support/checkout.mts'
import { assumeByToken, repository } from '../e2e/support/roles.mts'
import { workflowOf, workflowTexts, type Step, type Workflow } from './workflows.mts'

/*
 * What GitHub's runner does with the steps of a job, as far as our workflows need it: expressions, variables, the role that
 * the job assumes, `bash -e` on a file, outputs, the page. Other actions are left out: the copy is the checkout, and its
 * packages are installed.
 */

export type Context = Record<string, Record<string, unknown>>

/** A repository on GitHub. */
export interface Repository {
  /** What its jobs check out. */
  copy: Checkout
  variables: Record<string, string>
  /** The variables of each of its environments. */
  environments: Record<string, Record<string, string>>
}

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
  GITHUB_REPOSITORY: repository,
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RUN_ID: '42',
  GITHUB_SERVER_URL: 'https://github.com',
}

/** No one's: what points at the local AWS has an administrator's, which a job does not have. */
const nobody: NodeJS.ProcessEnv = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: undefined,
}

/** Runs the steps of a job in order. Fails when one does, and when a script of theirs was not the role that the job assumed. */
export async function runJob(at: Repository, file: string, name: string, context: Context): Promise<JobRun> {
  const job = openJob(at, file, name, context)
  const since = at.copy.calls().length
  const run: JobRun = { outputs: {}, page: '', output: '' }
  for (const step of job.steps) {
    if (!step.run) await job.assumeRole(step)
    else {
      const { started, outputFile, pageFile } = await job.start(step)
      const { exitCode, output } = await started.ended
      assert.equal(exitCode, 0, `${file}: ${step.name}:\n${output}`)
      Object.assign(run.outputs, outputsIn(outputFile))
      run.page += textOf(pageFile)
      run.output += output
    }
  }
  const asked = at.copy.calls(since).filter(({ action }) => action === 'GetCallerIdentity')
  assert.deepEqual([...new Set(asked.map(({ caller }) => caller))], [job.identity()])
  return run
}

/** Starts one step of a job, by its name, and leaves it to the caller. */
export async function startNamed(
  at: Repository,
  file: string,
  name: string,
  wanted: string,
  context: Context,
): Promise<Started> {
  const job = openJob(at, file, name, context)
  for (const step of job.steps) {
    if (!step.run) await job.assumeRole(step)
    else if (step.name === wanted) return (await job.start(step)).started
  }
  assert.fail(`${file} has no step ${wanted}`)
}

function openJob({ copy, variables, environments }: Repository, file: string, name: string, given: Context) {
  const workflow = workflowOf(workflowTexts[file]!)
  const job = workflow.jobs[name]!
  const environment = job.environment && evaluated(job.environment.name, given)
  const vars = { ...variables, ...(environment && environments[environment]) }
  const context: Context = { ...given, vars, matrix: evaluatedEach(given['matrix'] ?? {}, { vars }) }
  let credentials = nobody
  let identity: string | undefined

  return {
    /** Those that assume a role, and those with a `run` whose `if` holds. */
    steps: stepsToRun(job.steps ?? [], context),
    /** ARN of the session that the job has by now. */
    identity: () => identity,

    /** As https://github.com/aws-actions/configure-aws-credentials does: the later steps have its credentials. */
    async assumeRole(step: Step): Promise<void> {
      assert.equal(job.permissions?.['id-token'], 'write', `${file}: ${name} gets no token`)
      const asked = evaluatedEach(step.with ?? {}, context)
      const { 'role-to-assume': role, 'aws-region': region, 'role-duration-seconds': seconds = '3600' } = asked
      const subject = `repo:${repository}:${environment ? `environment:${environment}` : subjectOf(workflow)}`
      const { Credentials, AssumedRoleUser } = await assumeByToken(copy, role!, subject, 'GitHubActions', seconds)
      identity = AssumedRoleUser.Arn
      credentials = {
        AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
        AWS_SESSION_TOKEN: Credentials.SessionToken,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
      }
    },

    async start(step: Step): Promise<{ started: Started; outputFile: string; pageFile: string }> {
      const directory = mkdtempSync(join(copy.path, '.local', 'step-'))
      const [script, outputFile, pageFile] = ['script.sh', 'output', 'page'].map((each) => join(directory, each))
      writeFileSync(script!, step.run!)
      const started = copy.start(['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', script!], {
        ...github,
        ...(await localEnvironment(process.env, join(copy.path, '.local', 'connection.json'))),
        ...credentials,
        GITHUB_OUTPUT: outputFile!,
        GITHUB_STEP_SUMMARY: pageFile!,
        RUNNER_TEMP: join(copy.path, '.local'),
        ...evaluatedEach({ ...job.env, ...step.env }, context),
      })
      return { started, outputFile: outputFile!, pageFile: pageFile! }
    },
  }
}

function stepsToRun(steps: Step[], context: Context): Step[] {
  assert.equal(steps.find(({ run }) => run)?.run, 'npm ci')
  return steps.filter(({ uses, run, if: condition }) =>
    run
      ? run !== 'npm ci' && (condition === undefined || holds(condition, context))
      : uses?.startsWith('aws-actions/configure-aws-credentials@'),
  )
}

/** Who a job without an environment is: https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims */
function subjectOf({ on }: Workflow): string {
  return 'pull_request' in on ? 'pull_request' : 'ref:refs/heads/main'
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

function evaluatedEach(texts: Record<string, unknown>, context: Context): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, evaluated(String(text), context)]))
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
