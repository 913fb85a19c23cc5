import { logRepository } from '../../backend/src/db/repositories/log.ts'
import { openTable } from '../../backend/src/db/client.ts'
import { foldLog } from '../../backend/local/fold-log.ts'
import type { HostLink } from './host.mts'
import type { World } from './world.mts'

/** What a player did, and what was said to it. Times are milliseconds. */
export interface Tap {
  player: number
  /** Position in the quiz, from 0. */
  question: number
  choice: number
  tapped: number
  /** When it was sent last. */
  sent: number
  acked?: number
  status?: string
  /** The choices that the acknowledgement names. */
  kept?: number[]
}

export interface Verdict {
  /** Acknowledged, and not counted as acknowledged. */
  lost: number
  /** Counted, and never tapped. */
  phantom: number
  /** Counted more than once. */
  double: number
  /** Tapped, and never told anything. */
  silent: number
}

/** A line of answers.csv. */
export interface Row {
  player: number
  question: number
  choice: number
}

/** Compares the taps with answers.csv and with the log itself. Throws when these two differ. */
export async function judgeEvent(world: World, event: HostLink, taps: readonly Tap[]): Promise<Verdict> {
  const all = await answersCsv(world, event)
  const rows = all.filter(({ status }) => status === 'saved')
  requireEqual(countedIn(rows), await countedInLog(world, event.id))
  const reported = new Set(all.map(keyOf))
  const missing = taps.filter((tap) => tap.status === 'late' && !reported.has(keyOf(tap)))
  if (missing.length > 0) throw new Error(`${missing.length} late answers are not in answers.csv`)
  return verdictOf(rows, taps)
}

export function verdictOf(rows: readonly Row[], taps: readonly Tap[]): Verdict {
  const counted = countedIn(rows)
  const isKept = ({ status }: Tap) => status === 'saved' || status === 'already'
  const known = new Set(taps.map((tap) => `${keyOf(tap)}/${tap.choice}`))
  return {
    lost: taps.filter((tap) => isKept(tap) && counted.get(keyOf(tap)) !== tap.kept?.[0]).length,
    phantom: rows.filter((row) => !known.has(`${keyOf(row)}/${row.choice}`)).length,
    double: rows.length - counted.size,
    silent: taps.filter(({ status }) => status === undefined).length,
  }
}

export const nothingWrong: Verdict = { lost: 0, phantom: 0, double: 0, silent: 0 }

/** How many taps were answered how. */
export function statuses(taps: readonly Tap[]): Record<string, number> {
  const count: Record<string, number> = {}
  for (const { status = 'silent' } of taps) count[status] = (count[status] ?? 0) + 1
  return count
}

function countedIn(rows: readonly Row[]): Map<string, number> {
  return new Map(rows.map((row) => [keyOf(row), row.choice]))
}

function keyOf({ player, question }: { player: number; question: number }): string {
  return `${question}/${player}`
}

async function answersCsv(world: World, { id, hostToken }: HostLink): Promise<(Row & { status: string })[]> {
  const [origin] = world.origins()
  const response = await fetch(`${origin}/api/events/${id}/results/answers.csv`, {
    headers: { authorization: `Bearer ${hostToken}` },
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`answers.csv: ${response.status} ${text}`)
  // no cell of these quizzes has a comma or a quotation mark
  const [head = [], ...lines] = text
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  const cell = (line: string[], column: string) => line[head.indexOf(column)] ?? ''
  return lines.map((line) => ({
    player: Number(cell(line, 'player')),
    question: Number(cell(line, 'question')) - 1,
    choice: 'ABCDEF'.indexOf(cell(line, 'choice')),
    status: cell(line, 'status'),
  }))
}

async function countedInLog({ table }: World, event: string): Promise<Map<string, number>> {
  Object.assign(process.env, table.sdk)
  const { rest } = openTable('us-east-1', table.name)
  const state = foldLog(await logRepository(rest).read(event, 0))
  rest.client.destroy()
  const found = [...(state?.asked ?? [])].flatMap(([question, { answers }]) =>
    [...answers].map(([player, { choices }]) => [keyOf({ player, question }), Math.log2(choices)] as const),
  )
  return new Map(found)
}

function requireEqual(csv: Map<string, number>, log: Map<string, number>): void {
  const differing = [...new Set([...csv.keys(), ...log.keys()])].filter((key) => csv.get(key) !== log.get(key))
  if (differing.length > 0)
    throw new Error(`answers.csv and the log differ in ${differing.length}: ${differing.join(' ')}`)
}
