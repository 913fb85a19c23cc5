import { createInterface } from 'node:readline/promises'
import type { Environment } from './environments.mts'
import { Failure } from './failure.mts'
import { withFlag } from './invocation.mts'
import { currentJob } from './job.mts'

/** Whether there is somebody to ask. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && !process.env['CI']
}

export async function ask(question: string): Promise<string> {
  const { signal } = currentJob()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // readline takes Ctrl-C for itself
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return (await terminal.question(question, { signal })).trim()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    terminal.close()
  }
}

/** Production is changed only after its name was typed, or with `--yes`. */
export async function confirmed(environment: Environment, yes: boolean): Promise<void> {
  if (environment !== 'production' || yes) return
  if (!hasTerminal()) {
    throw new Failure('production asks for confirmation, and there is no terminal to ask on', withFlag('--yes'), 2)
  }
  if ((await ask('Type the name of the environment to change it: ')) !== environment) {
    throw new Failure('production was not confirmed; nothing was changed', 'run it again and type: production')
  }
}
