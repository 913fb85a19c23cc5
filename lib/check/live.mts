import { environmentNames, hasAlarms, isLocalEndpoint, type Environment } from '../environment/environments.mts'
import { readSettings } from '../environment/settings.mts'
import type { Target } from '../environment/target.mts'
import { chooseTaskPlatform } from '../image/image.mts'
import { listReleaseRecords, missingTableFailure } from '../ledger/ledger.mts'
import { readLock, describeLock, isStale } from '../ledger/lock.mts'
import { invocation } from '../script/command-line.mts'
import { request } from '../script/asking.mts'
import { begin } from '../script/job.mts'
import { progress } from '../service/rollout.mts'
import { revisionName, readRunningRelease, type RunningRelease } from '../service/service.mts'
import { primaryOf } from '../service/verdict.mts'
import { schemeConflictFailure } from '../stack/scheme.mts'
import { addresses, isPrivate, type StackOutputs } from '../stack/stack.mts'
import {
  checkLatest,
  checkLedger,
  checkServiceSettings,
  checkSite,
  checkStackInUse,
  checkTaskDefinition,
  checkWhenIdle,
  type Live,
} from './agreement.mts'
import { checkSubscription } from './alerts.mts'
import { checkApplicationTable } from './application-table.mts'
import { checkDomain } from './domain.mts'
import { checkAdminSecret } from './admin-secret.mts'
import {
  runCheck,
  compared,
  failed,
  passed,
  redeployBackend,
  redeployStack,
  skipped,
  type CheckResult,
  type Finding,
} from './finding.mts'
import { allSkipped } from './findings.mts'
import { endangered, keptDigests, readLifecycleRules, listImages, checkScan } from './images.mts'

/**
 * What is deployed, and whether service, ledger, `latest`, stack and the files here agree. All queries run at once; one that
 * fails affects no other finding.
 * @param outputs of the stack; a text: why nothing is known of it
 */
export async function checkLive(environment: Environment, outputs: StackOutputs | string): Promise<Finding[]> {
  if (typeof outputs === 'string') {
    const all = ['deploy lock', 'admin secret', 'load balancer', 'service', 'images', 'image scan', 'site']
    return allSkipped(all, outputs)
  }
  const settings = readSettings(environment)
  const names = environmentNames(environment)
  const target = { environment, names, settings, region: settings.AWS_REGION, local: isLocalEndpoint() }
  const live: Live = {
    target,
    outputs,
    lock: begin(() => readLock(target)),
    running: begin(() => readRunningRelease(target)),
    records: begin(() => listReleaseRecords(target)),
    images: begin(() => listImages(names.repository)),
    platform: begin(() => chooseTaskPlatform(target.local)),
  }
  const hasDomain = settings.SITE_DOMAIN || outputs.SiteDomainName
  const hasSubscription = settings.ALERT_EMAIL && hasAlarms(environment)
  return await Promise.all([
    runCheck('deploy lock', () => checkLock(live)),
    runCheck('admin secret', () => checkAdminSecret(outputs.AdminSecretArn, environment)),
    runCheck('load balancer', () => checkLoadBalancer(target, outputs)),
    ...(hasDomain ? [runCheck('site domain', () => checkDomain(target, outputs))] : []),
    ...(hasSubscription ? [runCheck('alarm subscription', () => checkSubscription(target, outputs))] : []),
    runCheck('service', async () => serviceResult(await live.running, environment)),
    runCheck('stack in use', () => checkWhenIdle(live, checkStackInUse)),
    runCheck('application table', async () => checkApplicationTable(target, outputs, await live.running)),
    runCheck('task definition', () => checkWhenIdle(live, checkTaskDefinition)),
    runCheck('service settings', () => checkWhenIdle(live, checkServiceSettings)),
    runCheck('latest', () => checkWhenIdle(live, checkLatest)),
    runCheck('ledger', () => checkWhenIdle(live, checkLedger)),
    runCheck('images', () => checkImages(live)),
    runCheck('image scan', () => checkImageScan(live)),
    runCheck('site', () => checkSite(live)),
  ])
}

async function checkLock({ target, lock, records }: Live): Promise<CheckResult> {
  const held = await lock
  if (!held && (await records) === undefined) throw missingTableFailure(target)
  if (!held) return passed('free: no deployment is under way')
  return isStale(held)
    ? failed(`a deployment died and left its lock: ${describeLock(held)}`, invocation('unlock', target.environment))
    : skipped(`under way: ${describeLock(held)}`)
}

async function checkImages({ target, running, records, images }: Live): Promise<CheckResult> {
  const { environment, names } = target
  const [release, known, all, rules] = await Promise.all([
    running,
    records,
    images,
    readLifecycleRules(names.repository),
  ])
  const kept = keptDigests(release ?? { digest: '', release: '' }, known ?? [])
  if (kept.size === 0) return skipped('no release yet')
  const { gone, expiring } = endangered(kept, all, rules, new Date())
  const name = (digest: string) => `${kept.get(digest) || 'the running release'} (${digest.slice(0, 19)})`
  return compared(
    [
      ...gone.map((digest) => `the image of ${name(digest)} is gone`),
      ...expiring.map((digest) => `a lifecycle rule expires the image of ${name(digest)}`),
    ],
    `${all.length} in ${names.repository}; no rule expires the ${kept.size} that a rollback may need`,
    gone.length > 0
      ? `a rollback to it is impossible; list the possible ones: ${invocation('revisions', environment)}`
      : redeployBackend(environment),
  )
}

async function checkImageScan({ target, running }: Live): Promise<CheckResult> {
  const digest = (await running)?.digest
  return digest ? await checkScan(target.names.repository, digest) : skipped('no release yet')
}

function serviceResult(running: RunningRelease | undefined, environment: Environment): CheckResult {
  if (!running) return skipped('none yet; the backend stage creates it')
  const { service, revision, deregistered } = running
  const detail = progress(service)
  const primary = primaryOf(service)
  if (primary?.rolloutState === 'FAILED') {
    const reason = primary.rolloutStateReason ?? detail
    return failed(`the rollout failed: ${reason}`, invocation('backend', environment))
  }
  if (primary?.rolloutState === 'IN_PROGRESS') return skipped(`a rollout is under way: ${detail}`)
  if (service.desiredCount === 0) return skipped('scaled to 0 tasks: nothing answers')
  if ((primary?.runningCount ?? 0) < service.desiredCount) {
    return failed(detail, `${invocation('debug', environment)} prints commands to find out why`)
  }
  return deregistered
    ? failed(
        `${revisionName(revision)} was deregistered: its tasks keep running, but no rollback can return to it`,
        redeployBackend(environment),
      )
    : passed(detail)
}

/** Whether requests get past the CDN: the last rule of the listener may be gone, or not be there yet. */
async function checkLoadBalancer(
  target: Pick<Target, 'environment' | 'settings'>,
  outputs: StackOutputs,
): Promise<CheckResult> {
  const conflict = schemeConflictFailure(target, target.settings, outputs)
  if (conflict) throw conflict
  if (isPrivate(outputs)) return passed('has no public address')
  const url = `${addresses(outputs).loadBalancer}/api/live`
  const { status } = await request(url)
  return status === 404
    ? passed('forwards only what the CDN sends, /health and the diagnostic socket')
    : failed(`${url} answers ${status}: requests get past the CDN`, redeployStack(target.environment))
}
