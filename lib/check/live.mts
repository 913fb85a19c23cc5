import { addresses } from '../stack/addresses.mts'
import { latestDrift, ledgerDrift, settingsDrift } from './drift.mts'
import { environmentNames, type Environment } from '../environment/environments.mts'
import { found, skipped, type Found } from './findings.mts'
import { taskPlatform } from '../image/image.mts'
import { invocation } from '../script/invocation.mts'
import { endangered, keptDigests, lifecycleRules, repositoryImages } from './images.mts'
import { releaseRecords } from '../ledger/ledger.mts'
import { isLocalEndpoint } from '../../infrastructure/local/connection.ts'
import { currentLock, isStale, describeLock } from '../ledger/lock.mts'
import { progress } from '../service/rollout.mts'
import { request } from '../service/proof.mts'
import { liveAfter } from '../ledger/record.mts'
import { runningRelease, type RunningRelease } from '../service/running-release.mts'
import { revisionName } from '../service/service.mts'
import { readSettings } from '../environment/settings.mts'
import { probe } from '../script/shell.mts'
import { releaseIn } from '../site/files.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Finding } from './tools.mts'

/**
 * What is deployed, and whether service, ledger, `latest`, stack and the files here agree. All is asked at once; what
 * cannot be asked leaves the other findings alone.
 * @param outputs of the stack; undefined when there is none to look into
 */
export async function liveFindings(environment: Environment, outputs: StackOutputs | undefined): Promise<Finding[]> {
  if (!outputs) {
    return skipped(['deploy lock', 'admin secret', 'service', 'images', 'site'], 'no stack to look into')
  }
  const settings = readSettings(environment)
  const names = environmentNames(environment)
  const target = { environment, names, settings, region: settings.AWS_REGION, local: isLocalEndpoint() }
  const deploying = currentLock(target)
  const service = runningRelease(target)
  const records = releaseRecords(target)
  const images = repositoryImages(names.repository)
  const rules = lifecycleRules(names.repository)
  const platform = taskPlatform(target.local)

  /** A deployment changes one after the other: while it does, they differ for a good reason. */
  const settled = async <T,>(name: string, others: Promise<T>, check: (running: RunningRelease, known: T) => Found) =>
    await found(name, async () => {
      const [running, lock, known] = await Promise.all([service, deploying, others])
      if (!running) return { status: 'SKIP', detail: 'no service runs yet' }
      if (lock && !isStale(lock)) return { status: 'SKIP', detail: 'not compared while somebody deploys' }
      return check(running, known)
    })
  const differing = Promise.all([platform, records]).then(([built, known]) => ({ built, known: known ?? [] }))
  const drifting = (running: RunningRelease, { built }: Awaited<typeof differing>) =>
    settingsDrift(target, outputs, running, built)

  return await Promise.all([
    found('deploy lock', async () => {
      const lock = await deploying
      if (!lock) return { status: 'OK', detail: 'nobody deploys' }
      return isStale(lock)
        ? {
            status: 'FAIL',
            detail: `a deployment died and left its lock: ${describeLock(lock)}`,
            remedy: invocation('unlock', environment),
          }
        : { status: 'SKIP', detail: `under way: ${describeLock(lock)}` }
    }),
    found('admin secret', () => secretFound(outputs.AdminSecretArn, environment)),
    found('service', async () => serviceFound(await service, environment)),
    settled('stack in use', differing, (running, known) =>
      same(drifting(running, known).stack, `${names.stack}'s`, redeploying(environment)),
    ),
    settled('task definition', differing, (running, known) => {
      const lines = drifting(running, known).taskDefinition
      // a revision cannot be changed: what differs from the one that was deployed from here is new here
      return lines.length > 0 && liveAfter(known.known).backend?.taskDefinition === running.revision
        ? { status: 'OK', detail: `the next deployment changes ${lines.join('; ')}` }
        : same(lines, 'as the files here say', invocation('backend', environment))
    }),
    settled('service settings', differing, (running, known) =>
      same(drifting(running, known).service, 'as the files here say', redeploying(environment)),
    ),
    settled('latest', images, (running, known) =>
      same(latestDrift(running, known), 'names the image that runs', redeploying(environment)),
    ),
    settled('ledger', records, (running, known) => {
      const recorded = liveAfter(known ?? []).backend?.taskDefinition
      return recorded === undefined
        ? { status: 'SKIP', detail: 'it knows no deployed backend yet' }
        : same(
            ledgerDrift(running, recorded),
            `knows ${revisionName(running.revision)}`,
            'somebody changed the service by hand; deploying or rolling back records what runs',
          )
    }),
    found('images', async () => {
      const [running, known, all, by] = await Promise.all([service, records, images, rules])
      const kept = keptDigests(running ?? { digest: '', release: '' }, known ?? [])
      if (kept.size === 0) return { status: 'SKIP', detail: 'no release yet' }
      const { gone, expiring } = endangered(kept, all, by, new Date())
      const name = (digest: string) => `${kept.get(digest) || 'the running release'} (${digest.slice(0, 19)})`
      return same(
        [
          ...gone.map((digest) => `the image of ${name(digest)} is gone`),
          ...expiring.map((digest) => `a lifecycle rule expires the image of ${name(digest)}`),
        ],
        `${all.length} in ${names.repository}; no rule expires those that are kept for a way back (${kept.size})`,
        gone.length > 0
          ? `a rollback cannot go there; what can be chosen: ${invocation('revisions', environment)}`
          : redeploying(environment),
      )
    }),
    found('site', async () => {
      const recorded = liveAfter((await records) ?? []).frontend?.release
      const url = `${addresses(outputs).site}/`
      const release = releaseIn(await (await request(url)).text())
      if (!release && recorded === undefined) return { status: 'SKIP', detail: 'no site yet' }
      const differs = recorded !== undefined && recorded !== release
      return same(
        differs ? [`${url} serves ${release || 'no release'}, and the ledger knows ${recorded} as deployed last`] : [],
        `${url} serves ${release}`,
        invocation('frontend', environment),
      )
    }),
  ])
}

function redeploying(environment: Environment): string {
  return invocation('backend', environment, '--redeploy')
}

function same(lines: string[], good: string, remedy: string): Found {
  return lines.length === 0 ? { status: 'OK', detail: good } : { status: 'FAIL', detail: lines.join('; '), remedy }
}

function serviceFound(running: RunningRelease | undefined, environment: Environment): Found {
  if (!running) return { status: 'SKIP', detail: 'none yet; the backend stage creates it' }
  const { service, revision, deregistered } = running
  const detail = progress(service)
  const primary = service.deployments.find(({ status }) => status === 'PRIMARY')
  if (primary?.rolloutState === 'FAILED') {
    return {
      status: 'FAIL',
      detail: `the rollout failed: ${primary.rolloutStateReason ?? detail}`,
      remedy: invocation('backend', environment),
    }
  }
  if (primary?.rolloutState === 'IN_PROGRESS') return { status: 'SKIP', detail: `a rollout is under way: ${detail}` }
  if (service.desiredCount === 0) return { status: 'SKIP', detail: 'scaled to 0 tasks: nothing answers' }
  if ((primary?.runningCount ?? 0) < service.desiredCount) {
    return { status: 'FAIL', detail, remedy: `${invocation('debug', environment)} shows how to find out why` }
  }
  return deregistered
    ? {
        status: 'FAIL',
        detail: `${revisionName(revision)} was deregistered: its tasks run on, and no rollback can bring it back`,
        remedy: redeploying(environment),
      }
    : { status: 'OK', detail }
}

async function secretFound(arn: string, environment: Environment): Promise<Found> {
  const remedy = invocation('infrastructure', environment)
  const described = await probe`aws secretsmanager describe-secret --secret-id ${arn}`
  if (/ResourceNotFoundException/.test(described.stderr)) {
    return { status: 'FAIL', detail: `there is none: ${arn}`, remedy }
  }
  if (described.exitCode !== 0) throw described.failed()
  const { Name, DeletedDate } = JSON.parse(described.stdout) as { Name: string; DeletedDate?: unknown }
  return DeletedDate === undefined
    ? { status: 'OK', detail: `${Name} is there` }
    : {
        status: 'FAIL',
        detail: `${Name} is about to be deleted`,
        remedy: `aws secretsmanager restore-secret --secret-id ${arn}`,
      }
}
