#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../../../lib/script/start" "$0" "$@"'
/*
 * A shell in which aws, cdk and docker talk to the AWS on this machine: every environment deploys there, production with
 * its own names included, and nothing reaches a real account.
 *
 *   ./infrastructure/local/cli/shell.mts [-c "<command>"]
 *   make local-shell               make local-shell ARGS='-c "aws s3 ls"'
 *
 *   -c   run that and come back; without it and without a terminal, the commands are read from stdin
 *
 * Needs the local AWS (make local-up). Exit code: the shell's.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { findProgram } from '../../../lib/script/children.mts'
import { withoutMakeVariables } from '../../../lib/script/command-line.mts'
import { connectToLocalAws, notRunning } from '../connection.ts'
import { Failure } from '../../../lib/script/failure.mts'
import { currentJob } from '../../../lib/script/job.mts'
import { main } from '../../../lib/script/main.mts'
import { parseCommandLine } from './arguments.mts'
import { prepareInteractiveShell } from './interactive-shell.mts'

await main(import.meta, async (argv) => {
  const { values } = parseCommandLine({ args: argv, options: { command: { type: 'string', short: 'c' } } })
  const variables = await connectToLocalAws()
  if (!variables) throw new Failure(...notRunning)
  // Ctrl-C is meant for the command in the shell
  process.removeAllListeners('SIGINT').on('SIGINT', () => {})

  const shell = ['bash', 'zsh'].includes(basename(process.env['SHELL'] ?? ''))
    ? process.env['SHELL']!
    : findProgram('bash')
      ? 'bash'
      : 'sh'
  const isInteractive = values.command === undefined && process.stdin.isTTY
  const { args, env } = isInteractive
    ? prepareInteractiveShell(shell, variables)
    : { args: values.command === undefined ? ['-s'] : ['-c', values.command], env: {} }
  const child = spawn(shell, args, { stdio: 'inherit', env: { ...withoutMakeVariables(), ...env } })
  // a shell that someone types in takes no SIGTERM; SIGHUP it passes on to its jobs
  const end = () => child.kill(isInteractive ? 'SIGHUP' : 'SIGTERM')
  const { signal: stopped } = currentJob()
  stopped.addEventListener('abort', end)
  if (stopped.aborted) end()
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  process.exitCode = code ?? 128 + constants.signals[signal!]
})
