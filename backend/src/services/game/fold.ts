import { type FoldedItem, type LogRecord, recordFormat, type RecordKind } from '../../types/records.ts'
import { nameKey } from './names.ts'
import { isCorrect, pointsFor } from './score.ts'
import { type Asked, emptyState, type EventState, longestSleep, type Player, questionAt, quiet } from './state.ts'

/** The log holds what this release does not understand, or has a gap. What was folded before it still holds. */
export class LogNotUnderstood extends Error {
  override readonly name = 'LogNotUnderstood'
}

/**
 * Folds the next item of the log into the state and returns it: the same object, changed; a new one for the first item.
 * A record that does not fit the state changes nothing, on every task alike. Throws LogNotUnderstood before anything
 * is changed.
 */
export function foldItem(state: EventState | undefined, item: FoldedItem): EventState {
  const next = (state?.number ?? 0) + 1
  if (item.number !== next) throw new LogNotUnderstood(`item ${item.number} where ${next} was expected`)
  if (item.format !== recordFormat) throw new LogNotUnderstood(`item ${item.number} has format ${item.format}`)
  const unknown = item.records.find(({ kind }) => !Object.hasOwn(folds, kind))
  if (unknown) throw new LogNotUnderstood(`item ${item.number} has a record of kind ${unknown.kind}`)

  const [first] = item.records
  if (!state && first?.kind !== 'created') throw new LogNotUnderstood('the log does not begin with its creation')
  const folded = state ?? emptyState(first as Extract<LogRecord, { kind: 'created' }>)
  for (const record of item.records) foldRecord(folded, record, item.at)
  if (state && item.at - state.writtenAt >= quiet) folded.awakeAt = item.at + longestSleep
  folded.number = item.number
  folded.writtenAt = item.at
  return folded
}

type Fold<Kind extends RecordKind> = (state: EventState, record: Extract<LogRecord, { kind: Kind }>, at: number) => void

const folds: { [Kind in RecordKind]: Fold<Kind> } = {
  created() {},

  joined(state, { players }) {
    for (const [no, name, tokenHash] of players) {
      if (no !== state.players.length + 1) continue
      const player: Player = { no, name, tokenHash, standing: 'in', score: 0, right: 0, answered: 0, taken: 0 }
      state.players.push(player)
      state.byToken.set(tokenHash, player)
      state.byName.set(nameKey(name), player)
      state.playing += 1
    }
  },

  removed: (state, { player }) => removePlayer(state, player, 'removed'),
  banned: (state, { player }) => removePlayer(state, player, 'banned'),

  renamed(state, { player: no, name }) {
    const player = state.players[no - 1]
    if (!player) return
    // the old name stays theirs: it may be the reason for the new one
    player.name = name
    state.byName.set(nameKey(name), player)
  },

  locked(state) {
    state.locked = true
  },
  unlocked(state) {
    state.locked = false
  },

  asked(state, { question, opensAt, closesAt }, at) {
    if (!mayAsk(state, question)) return
    const asked: Asked = {
      question,
      opensAt,
      closesAt,
      progress: 'open',
      answers: new Map(),
      late: new Map(),
      joined: 0,
    }
    state.asked.set(question, asked)
    state.current = asked
    state.startedAt ??= at
    enter(state, 'question')
  },

  extended(state, { closesAt }) {
    if (state.current?.progress !== 'open' || state.current.closesAt === null) return
    state.current.closesAt = closesAt
    state.version += 1
  },

  answered(state, { question, answers }) {
    const asked = state.current
    if (!asked || asked.question !== question || state.phase !== 'question') return
    for (const [no, choices, taken] of answers) {
      if (state.players[no - 1]?.standing === 'in' && !asked.answers.has(no)) asked.answers.set(no, { choices, taken })
    }
  },

  late(state, { question, answers }) {
    const asked = state.asked.get(question)
    for (const [no, choices, taken] of asked ? answers : []) {
      const known = asked?.answers.has(no) || asked?.late.has(no)
      if (state.players[no - 1] && !known) asked?.late.set(no, { choices, taken })
    }
  },

  closing(state, { closesAt }) {
    if (state.current?.progress !== 'open') return
    state.current.closesAt = closesAt
    state.current.progress = 'closing'
    state.version += 1
  },

  closed(state) {
    if (state.phase !== 'question' || !state.current) return
    state.current.progress = 'closed'
    state.current.joined = state.players.length
    enter(state, 'closed')
  },

  revealed(state) {
    if (state.phase !== 'closed' || !state.current) return
    state.current.progress = 'revealed'
    scoreAnswers(state, state.current)
    enter(state, 'revealed')
  },

  board(state) {
    if (state.phase === 'revealed') enter(state, 'board')
  },

  skipped(state) {
    if ((state.phase !== 'question' && state.phase !== 'closed') || !state.current) return
    state.current.progress = 'skipped'
    state.current.joined = state.players.length
    enter(state, 'board')
  },

  ended(state, _record, at) {
    if (state.phase === 'ended') return
    // a question that was not revealed counts for nobody
    if (state.current && state.current.progress !== 'revealed') state.current.progress = 'skipped'
    state.endedAt = at
    enter(state, 'ended')
  },
}

function foldRecord(state: EventState, record: LogRecord, at: number): void {
  // each function gets the kind that it is under; the compiler cannot follow that
  const fold = folds[record.kind] as (state: EventState, record: LogRecord, at: number) => void
  fold(state, record, at)
}

/** Whether a question may be asked now: it is there, was not asked before, and no other one is open or unrevealed. */
export function mayAsk({ created, asked, phase }: EventState, question: number): boolean {
  const free = phase === 'lobby' || phase === 'revealed' || phase === 'board'
  return free && question < created.quiz.questions.length && !asked.has(question)
}

function enter(state: EventState, phase: EventState['phase']): void {
  state.phase = phase
  state.version += 1
}

function removePlayer(state: EventState, no: number, standing: 'removed' | 'banned'): void {
  const player = state.players[no - 1]
  if (!player) return
  if (player.standing === 'in') state.playing -= 1
  player.standing = standing
}

function scoreAnswers(state: EventState, { question: number, answers }: Asked): void {
  const question = questionAt(state, number)
  for (const [no, { choices, taken }] of answers) {
    const player = state.players[no - 1]
    if (!player) continue
    player.answered += 1
    player.taken += taken
    if (isCorrect(question, choices)) player.right += 1
    player.score += pointsFor(question, choices, taken, state.created.settings.speed)
  }
}
