import type { Log } from '../log.ts'
import { patience, type Plan, planFor } from './plan.ts'

/** One socket, as a drain sees it. */
export interface Leaver {
  readonly isOpen: boolean
  /** Asks the page to open its next connection, and then to close this one within so many milliseconds. */
  leave(within: number): void
  /** Closes with 1012: come back within a second. */
  close(): void
}

/** What a drain needs of the sockets and of what came through them. */
export interface Drainable {
  /** How many sockets are open. */
  connected(): number
  /** Those sockets. */
  leavers(): Leaver[]
  /** How much was taken from clients and is not in the table yet. */
  unwritten(): number
  /** Milliseconds until the last question that is open here closes; undefined without one. */
  closesIn(): number | undefined
  /** The drain begins: says so to the other tasks, and has written what is held. Called once, before a socket leaves. */
  prepare(): void
  /** The time is over: cuts every socket that is still open. */
  cut(): void
}

type DrainState = 'serving' | 'draining' | 'drained'

/** How often a drain looks, in milliseconds; those whose turn came meanwhile are told together. */
const step = 50

/**
 * Empties a task, once. Sockets are told to leave evenly over the time that there is; one that is still open at the end
 * of its grace is closed with 1012, so these are spread, too. A question that closes soon is waited for.
 * @param now milliseconds of a clock that only goes forward
 */
export function createDrain(drainable: Drainable, log: Log, now: () => number = () => performance.now()) {
  let state: DrainState = 'serving'
  let began = 0
  /** When every socket must be gone. */
  let deadline = Number.POSITIVE_INFINITY
  /** When the drain ends, whatever is open then. */
  let giveUp = Number.POSITIVE_INFINITY
  let leavers: Leaver[] = []
  /** When each of the first of them was told; and how many of those had their grace. */
  const toldAt: number[] = []
  let graced = 0
  let closed = 0
  /** Undefined: a question is waited for. `first`: how many were told before this plan. */
  let leaving: (Plan & { from: number; first: number }) | undefined
  let timer: NodeJS.Timeout | undefined
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => (end = resolve))

  function begin(reason: string, within: number): void {
    if (state !== 'serving') return
    state = 'draining'
    began = now()
    deadline = began + within
    drainable.prepare()
    leavers = drainable.leavers()
    log.info('draining', { reason, sockets: leavers.length, withinMs: Math.round(within) })
    timer = setInterval(look, step)
    look()
  }

  function look(): void {
    const time = now()
    leaving ??= planUnlessPatient(time)
    if (leaving) {
      tellThoseDue(leaving, time)
      closeThoseLeft(leaving, time)
    }
    const open = drainable.connected()
    const unwritten = drainable.unwritten()
    if (time < giveUp && (open > 0 || unwritten > 0)) return
    clearInterval(timer)
    state = 'drained'
    const figures = { milliseconds: Math.round(time - began), told: toldAt.length, closed }
    if (open === 0 && unwritten === 0) log.info('drained', figures)
    else {
      log.warn('the time to drain is over', { ...figures, open, unwritten })
      drainable.cut()
    }
    end()
  }

  function planUnlessPatient(time: number): typeof leaving {
    const within = deadline - time
    const plan = planFor(leavers.length, within)
    return patience(drainable.closesIn(), plan, within) > 0 ? undefined : { ...plan, from: time, first: 0 }
  }

  function tellThoseDue({ from, spread, grace, first }: NonNullable<typeof leaving>, time: number): void {
    const share = spread > 0 ? Math.min(1, (time - from) / spread) : 1
    const due = first + Math.ceil((leavers.length - first) * share)
    for (const leaver of leavers.slice(toldAt.length, due)) {
      toldAt.push(time)
      if (leaver.isOpen) leaver.leave(Math.round(grace))
    }
  }

  function closeThoseLeft({ grace }: Plan, time: number): void {
    for (; graced < toldAt.length && toldAt[graced]! + grace <= time; graced += 1) {
      const leaver = leavers[graced]!
      if (!leaver.isOpen) continue
      closed += 1
      leaver.close()
    }
  }

  /** There is less time than there was: who was not told yet leaves in what is left. */
  function hurry(time: number): void {
    deadline = giveUp
    const first = toldAt.length
    if (leaving) leaving = { ...planFor(leavers.length - first, deadline - time), from: time, first }
  }

  return {
    state: () => state,

    /** Begins to drain, unless it has begun. `within`: milliseconds until the connections are cut from outside. */
    begin,

    /**
     * Begins to drain, unless it has begun. Resolves when no socket and nothing unwritten is left, or after `within`
     * milliseconds.
     */
    async finish(reason: string, within: number): Promise<void> {
      const time = now()
      giveUp = time + within
      if (state === 'serving') begin(reason, within)
      else if (giveUp < deadline) hurry(time)
      await ended
    },
  }
}
