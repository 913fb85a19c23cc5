import type { Answering, LogRecord } from '../../types/records.ts'
import type { Change, OutcomeOf } from './changes.ts'
import { decideAnswer } from './decide-answer.ts'
import { decideClose, decideCommand } from './decide-command.ts'
import { decideJoin } from './decide-join.ts'
import type { Decided, Pending } from './pending.ts'
import type { EventState } from './state.ts'

/** Joins and answers in one item of the log: 1,500 joins of 80 bytes stay far below DynamoDB's 400 KB. */
const mostEntries = 1_500

export type Draft = ReturnType<typeof openDraft>

/** The state must not change while the draft is used. */
export function openDraft(state: EventState, now: number, random: () => number = Math.random) {
  const pending: Pending = {
    state,
    now,
    random,
    joined: new Map(),
    names: new Set(),
    answered: new Map(),
    late: new Map(),
  }
  let control: LogRecord[] = []

  function decide(change: Change): Decided {
    if (change.kind === 'join') return decideJoin(pending, change)
    if (change.kind === 'answer') return decideAnswer(pending, change)
    const { outcome, records } =
      change.kind === 'command' ? decideCommand(pending, change.command) : decideClose(pending, change)
    control = records
    return { outcome, waits: records.length > 0 }
  }

  return {
    /** Undefined: the item is full, or ends with a change of phase; the change belongs into the next one. */
    add<C extends Change>(change: C): Decided<OutcomeOf<C>> | undefined {
      const entries = pending.joined.size + pending.answered.size + pending.late.size
      if (control.length > 0 || entries >= mostEntries) return undefined
      return decide(change) as Decided<OutcomeOf<C>>
    },

    /** In their order; none: there is nothing to write. */
    records(): LogRecord[] {
      const records: LogRecord[] = []
      if (pending.joined.size > 0) records.push({ kind: 'joined', players: [...pending.joined.values()] })
      if (pending.answered.size > 0 && state.current) {
        const { question } = state.current
        records.push({ kind: 'answered', question, answers: [...pending.answered.values()] })
      }
      for (const [question, answers] of lateByQuestion(pending)) records.push({ kind: 'late', question, answers })
      return [...records, ...control]
    },
  }
}

function lateByQuestion({ late }: Pending): Map<number, Answering[]> {
  const found = new Map<number, Answering[]>()
  for (const { question, answer } of late.values()) {
    const answers = found.get(question)
    if (answers) answers.push(answer)
    else found.set(question, [answer])
  }
  return found
}
