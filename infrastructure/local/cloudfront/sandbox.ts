import { Worker } from 'node:worker_threads'

/** Runs handlers apart from this process's own thread, each call in a fresh world, text in and text out. */
export interface Sandbox {
  /**
   * Calls `handler` of the code with an event (JSON) and resolves with its result (JSON).
   * @throws Error with what the handler threw, or that it took too long
   */
  run: (code: string, event: string) => Promise<string>
  close: () => Promise<void>
}

/**
 * AWS gives a function less than a millisecond of processor time. This is a wall clock on a busy laptop: it stops a
 * function that loops, and says nothing about one that is slow.
 */
const timeLimit = 1_000

interface Call {
  message: { code: string; event: string }
  resolve: (result: string) => void
  reject: (error: Error) => void
}

interface Answer {
  result?: string
  failure?: string
}

/**
 * A thread of its own, because only a thread can be stopped whatever its code does: node:vm's time limit does not reach
 * an async handler, and with `microtaskMode: 'afterEvaluate'`, where it does, stopping one can take this process down
 * with it ("async hook stack has become corrupted"). The thread starts with the first call.
 */
export function createSandbox(): Sandbox {
  let worker: Worker | undefined
  let isOnline = false
  let calls: Call[] = []
  let clock: NodeJS.Timeout | undefined

  function start(): Worker {
    const started = new Worker(workerCode, {
      eval: true,
      // nothing of this process: neither its loader nor its environment
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    })
    isOnline = false
    started.unref()
    started.once('online', () => {
      isOnline = true
      watchFirst()
    })
    started.on('message', ({ result, failure }: Answer) => {
      const call = calls.shift()
      if (failure === undefined) call?.resolve(result ?? 'null')
      else call?.reject(new Error(failure))
      watchFirst()
    })
    // out of memory; terminate() ends in `exit`, without an error
    started.on('error', (error) => restart(error))
    return started
  }

  /** A call's time runs from when the thread is up and has come to it. */
  function watchFirst(): void {
    clearTimeout(clock)
    if (isOnline && calls.length > 0)
      clock = setTimeout(() => restart(new Error('it did not finish in time')), timeLimit)
  }

  /** Gives up the first call, and makes the others in a new thread. */
  function restart(error: Error): void {
    const stopped = worker
    worker = undefined
    stopped?.removeAllListeners()
    stopped?.on('error', () => {})
    void stopped?.terminate()
    calls.shift()?.reject(error)
    clearTimeout(clock)
    if (calls.length === 0) return
    worker = start()
    for (const call of calls) post(worker, call)
  }

  return {
    run: (code, event) =>
      new Promise((resolve, reject) => {
        const call = { message: { code, event }, resolve, reject }
        calls.push(call)
        worker ??= start()
        post(worker, call)
        if (calls.length === 1) watchFirst()
      }),
    async close() {
      clearTimeout(clock)
      for (const { reject } of calls) reject(new Error('the distribution is closed'))
      calls = []
      await worker?.terminate()
    },
  }
}

function post(worker: Worker, { message }: Call): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage(message)
}

/** JavaScript, so that the thread starts without a TypeScript loader. */
const workerCode = `
  const { parentPort } = require('node:worker_threads')
  const { createContext, Script } = require('node:vm')
  const silentConsole = 'globalThis.console = { log() {}, error() {}, warn() {} };'
  const callHandler = ';(async () => JSON.stringify(await handler(JSON.parse(event))))()'
  let before = Promise.resolve()
  parentPort.on('message', ({ code, event }) => {
    before = before.then(async () => {
      try {
        const context = createContext({ event }, { codeGeneration: { strings: false, wasm: false } })
        const script = new Script(silentConsole + code + '\\n' + callHandler)
        parentPort.postMessage({ result: await script.runInContext(context) })
      } catch (error) {
        parentPort.postMessage({ failure: String((error && error.message) || error) })
      }
    })
  })`
