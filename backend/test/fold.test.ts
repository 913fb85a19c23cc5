import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Change } from '../src/services/game/changes.ts'
import { foldLog } from '../local/fold-log.ts'
import { foldItem, LogNotUnderstood } from '../src/services/game/fold.ts'
import { nameKey } from '../src/services/game/names.ts'
import type { EventState } from '../src/services/game/state.ts'
import type { Phase } from '../src/types/protocol.ts'
import { type FoldedItem, type LogRecord, recordFormat } from '../src/types/records.ts'
import { created, game } from './game.ts'

type Step = { wait: number; change: Change }

const version = fc.nat({ max: 12 })
const commandFields = fc.oneof(
  fc.record({ name: fc.constant('ask'), question: fc.nat({ max: 3 }) }),
  fc.record({ name: fc.constant('extend'), seconds: fc.constant(10) }),
  fc.record({ name: fc.constantFrom('close', 'reveal', 'board', 'skip', 'end', 'lock', 'unlock') }),
  fc.record({ name: fc.constant('remove'), player: fc.integer({ min: 1, max: 5 }), ban: fc.boolean() }),
  fc.record({ name: fc.constant('rename'), player: fc.integer({ min: 1, max: 5 }) }),
)

/** What may be asked of an event; `version` and times are put in when it is played. */
const anyChange = fc.oneof(
  fc.record({
    kind: fc.constant('join'),
    name: fc.constantFrom('Ada', 'ADA', 'Bob', 'Cyd', 'Dan', 'Eve', '', 'Fuck'),
    tokenHash: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  }),
  fc.record({
    kind: fc.constant('answer'),
    player: fc.integer({ min: 1, max: 6 }),
    question: fc.nat({ max: 3 }),
    choices: fc.subarray([0, 1, 2, 3, 4, 5]),
    at: fc.integer({ min: -30_000, max: 1_000 }),
    arrived: fc.constant(0),
  }),
  fc.record({ kind: fc.constant('command'), command: commandFields, seen: fc.option(version) }),
  fc.record({ kind: fc.constant('close'), seen: fc.option(version) }),
)
const steps = fc.array(fc.record({ wait: fc.nat({ max: 6_000 }), change: anyChange }), { maxLength: 60 })
const settings = fc.record({
  reveal: fc.constantFrom('auto' as const, 'host' as const),
  lateJoining: fc.boolean(),
  generatedNames: fc.boolean(),
})

interface Played {
  event: ReturnType<typeof game>
  phases: Phase[]
  versions: number[]
  /** By `question/player`: the choices that were acknowledged as saved. */
  saved: Map<string, string>
}

function play(first: ReturnType<typeof created>, given: unknown): Played {
  const event = game(first)
  const played: Played = { event, phases: [event.state().phase], versions: [0], saved: new Map() }
  for (const { wait, change: raw } of given as { wait: number; change: Record<string, unknown> }[]) {
    event.wait(wait)
    const seen = raw['seen'] ?? event.state().version
    const now = event.now()
    const { change: full } = { wait, change: { ...raw } } as unknown as Step
    if (full.kind === 'answer') Object.assign(full, { at: now + full.at, arrived: now })
    if (full.kind === 'close') Object.assign(full, { version: seen })
    if (full.kind === 'command') full.command = { ...full.command, type: 'command', id: 'c', version: Number(seen) }
    const outcome = event.make(full)
    if (full.kind === 'answer' && outcome.status === 'saved') {
      const key = `${full.question}/${full.player}`
      assert.ok(!played.saved.has(key), 'an answer was saved twice')
      played.saved.set(key, full.choices.join())
    }
    played.phases.push(event.state().phase)
    played.versions.push(event.state().version)
  }
  return played
}

const after: Record<Phase, Phase[]> = {
  lobby: ['lobby', 'question', 'ended'],
  question: ['question', 'closed', 'revealed', 'board', 'ended'],
  closed: ['closed', 'revealed', 'board', 'ended'],
  revealed: ['revealed', 'board', 'question', 'ended'],
  board: ['board', 'question', 'ended'],
  ended: ['ended'],
}

function forAll(check: (played: Played) => void): void {
  fc.assert(
    fc.property(settings, steps, (chosen, given) => check(play(created(chosen, { maxPlayers: 4 }), given))),
    { numRuns: 500 },
  )
}

test('every task folds the same log into the same state', () => {
  forAll(({ event }) => {
    const copied = JSON.parse(JSON.stringify(event.items)) as FoldedItem[]
    assert.deepEqual(foldLog(copied), event.state())
  })
})

test('phases only move forward, and so does the version', () => {
  forAll(({ phases, versions }) => {
    for (const [index, phase] of phases.entries()) {
      if (index > 0) assert.ok(after[phases[index - 1] ?? 'lobby'].includes(phase))
      assert.ok((versions[index] ?? 0) >= (versions[index - 1] ?? 0))
    }
  })
})

test('what was acknowledged as saved is counted, and nothing else', () => {
  forAll(({ event, saved }) => {
    const counted = new Map<string, string>()
    for (const { question, answers } of event.state().asked.values()) {
      for (const [player, { choices }] of answers) {
        counted.set(`${question}/${player}`, [0, 1, 2, 3, 4, 5].filter((each) => choices & (1 << each)).join())
      }
    }
    assert.deepEqual(counted, saved)
  })
})

test('no two players share a name, nor a token, and there are never too many', () => {
  forAll(({ event }) => {
    const { players, playing } = event.state()
    assert.equal(new Set(players.map(({ name }) => nameKey(name))).size, players.length)
    assert.equal(new Set(players.map(({ tokenHash }) => tokenHash)).size, players.length)
    assert.equal(playing, players.filter(({ standing }) => standing === 'in').length)
    assert.ok(playing <= 4)
  })
})

test('a score is the sum of the answers to the questions that were revealed', () => {
  forAll(({ event }) => {
    const { players, asked } = event.state()
    const revealed = [...asked.values()].filter(({ progress }) => progress === 'revealed')
    for (const { no, answered, score } of players) {
      assert.equal(answered, revealed.filter(({ answers }) => answers.has(no)).length)
      assert.ok(score <= 1_000 + 2_000)
    }
  })
})

test('records in any order and number break nothing', () => {
  const any = fc.constantFrom<LogRecord>(
    { kind: 'joined', players: [[1, 'Ada', 'a']] },
    { kind: 'joined', players: [[7, 'Gap', 'g']] },
    { kind: 'removed', player: 1 },
    { kind: 'banned', player: 9 },
    { kind: 'renamed', player: 1, name: 'Bob' },
    { kind: 'asked', question: 0, opensAt: 1, closesAt: 2 },
    { kind: 'asked', question: 9, opensAt: 1, closesAt: null },
    { kind: 'extended', closesAt: 3 },
    { kind: 'answered', question: 0, answers: [[1, 1, 1]] },
    { kind: 'answered', question: 1, answers: [[5, 1, 1]] },
    { kind: 'late', question: 0, answers: [[1, 1, 1]] },
    { kind: 'closing', closesAt: 1 },
    { kind: 'closed' },
    { kind: 'revealed' },
    { kind: 'board' },
    { kind: 'skipped' },
    { kind: 'ended' },
  )
  fc.assert(
    fc.property(fc.array(any, { maxLength: 40 }), (records) => {
      const { state, write } = game()
      for (const record of records) {
        const { phase } = state()
        write(record)
        assert.ok(after[phase].includes(state().phase))
      }
    }),
  )
})

for (const [what, change] of [
  ['a format', { format: recordFormat + 1 }],
  ['a kind', { records: [{ kind: 'joined', players: [[1, 'Ada', 'a']] }, { kind: 'teleported' }] }],
  ['a kind called constructor', { records: [{ kind: 'constructor' }] }],
  ['a number that leaves a gap', { number: 3 }],
] as const) {
  test(`${what} that is not understood stops the fold before anything changes`, () => {
    const { state } = game()
    const before = JSON.stringify(state())
    const item = { number: 2, format: 1, by: 'task', at: 1, records: [], ...change } as unknown as FoldedItem
    assert.throws(() => foldItem(state(), item), LogNotUnderstood)
    assert.equal(JSON.stringify(state()), before)
  })
}

test('a log that does not begin with its creation is not understood', () => {
  const item: FoldedItem = { number: 1, format: 1, by: 'task', at: 1, records: [{ kind: 'locked' }] }
  assert.throws(() => foldItem(undefined, item), LogNotUnderstood)
})

test('100,000 answers are folded within a second', () => {
  const questions = Array.from({ length: 20 }, () => created().quiz.questions[0]).filter((each) => each !== undefined)
  const { items, write } = game(created({}, { quiz: { ...created().quiz, questions } }))
  const players = Array.from({ length: 5_000 }, (_, index) => index + 1)
  write({ kind: 'joined', players: players.map((no) => [no, `player ${no}`, `${no}`]) })
  for (const question of questions.keys()) {
    write({ kind: 'asked', question, opensAt: 0, closesAt: 1 })
    write({ kind: 'answered', question, answers: players.map((no) => [no, 2, no]) })
    write({ kind: 'closed' }, { kind: 'revealed' })
  }
  // of a processor: others may have it meanwhile
  const started = process.cpuUsage()
  const state: EventState | undefined = foldLog(items)
  const { user, system } = process.cpuUsage(started)
  assert.equal(state?.players[0]?.right, 20)
  assert.ok(user + system < 1_000_000, `${(user + system) / 1_000} ms`)
})
