import { inspectCheckout, requireSameCheckout, compareWithBranch } from '../environment/checkout.mts'
import { environmentNames, type Environment } from '../environment/environments.mts'
import { readSettings } from '../environment/settings.mts'
import type { Target } from '../environment/target.mts'
import { invocation, withFlag } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { isDryRun, isSurvivable, pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { ask, hasTerminal, isCi } from '../script/surroundings.mts'
import type { Promotion } from './deployment.mts'
import { listReleaseRecords } from './ledger.mts'
import { isVerified, type ReleaseRecord } from './record.mts'
import { duration } from '../script/drawing.mts'
import { isRefusedByCdn, requestText } from '../script/asking.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'

interface Given {
  yes: boolean
  force: boolean
}

/**
 * Fails unless this checkout may be deployed to the environment. Production takes only a clean working tree at a commit
 * of PRODUCTION_BRANCH (`--force` overrides this), warns when staging has not run it, and asks for its name. In CI, where no
 * one can type, such a working tree counts as confirmed.
 * @param promotion what comes from another environment: a commit of that branch too. The working tree counts all the same: it
 *   gives the settings and the shape of the task definition.
 */
export async function confirmMayDeploy(target: Target, { yes, force }: Given, promotion?: Promotion): Promise<void> {
  const { environment, local, settings } = target
  if (isDryRun() || environment !== 'production') return
  const branch = settings.PRODUCTION_BRANCH
  const ci = isCi() && !process.stdin.isTTY
  const state = await inspectCheckout(branch)
  const { objectionTo, objectionToPromotion } = await import('./objections.mts')
  const objection =
    objectionTo(state, branch) ??
    (promotion && objectionToPromotion(promotion, await compareWithBranch(promotion.sha, branch), branch))
  // a rehearsal on this machine may use uncommitted work
  if (objection && !force && !local) throw objection
  if (objection) say(`warning: ${objection.message}`)
  if (promotion?.environment !== 'staging') await warnUnlessStaged(target, promotion?.sha ?? state.sha)
  if (ci && !objection && !yes) {
    say(`confirmed: CI, and a clean working tree at a commit of origin/${branch}`)
    return
  }
  await confirmProduction(environment, yes)
  // someone may have worked in it while the question stood there; a promotion builds nothing
  if (!promotion) await requireSameCheckout(target)
}

/** Warns when staging has not run this commit. It only warns: these credentials may not reach staging. */
async function warnUnlessStaged({ settings, local }: Target, sha: string): Promise<void> {
  try {
    const staging = readSettings('staging')
    const elsewhere =
      staging.AWS_REGION !== settings.AWS_REGION || (!local && staging.AWS_ACCOUNT_ID !== settings.AWS_ACCOUNT_ID)
    if (elsewhere) return say('staging is in another account or region: not checked whether it ran this commit')
    const records = (await listReleaseRecords({ names: environmentNames('staging') }, 50)) ?? []
    const warning = stagingWarning(records, sha)
    if (warning) say(`warning: ${warning}`)
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: could not check whether staging ran this commit: ${error.message}`)
  }
}

/** The warning about a commit, given staging's releases, newest first; undefined when its backend and site were verified there. */
export function stagingWarning(records: ReleaseRecord[], sha: string): string | undefined {
  const verified = records.filter(
    ({ dirty, components }) => !dirty && isVerified(components.backend) && isVerified(components.frontend),
  )
  if (verified.some((record) => record.sha === sha)) return undefined
  const [latest] = verified
  const last = latest ? `the last one there was ${latest.id}` : 'it has no release in the ledger'
  return `staging never ran commit ${sha.slice(0, 7)} (${last}); try it there first: ${invocation('all', 'staging')}`
}

/** Production is changed only after its name was typed, or with `--yes`. */
export async function confirmProduction(environment: Environment, yes: boolean): Promise<void> {
  if (isDryRun() || environment !== 'production' || yes) return
  if (!hasTerminal()) {
    throw new Failure('production asks for confirmation, and there is no terminal', withFlag('--yes'), 2)
  }
  if ((await ask(`Type ${environment} to change it: `)) !== environment) {
    throw new Failure(
      'production was not confirmed; nothing was changed',
      're-run the same command and type: production',
    )
  }
}

/** Counts over all tasks. */
interface LiveCounts {
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
 * neither does a backend that never answers: the deployment may be its fix. Fails too where a web ACL refuses the question.
 */
export async function requireNoLiveQuiz(
  { environment }: Pick<Target, 'environment'>,
  outputs: StackOutputs,
  { force, waitIdle }: OnLiveQuiz,
  { within, every } = { within: 30 * 60_000, every: 10_000 },
): Promise<void> {
  if (isDryRun() || (environment !== 'staging' && environment !== 'production')) return
  // past the CDN, the load balancer answers no such question
  const url = `${addresses(outputs).cdn}/api/live`
  const started = Date.now()
  let { live, refusal } = await readCounts(url)
  for (let again = 0; !live && !force && again < 2; again++) {
    await pause(every / 5)
    ;({ live, refusal } = await readCounts(url))
  }
  if (refusal && !force) throw refusal
  let shown = ''
  while (live && live.quizzes > 0) {
    const counts = inWords(live)
    if (force) return say(`warning: --force: ${counts} on ${environment}`)
    if (!waitIdle) {
      throw new Failure(
        `${counts} on ${environment}; this will disconnect players`,
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
    // as long as nobody says that it is over, it is not
    live = (await readCounts(url)).live ?? live
  }
  if (live && live.players > 0) say(`${inWords(live)}: their pages will reconnect`)
}

function inWords({ quizzes, players }: LiveCounts): string {
  return `${quizzes} ${quizzes === 1 ? 'quiz is' : 'quizzes are'} live, ${players} ${players === 1 ? 'player is' : 'players are'} connected`
}

async function readCounts(url: string): Promise<{ live?: LiveCounts; refusal?: Failure }> {
  try {
    const { ok, status, server, body } = await requestText(url)
    const live = ok ? (JSON.parse(body) as Partial<LiveCounts>) : {}
    if (Number.isInteger(live.quizzes) && Number.isInteger(live.players)) return { live: live as LiveCounts }
    say(`warning: ${url} answers ${status} without counts: a quiz may be live`)
    if (isRefusedByCdn(status, server) || status === 429) return { refusal: refusedFailure(url, status) }
  } catch (error) {
    if (!isSurvivable(error) && !(error instanceof SyntaxError)) throw error
    say(`warning: a quiz may be live, the backend could not be asked: ${error.message}`)
  }
  return {}
}

/** As a web ACL does (AWS WAF): that says nothing about the backend, whose players may well play. */
function refusedFailure(url: string, status: number): Failure {
  return new Failure(
    `${url} answers ${status}: whether a quiz is live was not said`,
    `ask from an address that the web ACL of the CDN lets pass, or continue: ${withFlag('--force')}`,
  )
}
