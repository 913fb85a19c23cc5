import type { Command } from '../../types/protocol.ts'
import type { LogRecord } from '../../types/records.ts'
import type { CloseChange, CommandOutcome } from './changes.ts'
import { isNameTaken, type Pending } from './pending.ts'
import { mayAsk } from './fold.ts'
import { generatedName } from './names.ts'
import { type EventState, longestSleep, questionAt, quiet } from './state.ts'

interface Ruling {
  outcome: CommandOutcome
  records: LogRecord[]
}

/** These say what shall be, not what comes next: done twice, they change nothing more. */
const timeless = new Set<Command['name']>(['lock', 'unlock', 'remove', 'rename'])

export function decideCommand(pending: Pending, command: Command): Ruling {
  const { version } = pending.state
  if (!timeless.has(command.name) && command.version !== version) {
    return { outcome: { status: 'stale', version }, records: [] }
  }
  return ruling(pending.state, recordsOf(pending, command))
}

export function decideClose({ state }: Pending, { version }: CloseChange): Ruling {
  if (state.version !== version || state.phase !== 'question') {
    return { outcome: { status: 'stale', version: state.version }, records: [] }
  }
  const reveal: LogRecord[] = state.created.settings.reveal === 'auto' ? [{ kind: 'revealed' }] : []
  return ruling(state, [{ kind: 'closed' }, ...reveal])
}

/** Undefined: this cannot be done now. */
function recordsOf(pending: Pending, command: Command): LogRecord[] | undefined {
  const { state, now } = pending
  const { current, phase } = state
  const isOpen = phase === 'question' && current?.progress === 'open'
  switch (command.name) {
    case 'ask':
      return mayAsk(state, command.question) ? [asked(state, command.question, now)] : undefined
    case 'extend': {
      if (!isOpen || current.closesAt === null) return undefined
      return [{ kind: 'extended', closesAt: current.closesAt + command.seconds * 1_000 }]
    }
    case 'close': {
      // closed before it opens, nobody could ever answer it
      if (!isOpen || now < current.opensAt) return undefined
      return [{ kind: 'closing', closesAt: Math.min(now, current.closesAt ?? now) }]
    }
    case 'reveal':
      return phase === 'closed' ? [{ kind: 'revealed' }] : undefined
    case 'board':
      return phase === 'revealed' ? [{ kind: 'board' }] : undefined
    case 'skip':
      return phase === 'question' || phase === 'closed' ? [{ kind: 'skipped' }] : undefined
    case 'end':
      return phase === 'ended' ? undefined : [{ kind: 'ended' }]
    case 'lock':
      return state.locked ? [] : [{ kind: 'locked' }]
    case 'unlock':
      return state.locked ? [{ kind: 'unlocked' }] : []
    case 'remove':
      return removal(state, command.player, command.ban)
    case 'rename': {
      if (state.players[command.player - 1]?.standing !== 'in') return undefined
      const isTaken = (name: string) => isNameTaken(pending, name)
      const name = generatedName(state.created.quiz.language, isTaken, pending.random)
      return [{ kind: 'renamed', player: command.player, name }]
    }
  }
}

function asked(state: EventState, question: number, now: number): LogRecord {
  const { seconds } = questionAt(state, question)
  const wakeUp = now - state.writtenAt >= quiet ? longestSleep : 0
  const opensAt = Math.max(now + wakeUp, state.awakeAt) + state.created.settings.getReadySeconds * 1_000
  return { kind: 'asked', question, opensAt, closesAt: seconds === null ? null : opensAt + seconds * 1_000 }
}

function removal(state: EventState, no: number, ban: boolean): LogRecord[] | undefined {
  const player = state.players[no - 1]
  if (!player) return undefined
  if (player.standing === 'banned' || (player.standing === 'removed' && !ban)) return []
  return [{ kind: ban ? 'banned' : 'removed', player: no }]
}

const counted = new Set<LogRecord['kind']>([
  'asked',
  'extended',
  'closing',
  'closed',
  'revealed',
  'board',
  'skipped',
  'ended',
])

function ruling({ version }: EventState, records: LogRecord[] | undefined): Ruling {
  if (!records) return { outcome: { status: 'refused', version }, records: [] }
  const changes = records.filter(({ kind }) => counted.has(kind)).length
  return { outcome: { status: 'ok', version: version + changes }, records }
}
