import type { Promotion } from '../ledger/deployment.mts'
import { environmentNames, environments, isEnvironment, type Environment } from '../environment/environments.mts'
import { Failure } from '../script/failure.mts'
import { hasImage, pinned } from '../image/image.mts'
import { invocation, promotionLine } from '../script/invocation.mts'
import { releaseRecords } from '../ledger/ledger.mts'
import { isLocalEndpoint } from '../../infrastructure/local/connection.ts'
import { currentLock, isStale, whoDeploys, describeLock } from '../ledger/lock.mts'
import { say } from '../script/narration.mts'
import { infrastructureCommit, liveAfter, type ReleaseRecord } from '../ledger/record.mts'
import { verdictOf } from '../ledger/report.mts'
import { runningRelease, type RunningRelease } from '../service/running-release.mts'
import { revisionName } from '../service/service.mts'
import { readSettings, settingsFor } from '../environment/settings.mts'
import { liveSite, showsSource } from '../site/site.mts'
import { missingFrom, type Manifest } from '../site/release.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'
import { judged } from '../service/verdict.mts'

/** The environment that a promotion takes from, and changes nothing of. */
export type Source = Pick<Target, 'environment' | 'names' | 'settings'>

/** What runs in the source and was proven there. */
export interface Promotable {
  promotion: Promotion
  backend: RunningRelease
  /** URI of the repository that has its image. */
  repository: string
  /** Bucket of the site, and its live release. */
  bucket: string
  manifest: Manifest
  /** Commit of its stack; undefined when the ledger does not know. */
  infrastructure: string | undefined
}

/** The environment to promote to, as typed beside the one to promote from. Fails with exit 2. */
export function promotedTo(from: Environment, to: string | undefined): Environment {
  const usage = promotionLine('staging', 'production')
  if (to === undefined) throw new Failure('no environment to promote to was given', `give two, as in ${usage}`, 2)
  if (!isEnvironment(to)) throw new Failure(`unknown environment: ${to}`, `give one of ${environments.join(', ')}`, 2)
  if (from === to) throw new Failure(`${from} runs what ${to} runs`, `give two environments, as in ${usage}`, 2)
  if ((from === 'local' || to === 'local') && !isLocalEndpoint()) {
    const other = from === 'local' ? to : from
    throw new Failure(
      `local lives on the AWS of this machine, and ${other} on a real one`,
      'make local-shell opens a shell where both are on this machine',
      2,
    )
  }
  return to
}

/**
 * The source beside its target. Fails when the one cannot run what the other runs: image and objects are copied within one
 * account and region, and the frontend's settings are part of the site's bytes.
 */
export function sourceOf(from: Environment, { environment: to, settings, account, region, local }: Target): Source {
  const source = readSettings(from)
  const elsewhere = source.AWS_REGION !== region || (!local && !['', account].includes(source.AWS_ACCOUNT_ID))
  if (elsewhere) {
    throw new Failure(
      `${from} is in account ${source.AWS_ACCOUNT_ID || account}, ${source.AWS_REGION}, and ${to} in ${account}, ${region}: nothing is copied from one to another`,
      `check the commit of ${from}’s release out and run ${invocation('all', to)}`,
    )
  }
  const [built, wanted] = [settingsFor('frontend', source), settingsFor('frontend', settings)]
  const other = Object.keys(built).find((key) => built[key] !== wanted[key])
  if (other !== undefined) {
    throw new Failure(
      `${other} is ${JSON.stringify(built[other])} in env/.env.${from} and ${JSON.stringify(wanted[other])} in env/.env.${to}, and it is part of the site’s bytes`,
      `give both the same value, then ${invocation('frontend', from)}; or build for ${to}: ${invocation('all', to)}`,
    )
  }
  return { environment: from, names: environmentNames(from), settings: source }
}

/**
 * What the source runs. Fails unless nothing is under way there, and backend and site are those that its ledger knows to
 * have been proven last: what somebody changed by hand, or what a deployment left unproven, goes nowhere.
 */
export async function promotable(
  source: Source,
  outputs: StackOutputs,
  { environment: to }: Pick<Target, 'environment'>,
): Promise<Promotable> {
  const { environment: from, names } = source
  const prove = `${invocation('all', from)} deploys and proves; then promote`
  const [records = [], lock] = await Promise.all([releaseRecords(source), currentLock(source)])
  if (lock && !isStale(lock)) {
    throw new Failure(
      `${from} is being deployed, by ${describeLock(lock)}`,
      `wait until that ends: ${whoDeploys(from)}`,
    )
  }
  const { infrastructure, backend: proven, frontend } = liveAfter(records)
  if (!proven || !frontend) {
    const what = proven ? 'site' : 'backend'
    throw new Failure(`the ledger of ${from} knows no ${what} that was proven there`, prove)
  }

  const [backend, site] = await Promise.all([runningRelease(source), liveSite(outputs)])
  const verdict = backend && judged(backend.service, backend.revision)
  if (!backend || verdict?.verdict !== 'deployed') {
    throw new Failure(`${from} does not run its backend: ${verdict?.reason ?? 'a rollout is under way'}`, prove)
  }
  if (backend.revision !== proven.taskDefinition || backend.digest !== proven.digest) {
    throw new Failure(
      `${from} runs ${revisionName(backend.revision)} (${backend.digest || 'no digest'}), and what was proven there last is ${proven.taskDefinition ? revisionName(proven.taskDefinition) : 'another'} (${proven.digest ?? 'no digest'})`,
      prove,
    )
  }
  if (site.live !== frontend.release) {
    throw new Failure(
      `the site of ${from} is release ${site.live || '(none)'}, and what was proven there last is ${frontend.release ?? '(none)'}`,
      prove,
    )
  }
  const manifest = site.liveManifest
  if (!manifest || missingFrom(manifest, site.stored).length > 0) {
    throw new Failure(`the bucket of ${from} does not hold all of release ${site.live}`, prove)
  }
  const repository = pinned(backend.taskDefinition.containerDefinitions[0]?.image ?? '')?.repository
  if (!repository?.endsWith(`/${names.repository}`) || !(await hasImage(names.repository, backend.digest))) {
    throw new Failure(`the image of ${from} is not in ${names.repository}`, prove)
  }

  warnOfUnproven(from, records, lock)
  const record = newest(records, proven.record, frontend.record)
  return {
    promotion: { environment: from, release: record.id, sha: record.sha, dirty: record.dirty },
    backend,
    repository,
    bucket: outputs.SiteBucketName,
    manifest: { ...manifest, files: manifest.files.filter(({ key }) => showsSource(to) || !key.endsWith('.map')) },
    infrastructure: infrastructure && infrastructureCommit(infrastructure.record),
  }
}

/** Backend and site may have come with two runs: the later one names the pair. */
function newest(records: ReleaseRecord[], ...candidates: ReleaseRecord[]): ReleaseRecord {
  return records.find((record) => candidates.includes(record))!
}

/** What failed left what ran before in place, and that is promoted: somebody may have expected the new one. */
function warnOfUnproven(from: Environment, records: ReleaseRecord[], lock: Parameters<typeof verdictOf>[1]): void {
  const [last] = records
  const verdict = last && verdictOf(last, lock)
  if (!last || verdict === 'deployed' || verdict === 'unchanged') return
  say(`warning: the last release of ${from}, ${last.id}, ended as ${verdict}: what it runs is from before`)
}
