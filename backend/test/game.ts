import type { Change, CommandOutcome, OutcomeOf } from '../src/services/game/changes.ts'
import { openDraft } from '../src/services/game/draft.ts'
import { foldItem } from '../src/services/game/fold.ts'
import type { EventState } from '../src/services/game/state.ts'
import type { Command } from '../src/types/protocol.ts'
import type { EventSettings, Question, Quiz } from '../src/types/quiz.ts'
import type { Created, FoldedItem, LogRecord } from '../src/types/records.ts'

export const lyon: Question = {
  type: 'single',
  text: 'Which city lies on the Rhône?',
  options: ['Paris', 'Lyon', 'Lille'],
  right: [1],
  seconds: 20,
  points: 1_000,
  explanation: 'It flows through Lyon and Avignon.',
  image: null,
}
export const primes: Question = {
  type: 'multiple',
  text: 'Which are prime?',
  options: ['2', '4', '5', '9'],
  right: [0, 2],
  seconds: null,
  points: 2_000,
  explanation: '',
  image: null,
}
export const mood: Question = {
  type: 'poll',
  text: 'How are you?',
  options: ['Well', 'So so'],
  right: [],
  seconds: 5,
  points: 0,
  explanation: '',
  image: null,
}

export const settings: EventSettings = {
  getReadySeconds: 3,
  reveal: 'auto',
  speed: true,
  questionsOnPhones: true,
  lateJoining: true,
  generatedNames: false,
}

export const quiz: Quiz = { title: 'Cities and numbers', language: 'en', questions: [lyon, primes, mood] }

export function created(changes: Partial<EventSettings> = {}, more: Partial<Created> = {}): Created {
  return {
    kind: 'created',
    event: 'e1',
    code: '123456',
    quiz,
    settings: { ...settings, ...changes },
    maxPlayers: 5_000,
    retentionDays: 30,
    ...more,
  }
}

/** One event with its log, one item a change, at a time that the test moves. */
export function game(first: Created = created()) {
  const items: FoldedItem[] = []
  let state: EventState | undefined
  let now = 1_000_000

  function write(...records: LogRecord[]): void {
    const item = { number: items.length + 1, format: 1, by: 'task', at: now, records }
    items.push(item)
    state = foldItem(state, item)
  }
  function current(): EventState {
    if (!state) throw new Error('nothing was written')
    return state
  }
  function make<C extends Change>(change: C): OutcomeOf<C> {
    const draft = openDraft(current(), now)
    const decided = draft.add(change)
    if (!decided) throw new Error('an empty draft is full')
    const records = draft.records()
    if (records.length > 0) write(...records)
    return decided.outcome
  }
  write(first)
  function command(name: Command['name'], fields: object = {}): CommandOutcome {
    const given = { type: 'command', id: 'c', version: current().version, name, ...fields } as Command
    return make({ kind: 'command', command: given })
  }

  return {
    items,
    write,
    make,
    state: current,
    now: () => now,
    wait(ms: number): void {
      now += ms
    },
    join: (name: string, tokenHash = `hash of ${name}`) => make({ kind: 'join', name, tokenHash }),
    answer: (player: number, question: number, choices: number[], at = now) =>
      make({ kind: 'answer', player, question, choices, at, arrived: now }),
    command,
    close: () => make({ kind: 'close', version: current().version }),
    /** Asks, and waits until it is open. */
    open(question: number): void {
      command('ask', { question })
      now = current().current?.opensAt ?? now
    },
  }
}
