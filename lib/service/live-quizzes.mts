import type { Target } from '../environment/target.mts'
import { withFlag } from '../script/command-line.mts'
import { duration } from '../script/drawing.mts'
import { Failure, isExpected } from '../script/failure.mts'
import { requestText } from '../script/http.mts'
import { isDryRun, pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'

/** Counts over all tasks. */
export interface LiveCounts {
  quizzes: number
  players: number
}

/** The flags that say what to do while a quiz is live; without either, the run is refused. */
export interface OnLiveQuiz {
  force: boolean
  /** Undefined: the script has no such flag. */
  waitIdle: boolean | undefined
}

/**
 * Checks, before the backend of staging or production is touched, whether a quiz is live. Fails when one is, unless a flag
 * says to wait until it is over (half an hour at most) or to continue. A page that is merely open stops nothing, and
 * neither does a backend that does not answer: the deployment may be its fix.
 */
export async function requireNoLiveQuiz(
  { environment }: Pick<Target, 'environment'>,
  outputs: StackOutputs,
  { force, waitIdle }: OnLiveQuiz,
  { within, every } = { within: 30 * 60_000, every: 10_000 },
): Promise<void> {
  if (isDryRun() || (environment !== 'staging' && environment !== 'production')) return
  const url = `${addresses(outputs).loadBalancer}/api/live`
  const started = Date.now()
  let shown = ''
  for (;;) {
    const live = await readCounts(url)
    if (!live) return
    const counts = inWords(live)
    if (live.quizzes === 0) {
      if (live.players > 0) say(`${counts}: their pages will reconnect`)
      return
    }
    if (force) return say(`warning: --force: ${counts} on ${environment}`)
    if (!waitIdle) {
      throw new Failure(
        `${counts} on ${environment}; this deployment will disconnect every player`,
        waitIdle === undefined
          ? `wait until the quiz is over, or continue: ${withFlag('--force')}`
          : `wait until the quiz is over: ${withFlag('--wait-idle')}; or continue: ${withFlag('--force')}`,
      )
    }
    const waited = Date.now() - started
    if (waited + every > within) {
      throw new Failure(`${counts} on ${environment} after waiting ${duration(waited)}`, withFlag('--force'))
    }
    if (counts !== shown) say(`waiting until no quiz is live, ${duration(within)} at most: ${counts}`)
    shown = counts
    await pause(every)
  }
}

function inWords({ quizzes, players }: LiveCounts): string {
  return `${quizzes} ${quizzes === 1 ? 'quiz is' : 'quizzes are'} live, ${players} ${players === 1 ? 'player is' : 'players are'} connected`
}

async function readCounts(url: string): Promise<LiveCounts | undefined> {
  try {
    const { ok, status, body } = await requestText(url)
    const live = ok ? (JSON.parse(body) as Partial<LiveCounts>) : {}
    if (Number.isInteger(live.quizzes) && Number.isInteger(live.players)) return live as LiveCounts
    say(`warning: ${url} answers ${status} without counts: a quiz may be live`)
  } catch (error) {
    if (!isExpected(error) && !(error instanceof SyntaxError)) throw error
    say(`warning: a quiz may be live, the backend could not be asked: ${error.message}`)
  }
  return undefined
}
