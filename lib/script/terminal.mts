import { createInterface } from 'node:readline/promises'
import { currentJob } from './job.mts'
import { withoutLive } from './screen.mts'

/** Whether there is a person to ask. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && !process.env['CI']
}

export async function ask(question: string): Promise<string> {
  const { signal } = currentJob()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // readline takes Ctrl-C for itself
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return (await withoutLive(() => terminal.question(question, { signal }))).trim()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    terminal.close()
  }
}
