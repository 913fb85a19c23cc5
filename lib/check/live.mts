import { environmentNames, hasAlarms, isLocalEndpoint, type Environment } from '../environment/environments.mts'
import { readSettings } from '../environment/settings.mts'
import type { Target } from '../environment/target.mts'
import { chooseTaskPlatform } from '../image/image.mts'
import { listReleaseRecords, missingTableFailure } from '../ledger/ledger.mts'
import { readLock, describeLock, isStale } from '../ledger/lock.mts'
import { liveAfter, unfinishedRun, type ReleaseRecord } from '../ledger/record.mts'
import { invocation } from '../script/command-line.mts'
import { request, requestText } from '../script/asking.mts'
import { progress } from '../service/rollout.mts'
import { revisionName, readRunningRelease, type RunningRelease } from '../service/service.mts'
import { primaryOf } from '../service/verdict.mts'
import { releaseIn } from '../site/files.mts'
import { schemeConflictFailure } from '../stack/scheme.mts'
import { addresses, isPrivate, type StackOutputs } from '../stack/stack.mts'
import { checkSubscription } from './alerts.mts'
import { checkApplicationTable } from './application-table.mts'
import { checkDomain } from './domain.mts'
import { latestDrift, ledgerDrift, settingsDrift } from './drift.mts'
import { checkAdminSecret } from './admin-secret.mts'
import { runCheck, failed, passed, redeployStack, skipped, warned, type CheckResult, type Finding } from './finding.mts'
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
  const deploying = readLock(target)
  const isUnderWay = () => deploying.then((lock) => lock !== undefined && !isStale(lock))
  const service = readRunningRelease(target)
  const records = listReleaseRecords(target)
  const images = listImages(names.repository)
  const rules = readLifecycleRules(names.repository)
  const platform = chooseTaskPlatform(target.local)

  /** Not while a deployment runs: it changes one thing after the other, and meanwhile they differ. */
  const attemptWhenIdle = async <T,>(
    name: string,
    others: Promise<T>,
    check: (running: RunningRelease, known: T) => CheckResult,
  ) =>
    await runCheck(name, async () => {
      const [running, known] = await Promise.all([service, others])
      if (!running) return skipped('no service runs yet')
      if (await isUnderWay()) return skipped('not compared during a deployment')
      return check(running, known)
    })
  const differing = Promise.all([platform, records]).then(([built, known]) => ({ built, known: known ?? [] }))
  const drifting = (running: RunningRelease, { built }: Awaited<typeof differing>) =>
    settingsDrift(target, outputs, running, built)

  return await Promise.all([
    runCheck('deploy lock', async () => {
      const lock = await deploying
      if (!lock && (await records) === undefined) throw missingTableFailure(target)
      if (!lock) return passed('free: no deployment is under way')
      return isStale(lock)
        ? failed(`a deployment died and left its lock: ${describeLock(lock)}`, invocation('unlock', environment))
        : skipped(`under way: ${describeLock(lock)}`)
    }),
    runCheck('admin secret', () => checkAdminSecret(outputs.AdminSecretArn, environment)),
    runCheck('load balancer', () => checkLoadBalancer(target, outputs)),
    ...(settings.SITE_DOMAIN || outputs.SiteDomainName
      ? [runCheck('site domain', () => checkDomain(target, outputs))]
      : []),
    ...(settings.ALERT_EMAIL && hasAlarms(environment)
      ? [runCheck('alarm subscription', () => checkSubscription(target, outputs))]
      : []),
    runCheck('service', async () => serviceResult(await service, environment)),
    attemptWhenIdle('stack in use', differing, (running, known) =>
      compared(drifting(running, known).stack, `${names.stack}'s`, redeployRemedy(environment)),
    ),
    runCheck('application table', async () => checkApplicationTable(target, outputs, await service)),
    attemptWhenIdle('task definition', differing, (running, known) => {
      const lines = drifting(running, known).taskDefinition
      // a revision cannot change: when it is the one that was deployed from here, the files here have changed since
      return lines.length > 0 && liveAfter(known.known).backend?.taskDefinition === running.revision
        ? passed(`the next deployment changes ${lines.join('; ')}`)
        : compared(lines, 'matches the files here', invocation('backend', environment))
    }),
    attemptWhenIdle('service settings', differing, (running, known) =>
      compared(drifting(running, known).service, 'matches the files here', redeployRemedy(environment)),
    ),
    attemptWhenIdle('latest', images, (running, known) =>
      compared(latestDrift(running, known), 'names the running image', redeployRemedy(environment)),
    ),
    attemptWhenIdle('ledger', records, (running, known) => {
      const recorded = liveAfter(known ?? []).backend?.taskDefinition
      const last = unfinishedRun(known)
      if (recorded !== running.revision && last?.components.backend?.taskDefinition === running.revision)
        return unverified(last)
      return recorded === undefined
        ? skipped('it has no deployed backend yet')
        : compared(
            ledgerDrift(running, recorded),
            `has ${revisionName(running.revision)}`,
            'someone changed the service by hand; deploy or roll back to record what runs',
          )
    }),
    runCheck('images', async () => {
      const [running, known, all, by] = await Promise.all([service, records, images, rules])
      const kept = keptDigests(running ?? { digest: '', release: '' }, known ?? [])
      if (kept.size === 0) return skipped('no release yet')
      const { gone, expiring } = endangered(kept, all, by, new Date())
      const name = (digest: string) => `${kept.get(digest) || 'the running release'} (${digest.slice(0, 19)})`
      return compared(
        [
          ...gone.map((digest) => `the image of ${name(digest)} is gone`),
          ...expiring.map((digest) => `a lifecycle rule expires the image of ${name(digest)}`),
        ],
        `${all.length} in ${names.repository}; no rule expires the ${kept.size} that a rollback may need`,
        gone.length > 0
          ? `a rollback to it is impossible; list the possible ones: ${invocation('revisions', environment)}`
          : redeployRemedy(environment),
      )
    }),
    runCheck('image scan', async () => {
      const running = await service
      return running?.digest ? checkScan(names.repository, running.digest) : skipped('no release yet')
    }),
    runCheck('site', async () => {
      if (await isUnderWay()) return skipped('not compared during a deployment')
      const recorded = liveAfter((await records) ?? []).frontend?.release
      const url = `${addresses(outputs).cdn}/`
      const release = releaseIn((await requestText(url)).body)
      if (!release && recorded === undefined) return skipped('no site yet')
      const differs = recorded !== undefined && recorded !== release
      const last = unfinishedRun(await records)
      if (differs && last?.components.frontend?.release === release) return unverified(last)
      return compared(
        differs
          ? [`${url} serves ${release || 'no release'}, but the ledger says that ${recorded} was deployed last`]
          : [],
        `${url} serves ${release}`,
        invocation('frontend', environment),
      )
    }),
  ])
}

function unverified({ id, verdict, command }: ReleaseRecord): CheckResult {
  return warned(`release ${id} runs, and was not verified: its run ended as "${verdict}"`, `${command} verifies it`)
}

function redeployRemedy(environment: Environment): string {
  return invocation('backend', environment, '--redeploy')
}

function compared(differences: string[], good: string, remedy: string): CheckResult {
  return differences.length === 0 ? passed(good) : failed(differences.join('; '), remedy)
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
        redeployRemedy(environment),
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
