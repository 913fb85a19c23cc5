import type { AnswerChange, AnswerOutcome, Change, JoinOutcome, OutcomeOf } from '../src/services/game/changes.ts'
import type { EventState } from '../src/services/game/state.ts'
import { createLog } from '../src/services/log.ts'
import { LogClosed } from '../src/services/log/event-log.ts'
import { createOpenLogs, type HeldLog } from '../src/services/log/open-logs.ts'
import type { Command } from '../src/types/protocol.ts'
import { created } from './game.ts'
import { type Fate, simulatedStore } from './simulated-store.ts'
import { virtualClock } from './virtual-clock.ts'

/** Times are milliseconds from the start of the model. */
export interface Plan {
  writers: number
  /** One for each call, again from the first when they are used up. */
  fates: Fate[]
  joins: { at: number; writer: number; name: number }[]
  taps: { at: number; writer: number; player: number; choice: number; age: number }[]
  commands: { at: number; writer: number; name: 'close' | 'extend' | 'reveal' | 'board' | 'skip' | 'lock' | 'remove' }[]
  /** A task that ends without a word, or does nothing for a while. */
  killed: { at: number; writer: number } | null
  frozen: { at: number; writer: number; for: number } | null
  seed: number
}

export interface Tap {
  change: AnswerChange
  /** What its copies were told, in that order. */
  outcomes: AnswerOutcome[]
}

const start = 1_764_000_000_000
/** From then on every call is fine, so that everything comes to its end. */
const calmFrom = 25_000
const end = 60_000
const fine: Fate = { kind: 'fine', there: 3, back: 3 }
const never = new Promise<never>(() => {})

/** Plays an event on several tasks over one simulated store, and reports what everyone was told. */
export async function playModel(plan: Plan) {
  const clock = virtualClock(start)
  const since = () => clock.now() - start
  let calls = 0
  const store = simulatedStore(clock, () => (since() > calmFrom ? fine : plan.fates[calls++ % plan.fates.length]!))
  store.items.push({
    number: 1,
    format: 1,
    by: 'http',
    nonce: 'first',
    at: start,
    records: [created({}, { maxPlayers: 9 })],
  })

  const random = pseudoRandom(plan.seed)
  const tasks = Array.from({ length: plan.writers }, (_, index) => createTask(index))

  function createTask(index: number) {
    let isDead = false
    let thawsAt = 0
    const history: { version: number; phase: EventState['phase'] }[] = []
    /** What a process that is stopped does: nothing, until it is continued or for ever. */
    async function whileRunning<T>(call: () => Promise<T>): Promise<T> {
      await clock.sleep(thawsAt - clock.now())
      if (isDead) return await never
      const [result] = await Promise.allSettled([call()])
      await clock.sleep(thawsAt - clock.now())
      if (isDead) return await never
      if (result.status === 'rejected') throw result.reason
      return result.value
    }
    const repository = {
      ...store.repository,
      append: (...given: Parameters<typeof store.repository.append>) =>
        whileRunning(() => store.repository.append(...given)),
      read: (...given: Parameters<typeof store.repository.read>) => whileRunning(() => store.repository.read(...given)),
    }
    const logs = createOpenLogs({ task: `task ${index}`, repository, clock, log: createLog('error', () => {}), random })
    let held: HeldLog | undefined
    void (async () => {
      for (; !held && !isDead; await clock.sleep(200)) held = await logs.hold('e1').catch(() => undefined)
      held?.eventLog.hear((_item, { version, phase }) => history.push({ version, phase }))
    })()
    return {
      history,
      logs,
      isHere: () => !isDead && clock.now() >= thawsAt,
      isDead: () => isDead,
      state: () => held?.eventLog.state,
      /** Of a task that has stopped, a page hears nothing. */
      submit: async <C extends Change>(change: C): Promise<OutcomeOf<C>> => {
        try {
          return await held!.writer.submit(change)
        } catch (error) {
          if (error instanceof LogClosed) return await never
          throw error
        }
      },
      unwritten: () => held?.writer.unwritten ?? 0,
      kill(): void {
        isDead = true
        logs.stop()
      },
      freeze(milliseconds: number): void {
        thawsAt = clock.now() + milliseconds
      },
    }
  }

  /** The first task from that one on that runs; a page that finds none tries again. */
  async function reach(writer: number) {
    for (;;) {
      for (let step = 0; step < tasks.length; step += 1) {
        const task = tasks[(writer + step) % tasks.length]!
        if (task.isHere() && task.state()) return task
      }
      await clock.sleep(200)
    }
  }

  /** As a page does it: what has no answer after 5 s, or when the task is gone, is sent again, to another task too. */
  async function insist<C extends Change>(
    writer: number,
    change: (now: number) => C,
    told: (outcome: OutcomeOf<C>) => void,
  ): Promise<void> {
    const answers: Promise<boolean>[] = []
    let isTold = false
    for (let tried = 0; !isTold; tried += 1) {
      const task = await reach(writer + tried)
      const answer = task.submit(change(clock.now())).then((outcome) => {
        told(outcome)
        return true
      })
      answers.push(answer)
      isTold = await Promise.race([...answers, clock.sleep(5_000).then(() => false)])
    }
  }

  const joins: { name: string; outcome: JoinOutcome | undefined }[] = []
  const taps: Tap[] = []

  async function join({ at, writer, name }: Plan['joins'][number], index: number): Promise<void> {
    await clock.sleep(at)
    const mine: (typeof joins)[number] = { name: `Name${name}`, outcome: undefined }
    joins.push(mine)
    const change = () => ({ kind: 'join', name: mine.name, tokenHash: `hash ${index}` }) as const
    await insist(writer, change, (outcome) => (mine.outcome ??= outcome))
  }

  async function tap({ at, writer, player, choice, age }: Plan['taps'][number]): Promise<void> {
    await clock.sleep(at)
    const { current, players } = (await reach(writer)).state()!
    if (!current || !players[player - 1]) return
    const tapped = clock.now() - age
    const change: AnswerChange = {
      kind: 'answer',
      player,
      question: current.question,
      choices: [choice],
      at: tapped,
      arrived: clock.now(),
    }
    const mine: Tap = { change, outcomes: [] }
    taps.push(mine)
    await insist(
      writer,
      (arrived) => ({ ...change, arrived }),
      (outcome) => mine.outcomes.push(outcome),
    )
  }

  async function command({ at, writer, name }: Plan['commands'][number]): Promise<void> {
    await clock.sleep(at)
    const task = await reach(writer)
    const more = name === 'extend' ? { seconds: 10 } : name === 'remove' ? { player: 2, ban: false } : {}
    const given = { type: 'command', id: 'c', version: task.state()!.version, name, ...more } as Command
    await task.submit({ kind: 'command', command: given })
  }

  /** A host who does what comes next, on any task, and twice. */
  async function host(): Promise<void> {
    for (let turn = 0; since() < 40_000; turn += 1) {
      await clock.sleep(900)
      const task = await reach(turn)
      const { version, phase, asked, created: first } = task.state()!
      const question = asked.size
      const isOver = question >= first.quiz.questions.length
      const isWaiting = phase === 'lobby' || phase === 'board'
      const name = phase === 'revealed' ? 'board' : isWaiting ? (isOver ? 'end' : 'ask') : undefined
      if (!name) continue
      const given = { type: 'command', id: 'c', version, name, question } as Command
      void task.submit({ kind: 'command', command: given })
      void (await reach(turn + 1)).submit({ kind: 'command', command: given })
    }
  }

  /** Every task closes a question when its time has come. */
  async function watchDeadline(task: (typeof tasks)[number]): Promise<void> {
    let submitted = -1
    while (since() < 50_000 && !task.isDead()) {
      await clock.sleep(100)
      const state = task.state()
      if (!task.isHere() || state?.phase !== 'question' || state.version === submitted) continue
      const closesAt = state.current?.closesAt ?? start + 20_000
      if (clock.now() < closesAt + 2_000) continue
      submitted = state.version
      void task.submit({ kind: 'close', version: state.version })
    }
  }

  plan.joins.forEach((each, index) => void join(each, index))
  for (const each of plan.taps) void tap(each)
  for (const each of plan.commands) void command(each)
  for (const each of tasks) void watchDeadline(each)
  void host()
  const { killed, frozen } = plan
  if (killed) void clock.sleep(killed.at).then(() => tasks[killed.writer % (tasks.length - 1)]?.kill())
  if (frozen) void clock.sleep(frozen.at).then(() => tasks[frozen.writer % tasks.length]?.freeze(frozen.for))
  await clock.run(start + end)
  for (const { logs } of tasks) logs.stop()
  return { items: store.items, tasks, joins, taps }
}

/** mulberry32 */
function pseudoRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
