import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { bitsOf } from '../src/services/game/choices.ts'
import { foldLog } from '../local/fold-log.ts'
import type { EventState } from '../src/services/game/state.ts'
import { type Plan, playModel } from './log-model.ts'
import type { Fate } from './simulated-store.ts'

const fate: fc.Arbitrary<Fate> = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constant<Fate['kind']>('fine') },
    { weight: 4, arbitrary: fc.constantFrom<Fate['kind']>('lost', 'unsent', 'late', 'twice', 'throttled') },
  ),
  there: fc.oneof({ weight: 8, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.nat(2_000) }),
  back: fc.nat(30),
})
const at = fc.nat(22_000)
const writer = fc.nat(2)

const plans: fc.Arbitrary<Plan> = fc.record({
  writers: fc.constantFrom(2, 3),
  fates: fc.array(fate, { minLength: 1, maxLength: 80 }),
  joins: fc.array(fc.record({ at: fc.nat(6_000), writer, name: fc.nat(9) }), { minLength: 3, maxLength: 12 }),
  taps: fc.array(
    fc.record({ at, writer, player: fc.integer({ min: 1, max: 9 }), choice: fc.nat(1), age: fc.nat(3_000) }),
    { minLength: 10, maxLength: 80 },
  ),
  commands: fc.array(
    fc.record({
      at,
      writer,
      name: fc.constantFrom('close', 'extend', 'reveal', 'board', 'skip', 'lock', 'remove'),
    }),
    { maxLength: 4 },
  ),
  killed: fc.option(fc.record({ at, writer })),
  frozen: fc.option(fc.record({ at, writer, for: fc.constantFrom(500, 3_000, 6_000) })),
  seed: fc.integer(),
})

const next: Record<EventState['phase'], EventState['phase'][]> = {
  lobby: ['question', 'ended'],
  question: ['closed', 'revealed', 'board', 'ended'],
  closed: ['revealed', 'board', 'ended'],
  revealed: ['board', 'question', 'ended'],
  board: ['question', 'ended'],
  ended: [],
}

type Played = Awaited<ReturnType<typeof playModel>>

function checkFolds({ tasks, items }: Played): EventState {
  const truth = foldLog(items)
  assert.ok(truth)
  for (const task of tasks) {
    if (task.isDead()) continue
    assert.deepEqual(task.state(), truth, 'each task has folded the same')
    assert.equal(task.unwritten(), 0, 'nothing waits for ever')
  }
  return truth
}

function checkPhases({ tasks }: Played): void {
  const phaseOf = new Map<number, string>()
  for (const { history } of tasks) {
    history.forEach(({ version, phase }, index) => {
      const before = history[index - 1]
      assert.equal(phaseOf.get(version) ?? phase, phase, 'a version has one phase, on every task')
      phaseOf.set(version, phase)
      if (!before) return
      assert.ok(version >= before.version, 'versions rise')
      if (phase !== before.phase) assert.ok(next[before.phase].includes(phase), `${before.phase} to ${phase}`)
    })
  }
}

function checkAnswers({ taps }: Played, truth: EventState): void {
  const saved = new Set<string>()
  for (const { change, outcomes } of taps) {
    assert.ok(outcomes.length > 0, 'everyone who taps gets an answer')
    const counted = truth.asked.get(change.question)?.answers.get(change.player)
    for (const { status, choices } of outcomes) {
      if (status === 'saved' || (status === 'already' && counted)) {
        assert.equal(counted?.choices, bitsOf(choices), 'what was acknowledged is what counts')
        saved.add(`${change.question}/${change.player}`)
      }
      if (status === 'saved') assert.deepEqual(choices, change.choices)
    }
  }
  for (const [question, { answers }] of truth.asked) {
    for (const [player, { choices }] of answers) {
      const own = taps.filter(({ change }) => change.question === question && change.player === player)
      assert.ok(
        own.some(({ change }) => choices === bitsOf(change.choices)),
        'what counts was tapped',
      )
      // a task may end before it says so, and the host remove the player before the page asks again
      const isIn = truth.players[player - 1]?.standing === 'in'
      if (isIn) assert.ok(saved.has(`${question}/${player}`), 'what counts was acknowledged')
    }
  }
}

/** Reads the log as the issue words it, without the fold: the first answer in it is the one that counts. */
function checkFirstAnswers({ items }: Played, truth: EventState): void {
  const first = new Map<string, number>()
  for (const record of items.flatMap(({ records }) => records)) {
    if (record.kind !== 'answered') continue
    for (const [player, choices] of record.answers) {
      const key = `${record.question}/${player}`
      assert.ok(!first.has(key), 'no answer is written twice')
      first.set(key, choices)
    }
  }
  const counted = [...truth.asked].flatMap(([question, { answers }]) =>
    [...answers].map(([player, { choices }]) => [`${question}/${player}`, choices] as const),
  )
  assert.deepEqual(new Map(counted), first)
}

function checkJoins({ joins }: Played, truth: EventState): void {
  for (const { outcome } of joins) {
    assert.ok(outcome, 'everyone who joins gets an answer')
    if (outcome.status === 'joined') assert.equal(truth.players[outcome.player - 1]?.name, outcome.name)
  }
  const told = joins.flatMap(({ outcome }) => (outcome?.status === 'joined' ? [outcome.player] : []))
  assert.equal(new Set(told).size, told.length, 'no number is given twice')
  const isIn = truth.players.filter(({ standing }) => standing === 'in').map(({ no }) => no)
  assert.deepEqual(
    isIn.filter((no) => !told.includes(no)),
    [],
    'who is in was told so',
  )
  assert.equal(new Set(truth.players.map(({ name }) => name)).size, truth.players.length, 'no name twice')
}

test('whatever the network does, what was acknowledged is what counts, on every task', async () => {
  const seen = { saved: 0, already: 0, late: 0, conflicts: 0, phases: 0 }
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const played = await playModel(plan)
      const truth = checkFolds(played)
      checkPhases(played)
      checkAnswers(played, truth)
      checkFirstAnswers(played, truth)
      checkJoins(played, truth)
      for (const { outcomes } of played.taps) {
        const status = outcomes[0]!.status
        if (status === 'saved' || status === 'already' || status === 'late') seen[status] += 1
      }
      for (const { logs } of played.tasks) seen.conflicts += logs.figures().conflicts
      seen.phases += truth.version
    }),
    { includeErrorInReport: true, numRuns: Number(process.env['MODEL_RUNS'] || 60) },
  )
  // a model in which nothing happens would prove nothing
  for (const [what, often] of Object.entries(seen)) assert.ok(often > 0, `${what}: ${often}`)
})
