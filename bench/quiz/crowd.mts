/*
 * A part of the bench: a process full of players. Every answer says how late this process itself was: what it measures is
 * worth nothing when it cannot keep up.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { answerRequests, clock, percentile } from './parts.mts'
import { type Crowd, createPlayer, type Player } from './player.mts'

/** What a request to a crowd answers, beside its figures. */
export interface Measured {
  /** Milliseconds, one a player. */
  values: number[]
  /** What went wrong. */
  errors: string[]
  /** How late timers of this process were meanwhile: the 99th percentile, in milliseconds. */
  delay: number
}

export interface JoinRequest {
  /** Of the first player; the others follow. */
  first: number
  count: number
  perSecond: number
  ports: number[]
  /** Players take turns with them. */
  codes: string[]
}

/** Longest wait for what should come, in milliseconds. */
const patience = 60_000
/** Between two looks at the own delay, in milliseconds. */
const beat = 10

const crowd: Crowd = { arrivals: new Map(), errors: [] }
let players: Player[] = []
let lateness: number[] = []
let due = clock() + beat
setInterval(() => {
  const now = clock()
  lateness.push(Math.max(0, now - due))
  due = now + beat
}, beat)

answerRequests({
  async join({ first, count, perSecond, ports, codes }: JoinRequest) {
    const began = clock()
    const joins: Promise<number>[] = []
    for (let index = 0; index < count; index += 1) {
      await sleep(began + (index / perSecond) * 1_000 - clock())
      const player = createPlayer(first + index, ports, codes, crowd)
      players.push(player)
      joins.push(player.join())
    }
    return await measured(joins)
  },

  /**
   * When each player of an event gets this phase of this question. Ask before the host is told to make it happen.
   * @param place of the event's code
   */
  async see({ place, phase, question }: { place: number; phase: string; question: number }) {
    const count = players.filter((player) => player.place === place).length
    const arrivals = { phase, question, at: [] as number[] }
    crowd.arrivals.set(place, arrivals)
    for (const end = clock() + patience; arrivals.at.length < count && clock() < end;) await sleep(20)
    crowd.arrivals.delete(place)
    if (arrivals.at.length < count) crowd.errors.push(`${count - arrivals.at.length} never saw ${phase} of ${question}`)
    return report(arrivals.at)
  },

  /** Everyone answers, evenly over so many milliseconds from a time of `Date.now()` on. */
  async answer({ question, from, over }: { question: number; from: number; over: number }) {
    const answers = players.map(async (player, index) => {
      await sleep(from - Date.now() + ((index + Math.random()) / players.length) * over)
      const { took, status } = await player.answer(question, index % 4)
      if (status !== 'saved') crowd.errors.push(`an answer to ${question} was ${status}`)
      return took
    })
    return await measured(answers)
  },

  /** When those of a port that is about to go have entered elsewhere. */
  async backAgain({ port }: { port: number }) {
    return await measured(players.filter((player) => player.isOn(port)).map((player) => player.backAgain()))
  },

  /** Answered once all that was asked before has begun. */
  hear() {},

  leave() {
    for (const player of players) player.leave()
    players = []
    crowd.errors = []
  },
})

/** Waits for all, but not for ever. */
async function measured(promises: Promise<number>[]): Promise<Measured> {
  const values: number[] = []
  const all = Promise.all(promises.map((each) => each.then((value) => values.push(value))))
  await Promise.race([all, sleep(patience)])
  if (values.length < promises.length) crowd.errors.push(`${promises.length - values.length} got no answer`)
  return report(values)
}

function report(values: number[]): Measured {
  const { errors } = crowd
  crowd.errors = []
  const delay = percentile(lateness, 0.99) || 0
  lateness = []
  return { values, errors, delay }
}
