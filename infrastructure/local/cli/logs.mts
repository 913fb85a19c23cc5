#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../../../lib/script/start" "$0" "$@"'
/*
 * The log of the AWS on this machine, and the output of its tasks.
 *
 *   ./infrastructure/local/cli/logs.mts [--follow]
 *   make local-logs                make local-logs ARGS=--follow
 *
 *   --follow   continue until Ctrl-C
 *
 * Changes nothing. Exit code 1 when it does not run; what its log says last is shown all the same.
 */
import { Failure } from '../../../lib/script/failure.mts'
import { pause } from '../../../lib/script/job.mts'
import { connectToLocalAws, notRunning, readText } from '../connection.ts'
import { main } from '../../../lib/script/main.mts'
import { parseCommandLine } from './arguments.mts'
import { processLog } from './daemon.mts'
import { createTaskOutput } from './task-output.mts'

await main(import.meta, async (argv) => {
  const { values } = parseCommandLine({ args: argv, options: { follow: { type: 'boolean', default: false } } })
  const log = readText(processLog)
  if (log === undefined) throw new Failure(...notRunning)
  const shown = log.length
  write(log.trimEnd().split('\n').slice(-40))

  if (!(await connectToLocalAws())) throw new Failure(...notRunning)
  const taskOutput = createTaskOutput()
  write(await taskOutput())
  for (let from = shown; values.follow; await pause(1_000)) {
    const text = readText(processLog) ?? ''
    write(text.slice(from).split('\n').filter(Boolean))
    from = text.length
    write(await taskOutput())
  }
})

function write(lines: string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}
