import { appendFileSync } from 'node:fs'
import { print } from './terminal.mts'

/*
 * The CI that this runs in, by what it alone sets: anyone may have a GITHUB_ACTOR in a shell.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 * https://docs.gitlab.com/ci/variables/predefined_variables/
 * https://buildkite.com/docs/pipelines/configure/environment-variables
 */

/** Who started the run, or started it again; empty outside a CI that says so. */
export function personInCi(env = process.env): string {
  if (env['GITHUB_ACTIONS'] === 'true') return env['GITHUB_TRIGGERING_ACTOR'] || env['GITHUB_ACTOR'] || ''
  if (env['GITLAB_CI'] === 'true') return env['GITLAB_USER_LOGIN'] ?? ''
  return env['BUILDKITE'] === 'true' ? (env['BUILDKITE_BUILD_CREATOR'] ?? '') : ''
}

/** Where its output can be read; empty outside a CI. */
export function ciRunUrl(env = process.env): string {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT = '1' } = env
  if (env['GITHUB_ACTIONS'] === 'true') {
    return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT}`
  }
  if (env['GITLAB_CI'] === 'true') return env['CI_JOB_URL'] ?? ''
  return env['BUILDKITE'] === 'true' ? `${env['BUILDKITE_BUILD_URL']}#${env['BUILDKITE_JOB_ID']}` : ''
}

/*
 * Commands to the runner of GitHub Actions. It reads them from both streams, so that stdout stays data.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */

export const isActions = process.env['GITHUB_ACTIONS'] === 'true'

/** A line that stands on the page of the run too. */
export function annotation(level: 'error' | 'warning', text: string, title = ''): string {
  const property = title && ` title=${inCommand(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}`
  return `::${level}${property}::${inCommand(text)}`
}

/** Shows on the page of a GitHub run what a report has found, and nothing elsewhere. */
export function annotate(level: 'error' | 'warning', fact: string, remedy: string): void {
  if (isActions) print(annotation(level, `${fact}\nremedy: ${remedy}`))
}

function inCommand(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Text that the runner does not obey: what a build or a task prints is no command of ours. */
export function withoutCommands(text: string): string {
  return isActions ? text.replaceAll(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##[', '## [') : text
}

/** From here on the runner hides this text in everything that the job prints. */
export function hideFromLog(secret: string): void {
  if (isActions) print(`::add-mask::${inCommand(secret)}`)
}

/*
 * Files that a CI reads after the step. Any CI may ask for them: GitLab reads the first as a dotenv report.
 */

/** Whether someone reads what a run gives. */
export function isReadByCi(env = process.env): boolean {
  return Boolean(env['GITHUB_OUTPUT'] || env['GITHUB_STEP_SUMMARY'])
}

/** What later steps and jobs can use: `steps.deploy.outputs.verdict`. Values of one line. */
export function giveOutputs(outputs: Record<string, string>): void {
  append(
    'GITHUB_OUTPUT',
    Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`),
  )
}

const page: string[] = []
const undo: string[] = []

/** Adds Markdown to the page of the job, which is written when the script ends. */
export function addToPage(markdown: string): void {
  page.push(markdown)
}

/** The same for a command that undoes what the run has done. */
export function addUndo(command: string): void {
  undo.push(command)
}

/** Text as it is. A line of it cannot close a fence of four backticks. */
export function fenced(lines: readonly string[]): string {
  return `\`\`\`\`text\n${lines.join('\n')}\n\`\`\`\`\n`
}

/**
 * Writes the page of the job. A run without a page of its own, since it was refused, has one when it failed.
 * @param failure title and lines of what it ended with
 */
export function writePage(failure?: { title: string; lines: readonly string[] }): void {
  if (page.length === 0 && failure) addToPage(`### ${failure.title}\n`)
  if (failure) addToPage(fenced(failure.lines))
  if (undo.length > 0) addToPage(`Undo with:\n\n${fenced(undo)}`)
  append('GITHUB_STEP_SUMMARY', page.length > 0 ? [page.join('\n'), '\n'] : [])
}

/** What cannot be written there is no reason to fail. */
function append(variable: 'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY', lines: string[]): void {
  const file = process.env[variable]
  if (!file || lines.length === 0) return
  try {
    appendFileSync(file, lines.join(''))
  } catch (error) {
    print(`warning: ${variable} could not be written: ${(error as Error).message}`)
  }
}
