import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A process of the bench that answers requests, one after the other or several at once. */
export interface Part {
  pid: number
  /** Rejects with what the part threw, and when it ends before it answers. */
  ask<Answer>(request: string, given?: unknown): Promise<Answer>
  stop(): Promise<void>
}

interface Message {
  id: number
  request: string
  given: unknown
}

/** Starts `file` with this process's own loader. */
export function startPart(file: string): Part {
  const child = fork(file, [], { execArgv: process.execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  let ids = 0
  child.on('message', ({ id, answer, error }: { id: number; answer?: unknown; error?: string }) => {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(answer)
    else asked?.reject(new Error(error))
  })
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${signal ?? code}`))
    waiting.clear()
  })
  return {
    pid: child.pid!,
    ask: async <Answer,>(request: string, given?: unknown) =>
      await new Promise<Answer>((resolve, reject) => {
        ids += 1
        waiting.set(ids, { resolve, reject })
        child.send({ id: ids, request, given } satisfies Message)
      }),
    stop: async () => await stopProcess(child),
  }
}

/** In a part: answers the requests of the process that started it, and ends when that one is gone. */
export function answerRequests(actions: Record<string, (given: never) => unknown>): void {
  async function answer({ id, request, given }: Message): Promise<void> {
    try {
      process.send!({ id, answer: await actions[request]!(given as never) })
    } catch (error) {
      process.send!({ id, error: (error as Error).stack })
    }
  }
  process.on('message', (message: Message) => void answer(message))
  process.once('disconnect', () => process.exit(0))
}

/** Resolves when the process is gone; one that does not end in 10 seconds is killed. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(force)
}

/** Milliseconds on a clock that all processes of this machine share and that only goes forward. */
export function clock(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The value below which this share of them lies; not a number of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
