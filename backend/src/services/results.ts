import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogRepository } from '../db/repositories/log.ts'
import { csvOf, type Row } from './csv.ts'
import { foldItem } from './game/fold.ts'
import { nameKey } from './game/names.ts'
import { answerRows, playerRows, questionRows } from './game/results.ts'
import { standings } from './game/standings.ts'
import type { EventState, Player } from './game/state.ts'

export type Results = ReturnType<typeof createResults>

/** The tables that a host can have as CSV. */
export const reports = ['players', 'answers', 'questions'] as const
export type Report = (typeof reports)[number]

/** Of the list in which a host looks for someone. */
interface FoundPlayer {
  player: number
  name: string
  standing: Player['standing']
  score: number
  /** null: removed. */
  rank: number | null
}

/** Players of one page. */
const pageLength = 50
const questionColumns = ['question', 'text', 'type', 'status', 'answered', 'right share'].concat(
  Array.from('ABCDEF', (letter) => [letter, `${letter} right`, `${letter} chosen`, `${letter} share`]).flat(),
)

/** What was read for the last list of players is kept for so long, in milliseconds. */
const keptFor = 60_000

/**
 * What is in an event's log, for its host. It reads the log beside what a running event waits for, and lets others run
 * while it counts: all of it for each report, and for a list of players only what is new since the last one. Rejects when
 * the database does not answer, and with LogNotUnderstood.
 */
export function createResults(log: Pick<LogRepository, 'read'>) {
  const reading = new Map<string, Promise<EventState | undefined>>()
  /** Of the event whose players were listed last: to look for someone takes many lists. A report must not see it change. */
  let kept: { eventId: string; state: EventState } | undefined
  let forgetting: NodeJS.Timeout | undefined

  /** Requests at the same time share one reading. */
  async function share(key: string, read: () => Promise<EventState | undefined>): Promise<EventState | undefined> {
    const shared = reading.get(key) ?? read().finally(() => reading.delete(key))
    reading.set(key, shared)
    return await shared
  }

  /** Undefined when there is no such event. `from`: is changed. */
  async function fold(eventId: string, from?: EventState): Promise<EventState | undefined> {
    let state = from
    // the last item once more: without it the event was erased, or has expired
    const items = await log.read(eventId, from ? from.number - 1 : 0)
    if (items.length === 0) return undefined
    for (const item of from ? items.slice(1) : items) {
      state = foldItem(state, item)
      await nextTurn()
    }
    return state
  }

  async function foldForList(eventId: string): Promise<EventState | undefined> {
    const known = kept?.eventId === eventId ? kept.state : undefined
    // nobody else changes it meanwhile, and what breaks off is not used again
    kept = undefined
    const state = await fold(eventId, known)
    kept = state && { eventId, state }
    clearTimeout(forgetting)
    forgetting = setTimeout(() => (kept = undefined), keptFor).unref()
    return state
  }

  return {
    /** The pieces of a report. Undefined when there is no such event. */
    async report(eventId: string, report: Report, withNames: boolean): Promise<AsyncGenerator<string> | undefined> {
      const state = await share(`report ${eventId}`, () => fold(eventId))
      if (!state) return undefined
      const { columns, rows } = tables[report](state)
      const name = columns.indexOf('name')
      const { language } = state.created.quiz
      if (withNames || name < 0) return csvOf(columns, rows, language)
      const without = (row: Row) => row.toSpliced(name, 1)
      return csvOf(without(columns), mapped(rows, without), language)
    },

    /**
     * Players whose names contain the text in any spelling, in the order of joining, those after a player's number.
     * `next` is the number to continue after; null at the end. Undefined when there is no such event.
     */
    async players(
      eventId: string,
      search: string,
      after: number,
    ): Promise<{ players: FoundPlayer[]; next: number | null } | undefined> {
      const state = await share(`list ${eventId}`, () => foldForList(eventId))
      if (!state) return undefined
      const wanted = nameKey(search)
      const found = state.players.filter(({ no, name }) => no > after && nameKey(name).includes(wanted))
      const page = found.slice(0, pageLength)
      const ranks = new Map(standings(state).map(({ player, rank }) => [player.no, rank]))
      return {
        players: page.map(({ no, name, standing, score }) => ({
          player: no,
          name,
          standing,
          score,
          rank: ranks.get(no) ?? null,
        })),
        next: found.length > page.length ? (page.at(-1)?.no ?? null) : null,
      }
    },
  }
}

const tables: Record<Report, (state: EventState) => { columns: readonly string[]; rows: Iterable<Row> }> = {
  players: (state) => ({
    columns: ['rank', 'player', 'name', 'score', 'right', 'answered', 'seconds'],
    rows: playerRows(state).map(({ rank, player, name, score, right, answered, seconds }) => [
      rank,
      player,
      name,
      score,
      right,
      answered,
      seconds ?? undefined,
    ]),
  }),
  answers: (state) => ({
    columns: ['player', 'name', 'question', 'text', 'choice', 'right', 'milliseconds', 'points', 'status'],
    rows: answers(state),
  }),
  questions: (state) => ({
    columns: questionColumns,
    rows: questionRows(state).map(({ question, text, type, status, answered, rightShare, options }) => {
      const known = [question, text, type, status, answered, rightShare === null ? undefined : rounded(rightShare)]
      const cells = options.flatMap((option) => [
        option.text,
        yesOrNo(option.right),
        option.chosen,
        rounded(option.share),
      ])
      // each line of a CSV has the same number of cells
      const missing = questionColumns.length - known.length - cells.length
      return [...known, ...cells, ...Array.from({ length: missing }, () => undefined)]
    }),
  }),
}

/** Question by question: 100,000 answers at once would hold up everyone else. */
function* answers(state: EventState): Generator<Row> {
  for (const [question, asked] of state.asked) {
    for (const row of answerRows({ ...state, asked: new Map([[question, asked]]) })) {
      const right = row.right === null ? undefined : yesOrNo(row.right)
      yield [row.player, row.name, row.question, row.text, row.choice, right, row.milliseconds, row.points, row.status]
    }
  }
}

function* mapped<One, Other>(items: Iterable<One>, change: (item: One) => Other): Generator<Other> {
  for (const item of items) yield change(item)
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no'
}

function rounded(share: number): number {
  return Math.round(share * 1_000) / 1_000
}
