import { addresses } from '../stack/addresses.mts'
import { Failure } from '../script/failure.mts'
import { withFlag } from '../script/invocation.mts'
import { pause } from '../script/job.mts'
import { duration, say } from '../script/narration.mts'
import { request } from './proof.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'

/** What is going on, over all tasks. */
export interface Live {
  quizzes: number
  players: number
}

/** What to do while a quiz is live, as the flags of these names say; neither is to refuse. */
export interface OnLiveQuiz {
  force: boolean
  'wait-idle': boolean
}

/**
 * Asks, before the backend of staging or production is touched, whether people are in the middle of a quiz. Fails when
 * they are, unless it is told to wait until they are done (half an hour at most) or to go on. Pages that are merely open
 * stop nothing, and neither does a backend that does not answer: deploying may be what mends it.
 */
export async function requireNoLiveQuiz(
  { environment }: Pick<Target, 'environment'>,
  outputs: StackOutputs,
  { force, 'wait-idle': waitIdle }: OnLiveQuiz,
  { within, every } = { within: 30 * 60_000, every: 10_000 },
): Promise<void> {
  if (environment !== 'staging' && environment !== 'production') return
  const url = `${addresses(outputs).loadBalancer}/api/live`
  const started = Date.now()
  let shown = ''
  for (;;) {
    const live = await liveAt(url)
    if (!live) return
    const counts = told(live)
    if (live.quizzes === 0) {
      if (live.players > 0) say(`${counts}: their pages will connect anew`)
      return
    }
    if (force) return say(`warning: --force: ${counts} on ${environment}`)
    if (!waitIdle) {
      throw new Failure(
        `${counts} on ${environment}; a deployment makes everybody connect anew`,
        `wait until they are done: ${withFlag('--wait-idle')}; or go on: ${withFlag('--force')}`,
      )
    }
    const waited = Date.now() - started
    if (waited + every > within) {
      throw new Failure(`${counts} on ${environment} after ${duration(waited)} of waiting`, withFlag('--force'))
    }
    if (counts !== shown) say(`waiting for idle, ${duration(within)} at most: ${counts}`)
    shown = counts
    await pause(every)
  }
}

function told({ quizzes, players }: Live): string {
  return `${quizzes} ${quizzes === 1 ? 'quiz is' : 'quizzes are'} live, ${players} ${players === 1 ? 'player is' : 'players are'} connected`
}

async function liveAt(url: string): Promise<Live | undefined> {
  try {
    const answer = await request(url)
    const body = await answer.text()
    const live = answer.ok ? (JSON.parse(body) as Partial<Live>) : {}
    if (Number.isInteger(live.quizzes) && Number.isInteger(live.players)) return live as Live
    say(`warning: ${url} answers ${answer.status} and no counts: nobody knows whether a quiz is live`)
  } catch (error) {
    if (!(error instanceof Failure || error instanceof SyntaxError)) throw error
    if (error instanceof Failure && error.exitCode > 128) throw error
    say(`warning: whether a quiz is live could not be asked: ${error.message}`)
  }
  return undefined
}
