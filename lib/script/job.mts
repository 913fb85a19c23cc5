import { AsyncLocalStorage } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './failure.mts'

/** What a command needs to know about the work it belongs to. */
interface Job {
  /** Prefix of its lines while several jobs run at once; none: the terminal is its own. */
  label?: string
  /** Aborted, with the failure as its reason, when the work has to stop. */
  signal: AbortSignal
}

const interruption = new AbortController()
// each command that runs listens: node would warn of a leak from the eleventh on
setMaxListeners(0, interruption.signal)
const jobs = new AsyncLocalStorage<Job>()

let dry = false

/** From here on a command that changes something outside this checkout is shown and not run: `--dry-run`. */
export function startDryRun(): void {
  dry = true
}

export function isDryRun(): boolean {
  return dry
}

export function currentJob(): Job {
  return jobs.getStore() ?? { signal: interruption.signal }
}

/** Whether an error is that of one question or command, after which the work may continue: no interruption, and no bug. */
export function isSurvivable(error: unknown): error is Failure {
  return error instanceof Failure && !currentJob().signal.aborted
}

/** Stops everything under way: each running command and each wait ends, and rejects with this reason. */
export function interrupt(reason: Error): void {
  interruption.abort(reason)
}

let guard: (() => Promise<void>) | undefined

/** From here on a change asks this first, which fails where the run may change nothing more; undefined: nothing is asked. */
export function guardChanges(ask: (() => Promise<void>) | undefined): void {
  guard = ask
}

/** To be called before a change. Fails when the run has lost its lock. */
export async function requireMayChange(): Promise<void> {
  await guard?.()
}

const impatience = new AbortController()
setMaxListeners(0, impatience.signal)

/** Aborted when commands that are being stopped get no more time for it. */
export const hurrySignal = impatience.signal

export function hurry(): void {
  impatience.abort()
}

/** Begins work whose result is awaited later: a failure is thrown there, and is no unhandled one until then. */
export function begin<T>(work: () => Promise<T>): Promise<T> {
  const begun = work()
  begun.catch(() => {})
  return begun
}

/** Rejects at once when the work is interrupted. */
export async function pause(milliseconds: number): Promise<void> {
  const { signal } = currentJob()
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    throw signal.reason
  }
}

/**
 * Runs work that neither Ctrl-C nor a failed sibling stops, such as releasing a lock. It is stopped anyway `atMost`
 * milliseconds after it began, and `afterInterruption` milliseconds after these.
 */
export async function runUninterrupted<T>(
  { atMost, afterInterruption = atMost }: { atMost: number; afterInterruption?: number },
  work: () => Promise<T>,
): Promise<T> {
  const { label, signal } = currentJob()
  const controller = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const limitTo = (milliseconds: number) => {
    const tooLong = new Failure(`it took longer than ${milliseconds / 1000} s`, 'check the network (proxy, VPN)')
    timers.push(setTimeout(() => controller.abort(tooLong), milliseconds))
  }
  const hurryUp = () => limitTo(afterInterruption)
  limitTo(atMost)
  signal.addEventListener('abort', hurryUp)
  if (signal.aborted) hurryUp()
  try {
    return await jobs.run({ ...(label === undefined ? {} : { label }), signal: controller.signal }, work)
  } finally {
    signal.removeEventListener('abort', hurryUp)
    timers.forEach(clearTimeout)
  }
}

/**
 * Runs work that is stopped after `within` milliseconds, and then fails with `tooLong`; an interruption stops it as well.
 * For questions: an `aws` that hangs, in a credential helper or on a dead network, would keep its asker for ever.
 */
export async function runWithin<T>(within: number, tooLong: Failure, work: () => Promise<T>): Promise<T> {
  const { label, signal } = currentJob()
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(tooLong), within)
  const either = AbortSignal.any([signal, controller.signal])
  setMaxListeners(0, either)
  try {
    return await jobs.run({ ...(label === undefined ? {} : { label }), signal: either }, work)
  } finally {
    clearTimeout(timer)
  }
}

type Work = Record<string, () => Promise<unknown>>
type Results<W extends Work> = { [Name in keyof W]: Awaited<ReturnType<W[Name]>> }

/**
 * Runs jobs side by side, their lines labelled with their names. The first that fails stops the others; when all have
 * ended, its failure is thrown.
 */
export async function runTogether<W extends Work>(work: W): Promise<Results<W>> {
  const controller = new AbortController()
  const signal = AbortSignal.any([currentJob().signal, controller.signal])
  const width = Math.max(...Object.keys(work).map((name) => name.length))
  const running = Object.entries(work).map(([name, job]) =>
    jobs.run({ label: name.padEnd(width), signal }, async () => {
      try {
        return [name, await job()] as const
      } catch (error) {
        controller.abort(error)
        throw error
      }
    }),
  )
  const settled = await Promise.allSettled(running)
  if (signal.aborted) throw signal.reason
  return Object.fromEntries(
    settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
  ) as Results<W>
}

/** Asks again, every `every` milliseconds, until the attempt stops throwing; after `within` milliseconds its last error is thrown. */
export async function retryUntil<T>(
  attempt: () => Promise<T>,
  { within, every }: { within: number; every: number },
): Promise<T> {
  const deadline = Date.now() + within
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (currentJob().signal.aborted || Date.now() + every > deadline) throw error
      await pause(every)
    }
  }
}
