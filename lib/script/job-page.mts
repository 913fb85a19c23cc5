import { appendFileSync } from 'node:fs'
import { print } from './surroundings.mts'

/*
 * What a CI reads after the step: its outputs, and the page of its job.
 */

/** What later steps and jobs can use: `steps.deploy.outputs.verdict`. Values of one line. */
export function giveOutputs(outputs: Record<string, string>): void {
  append(
    'GITHUB_OUTPUT',
    Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`),
  )
}

const page: string[] = []

/** Adds Markdown to the page of the job, which is written when the script ends. */
export function addToPage(markdown: string): void {
  page.push(markdown)
}

/** Text as it is. A line of it cannot close a fence of four backticks. */
export function fenced(lines: readonly string[]): string {
  return `\`\`\`\`text\n${lines.join('\n')}\n\`\`\`\`\n`
}

/**
 * Writes the page of the job. A run without a page of its own, since it was refused, has one when it failed.
 * @param undo commands that undo what the run has done
 * @param failure title and lines of what it ended with
 */
export function writePage(undo: readonly string[], failure?: { title: string; lines: readonly string[] }): void {
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
