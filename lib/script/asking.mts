import { Unanswered } from './failure.mts'
import { currentJob, pause } from './job.mts'
import { say } from './narration.mts'

/**
 * Asks until someone answers: a throttled or dropped question is asked again, every `every` milliseconds, until `within`
 * have passed; then it is thrown, an Unanswered. Every other failure is an answer and thrown at once, and so are
 * credentials that have expired.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { within, every }: { within: number; every: number },
): Promise<T> {
  const deadline = Date.now() + within
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Unanswered) || !error.isTransient || currentJob().signal.aborted) throw error
      if (Date.now() + every > deadline) throw error
      if (isFirst) say(`warning: no answer, asking again: ${error.message}`)
      await pause(every)
    }
  }
}
