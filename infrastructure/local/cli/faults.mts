#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../../../lib/script/start" "$0" "$@"'
/*
 * Makes chosen calls to the AWS on this machine fail, as AWS fails on a bad day.
 *
 *   ./infrastructure/local/cli/faults.mts add <kind> <service> [<action>] [--after <n>] [--count <n>|all] [--ms <n>]
 *   ./infrastructure/local/cli/faults.mts list
 *   ./infrastructure/local/cli/faults.mts clear [<id>]
 *   make local-faults ARGS='add throttle ecs update-service --count 2'
 *
 *   throttle        the service's own throttling error: ThrottlingException, Throttling, SlowDown
 *   error           an internal error, status 500
 *   expired-token   ExpiredToken, ExpiredTokenException
 *   drop            the connection closes without an answer, and nothing was done
 *   lost-answer     what was asked for is done, then the connection closes without an answer
 *   timeout         no answer until the client gives up
 *   slow            the answer comes later
 *
 *   <service>   as .local/calls.jsonl names it (ecs, s3, elasticloadbalancing, …); '*' for all
 *   <action>    as .local/calls.jsonl or aws names it (UpdateService, update-service); left out: all
 *   --after     calls that pass first (0)
 *   --count     calls that fail then (1)
 *   --ms        milliseconds until the answer, or the end of a timeout (slow: 5000, timeout: 300000)
 *
 * The call log marks the calls that failed so. Rules end with clear, or with the local AWS.
 */
import { Failure } from '../../../lib/script/failure.mts'
import { localConnection, notRunning } from '../connection.ts'
import { inColumns } from '../../../lib/script/drawing.mts'
import { main } from '../../../lib/script/main.mts'
import type { FaultRule } from '../gateway/fault-rules.ts'
import { parseCommandLine } from './arguments.mts'

const options = { after: { type: 'string' }, count: { type: 'string' }, ms: { type: 'string' } } as const

await main(import.meta, async (argv) => {
  const { values, positionals } = parseCommandLine({ args: argv, options, allowPositionals: true })
  const [verb = 'list', ...words] = positionals
  const most = { add: 3, list: 0, clear: 1 }[verb]
  if (most === undefined) throw new Failure(`unknown verb: ${verb}`, 'it is add, list or clear', 2)
  if (words.length > most) throw new Failure(`unexpected argument: ${words[most]}`, '--help shows the usage', 2)

  if (verb === 'add') {
    const [kind, service, action] = words
    await ask('POST', '', {
      kind,
      service,
      action,
      after: numberOf(values.after),
      count: values.count === 'all' ? null : numberOf(values.count),
      milliseconds: numberOf(values.ms),
    })
  }
  if (verb === 'clear') await ask('DELETE', words[0] === undefined ? '' : `/${words[0]}`)
  show(await ask('GET', ''))
})

async function ask(method: string, path: string, rule?: object): Promise<FaultRule[]> {
  const connection = await localConnection()
  if (!connection) throw new Failure(...notRunning)
  const answer = await fetch(`${connection.endpoint}/_local/faults${path}`, {
    method,
    ...(rule && { body: JSON.stringify(rule) }),
  })
  const body = await answer.json()
  if (!answer.ok) throw new Failure((body as { message: string }).message, '--help shows the usage', 2)
  return body as FaultRule[]
}

function show(rules: FaultRule[]): void {
  if (rules.length === 0) return void process.stdout.write('no fault rules\n')
  const rows = rules.map(({ id, kind, service, action, after, count, milliseconds, seen }) => [
    String(id),
    kind,
    service,
    action,
    `${count ?? 'all'} after ${after}`,
    kind === 'slow' || kind === 'timeout' ? `${milliseconds} ms` : '',
    `${Math.min(Math.max(seen - after, 0), count ?? Infinity)} affected`,
  ])
  process.stdout.write(inColumns(rows))
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Failure(`not a whole number: ${text}`, '--help shows the usage', 2)
  return Number(text)
}
