#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../../../lib/script/start" "$0" "$@"'
/*
 * What runs in the AWS on this machine, and where.
 *
 *   ./infrastructure/local/cli/status.mts [--json]
 *   make local-status
 *
 *   --json   the same as data
 *
 * Changes nothing. Exit code 1 when it does not run.
 */
import { Failure } from '../../../lib/script/failure.mts'
import { localConnection, notRunning, readText } from '../connection.ts'
import { inColumns } from '../../../lib/script/drawing.mts'
import { main } from '../../../lib/script/main.mts'
import { parseCommandLine } from './arguments.mts'
import { memoryOf } from './process.mts'
import { processLog } from './daemon.mts'
import { privateHost } from './docker/private-engine.mts'
import { callLogFile } from '../settings.ts'

/** Answer of `GET /_local`; what the rooms report is shown as it is. */
interface Status {
  pid: number
  endpoint: string
  account: string
  region: string
  iam: string
  moto: { pid: number; endpoint: string }
  rooms: Record<string, Record<string, unknown>[]>
  /** Resources that nothing here acts on, and how far they go. */
  recorded: { stack: string; logicalId: string; type: string; limit: string }[]
}

await main(import.meta, async (argv) => {
  const { values } = parseCommandLine({ args: argv, options: { json: { type: 'boolean', default: false } } })
  const connection = await localConnection()
  if (!connection) throw new Failure(...notRunning)
  const status = (await (await fetch(`${connection.endpoint}/_local`)).json()) as Status
  const memory = { gateway: megabytes(status.pid), moto: megabytes(status.moto.pid) }
  const engine = connection.environment['DOCKER_HOST']!
  const calls = countLines(readText(callLogFile))
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...status, memoryMegabytes: memory, engine, calls }, undefined, 2)}\n`)
    return
  }
  const facts = [
    ['endpoint', `${status.endpoint}, account ${status.account}, ${status.region}`],
    ['processes', `gateway ${status.pid} (${memory.gateway} MB), moto ${status.moto.pid} (${memory.moto} MB)`],
    ['IAM', status.iam],
    ['engine', `${engine}${engine === privateHost ? ', our own' : ''}`],
    ['calls', `${calls}, in ${callLogFile}`],
    ['log', processLog],
  ]
  process.stdout.write(inColumns(facts))
  for (const [room, things] of Object.entries(status.rooms)) {
    if (things.length === 0) continue
    const rows = [Object.keys(things[0]!), ...things.map((thing) => Object.values(thing).map(shown))]
    process.stdout.write(`\n${room}\n${inColumns(rows.map(indented))}`)
  }
  if (status.recorded.length === 0) return
  process.stdout.write(`\nrecorded, and not acted on\n${inColumns(byType(status.recorded).map(indented))}`)
})

function byType(recorded: Status['recorded']): string[][] {
  const counts = new Map<string, number>()
  for (const { type, limit } of recorded) {
    const kind = `${type}\t${limit}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => [`${count} ×`, ...kind.split('\t')])
}

function indented(row: string[]): string[] {
  return ['', ...row]
}

function megabytes(pid: number): number {
  return Math.round(memoryOf(pid) / 1024 / 1024)
}

function countLines(text = ''): number {
  return text.split('\n').length - 1
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ')
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
