import type { Log } from '../log.ts'
import type { AskTargetHealth } from './target-health.ts'

interface Watched {
  ask: AskTargetHealth
  /** Whether anyone is connected: without a socket nothing needs to be drained, and nobody is asked. */
  hasSockets: () => boolean
  /** Called once, when the load balancer drains this task. */
  onDraining: () => void
  log: Log
  /** Between two questions, in milliseconds; a fifth more or less by chance, so that tasks do not ask together. */
  every?: number
}

/**
 * Asks the load balancer about this task until it is draining: ECS sends SIGTERM only after the deregistration delay, when
 * the connections are cut already. Returns a function that ends it.
 */
export function watchTargetHealth({ ask, hasSockets, onDraining, log, every = 2_000 }: Watched): () => void {
  let timer: NodeJS.Timeout
  let wasRegistered = false
  let isSilent = false
  let isOver = false

  function wait(): void {
    timer = setTimeout(() => void look(), every * (0.8 + 0.4 * Math.random()))
    timer.unref()
  }

  async function look(): Promise<void> {
    if (hasSockets()) {
      const state = await answer()
      if (isOver) return
      // a short deregistration delay may be over between two questions
      if (state === 'draining' || (state === 'unused' && wasRegistered)) return onDraining()
      if (state !== undefined && state !== 'unused') wasRegistered = true
    }
    wait()
  }

  /** Undefined when nobody answers: said once, until someone does. */
  async function answer(): Promise<string | undefined> {
    try {
      const state = await ask()
      isSilent = false
      return state
    } catch (error) {
      if (!isSilent) log.warn('this task cannot learn whether it is draining', { error })
      isSilent = true
      return undefined
    }
  }

  wait()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
