import {
  environmentNames,
  environments,
  isEnvironment,
  isLocalEndpoint,
  type Environment,
} from '../environment/environments.mts'
import { readSettings, settingsFor } from '../environment/settings.mts'
import type { Place, Target } from '../environment/target.mts'
import { pinned } from '../image/image.mts'
import { readImage } from '../image/repository.mts'
import type { Promotion } from '../ledger/deployment.mts'
import { listReleaseRecords } from '../ledger/ledger.mts'
import { readLock, describeLock, isStale, whoDeploys } from '../ledger/lock.mts'
import { infrastructureCommit, liveAfter, type ReleaseRecord } from '../ledger/record.mts'
import { verdictOf } from '../ledger/report.mts'
import { invocation, promotionLine } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { say } from '../script/narration.mts'
import { revisionName, readRunningRelease, type RunningRelease } from '../service/service.mts'
import { verdictOn } from '../service/verdict.mts'
import { showsSource } from '../site/build.mts'
import { missingFrom, type Manifest } from '../site/release.mts'
import { readLiveSite } from '../site/site.mts'
import type { StackOutputs } from '../stack/stack.mts'

/** The environment that a promotion copies from; it is not changed. */
type PromotionSource = Place & Pick<Target, 'settings'>

/** The backend and site that run in the source and were verified there. */
export interface Promotable {
  promotion: Promotion
  backend: RunningRelease
  /** URI of the repository that has its image. */
  repository: string
  /** Bucket of the site, and its live release. */
  bucket: string
  manifest: Manifest
  /** Commit of its stack; undefined when the ledger does not know it. */
  infrastructure: string | undefined
}

/** The environment to promote to, as typed after the one to promote from. Fails with exit 2. */
export function parsePromotionTarget(from: Environment, to: string | undefined): Environment {
  const usage = promotionLine('staging', 'production')
  if (to === undefined) throw new Failure('no environment to promote to was given', `give two, as in ${usage}`, 2)
  if (!isEnvironment(to)) throw new Failure(`unknown environment: ${to}`, `give one of ${environments.join(', ')}`, 2)
  if (from === to) throw new Failure(`${from} cannot be promoted to itself`, `give two environments, as in ${usage}`, 2)
  if ((from === 'local' || to === 'local') && !isLocalEndpoint()) {
    const other = from === 'local' ? to : from
    throw new Failure(
      `local is on the AWS of this machine, and ${other} on a real one`,
      'make local-shell opens a shell where both are on this machine',
      2,
    )
  }
  return to
}

/**
 * The source of a promotion. Fails when the target cannot run what the source runs: image and objects are copied within one
 * account and region, and the frontend's settings are part of the site's bytes.
 */
export function requireSource(
  from: Environment,
  { environment: to, settings, account, region, local }: Target,
): PromotionSource {
  const source = readSettings(from)
  const elsewhere = source.AWS_REGION !== region || (!local && !['', account].includes(source.AWS_ACCOUNT_ID))
  if (elsewhere) {
    throw new Failure(
      `${from} is in account ${source.AWS_ACCOUNT_ID || account}, ${source.AWS_REGION}, and ${to} in ${account}, ${region}: a promotion copies only within one account and region`,
      `check out the commit of ${from}’s release and run ${invocation('all', to)}`,
    )
  }
  const [built, needed] = [settingsFor('frontend', source), settingsFor('frontend', settings)]
  const other = Object.keys(built).find((key) => built[key] !== needed[key])
  if (other !== undefined) {
    throw new Failure(
      `${other} is ${JSON.stringify(built[other])} in env/.env.${from} and ${JSON.stringify(needed[other])} in env/.env.${to}, and the site is built with it`,
      `give both the same value, then ${invocation('frontend', from)}; or build for ${to}: ${invocation('all', to)}`,
    )
  }
  return { environment: from, names: environmentNames(from), settings: source }
}

/**
 * What the source runs. Fails unless no deployment is under way there, and backend and site are the last ones that were
 * verified, by its ledger: a change by hand, or an unverified deployment, is never promoted.
 * @param release the one that it has to be, where someone has approved just that
 */
export async function requirePromotable(
  source: PromotionSource,
  outputs: StackOutputs,
  { environment: to }: Pick<Target, 'environment'>,
  release?: string,
): Promise<Promotable> {
  const { environment: from, names } = source
  const verify = `deploy and verify it with ${invocation('all', from)}, then promote`
  const [records = [], lock] = await Promise.all([listReleaseRecords(source), readLock(source)])
  if (lock && !isStale(lock)) {
    throw new Failure(`${from} is being deployed, by ${describeLock(lock)}`, `wait until it ends: ${whoDeploys(from)}`)
  }
  const { infrastructure, backend: verified, frontend } = liveAfter(records)
  if (!verified || !frontend) {
    const what = verified ? 'site' : 'backend'
    throw new Failure(`the ledger of ${from} has no verified ${what}`, verify)
  }

  const [backend, site] = await Promise.all([readRunningRelease(source), readLiveSite(outputs)])
  if (!backend) throw new Failure(`${from} has no service ${names.service}`, verify)
  const verdict = verdictOn(backend.service, backend.revision)
  if (verdict?.verdict !== 'deployed') {
    throw new Failure(`${from} does not run its backend: ${verdict?.reason ?? 'a rollout is under way'}`, verify)
  }
  if (backend.revision !== verified.taskDefinition || backend.digest !== verified.digest) {
    throw new Failure(
      `${from} runs ${revisionName(backend.revision)} (${backend.digest || 'no digest'}), but the last verified one there is ${verified.taskDefinition ? revisionName(verified.taskDefinition) : 'another'} (${verified.digest ?? 'no digest'})`,
      verify,
    )
  }
  if (site.live !== frontend.release) {
    throw new Failure(
      `the site of ${from} is release ${site.live || '(none)'}, but the last verified one there is ${frontend.release ?? '(none)'}`,
      verify,
    )
  }
  const manifest = site.liveManifest
  if (!manifest || missingFrom(manifest, site.stored).length > 0) {
    throw new Failure(`the bucket of ${from} does not have all files of release ${site.live}`, verify)
  }
  const repository = pinned(backend.taskDefinition.containerDefinitions[0]?.image ?? '')?.repository
  if (
    !repository?.endsWith(`/${names.repository}`) ||
    !(await readImage(names.repository, `imageDigest=${backend.digest}`))
  ) {
    throw new Failure(`the image of ${from} is not in ${names.repository}`, verify)
  }

  const record = newest(records, verified.record, frontend.record)
  if (release !== undefined && record.id !== release) {
    throw new Failure(
      `${from} now runs release ${record.id}, not ${release}`,
      `to promote that one instead: ${promotionLine(from, to)}`,
    )
  }
  warnAboutUnverified(from, records, lock)
  return {
    promotion: { environment: from, release: record.id, sha: record.sha, dirty: record.dirty },
    backend,
    repository,
    bucket: outputs.SiteBucketName,
    manifest: { ...manifest, files: manifest.files.filter(({ key }) => showsSource(to) || !key.endsWith('.map')) },
    infrastructure: infrastructure && infrastructureCommit(infrastructure.record),
  }
}

/** Two runs may have deployed backend and site: the later one names the pair. */
function newest(records: ReleaseRecord[], ...candidates: ReleaseRecord[]): ReleaseRecord {
  return records.find((record) => candidates.includes(record))!
}

/** A failed deployment left the previous release in place, and that is promoted: you may have expected the new one. */
function warnAboutUnverified(from: Environment, records: ReleaseRecord[], lock: Parameters<typeof verdictOf>[1]): void {
  const [last] = records
  const verdict = last && verdictOf(last, lock)
  if (!last || verdict === 'deployed' || verdict === 'unchanged') return
  say(`warning: the last release of ${from}, ${last.id}, ended as ${verdict}; the previous one is promoted`)
}
