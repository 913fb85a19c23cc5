import type { SelectedEnvironment } from '../environment/target.mts'
import type { Platform } from '../image/image.mts'
import { isStale, type Lock } from '../ledger/lock.mts'
import { liveAfter, unfinishedRun, type ReleaseRecord } from '../ledger/record.mts'
import { requestText } from '../script/asking.mts'
import { invocation } from '../script/command-line.mts'
import { revisionName, type RunningRelease } from '../service/service.mts'
import { releaseIn } from '../site/files.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { latestDrift, ledgerDrift, settingsDrift } from './service-drift.mts'
import { compared, passed, redeployBackend, skipped, warned, type CheckResult } from './finding.mts'
import type { StoredImage } from './images.mts'

/** What the checks of a deployed environment share: each question is asked once, and begins before all of them. */
export interface Live {
  target: SelectedEnvironment
  outputs: StackOutputs
  lock: Promise<Lock | undefined>
  running: Promise<RunningRelease | undefined>
  /** Undefined: there is no ledger. */
  records: Promise<ReleaseRecord[] | undefined>
  images: Promise<StoredImage[]>
  platform: Promise<Platform>
}

/** Not while a deployment runs: it changes one thing after the other, and meanwhile they differ. */
export async function checkWhenIdle(
  live: Live,
  check: (live: Live, running: RunningRelease) => Promise<CheckResult>,
): Promise<CheckResult> {
  const running = await live.running
  if (!running) return skipped('no service runs yet')
  if (await isUnderWay(live)) return skipped('not compared during a deployment')
  return await check(live, running)
}

async function isUnderWay({ lock }: Live): Promise<boolean> {
  const held = await lock
  return held !== undefined && !isStale(held)
}

export async function checkStackInUse(
  { target, outputs, platform }: Live,
  running: RunningRelease,
): Promise<CheckResult> {
  const { stack } = settingsDrift(target, outputs, running, await platform)
  return compared(stack, `${target.names.stack}'s`, redeployBackend(target.environment))
}

export async function checkTaskDefinition(
  { target, outputs, records, platform }: Live,
  running: RunningRelease,
): Promise<CheckResult> {
  const { taskDefinition } = settingsDrift(target, outputs, running, await platform)
  // a revision cannot change: when it is the one that was deployed from here, the files here have changed since
  const isRecorded = liveAfter((await records) ?? []).backend?.taskDefinition === running.revision
  return taskDefinition.length > 0 && isRecorded
    ? passed(`the next deployment changes ${taskDefinition.join('; ')}`)
    : compared(taskDefinition, 'matches the files here', invocation('backend', target.environment))
}

export async function checkServiceSettings(
  { target, outputs, platform }: Live,
  running: RunningRelease,
): Promise<CheckResult> {
  const { service } = settingsDrift(target, outputs, running, await platform)
  return compared(service, 'matches the files here', redeployBackend(target.environment))
}

export async function checkLatest({ target, images }: Live, running: RunningRelease): Promise<CheckResult> {
  const differing = latestDrift(running, await images)
  return compared(differing, 'names the running image', redeployBackend(target.environment))
}

export async function checkLedger({ records }: Live, running: RunningRelease): Promise<CheckResult> {
  const known = await records
  const recorded = liveAfter(known ?? []).backend?.taskDefinition
  const last = unfinishedRun(known)
  if (recorded !== running.revision && last?.components.backend?.taskDefinition === running.revision)
    return unverified(last)
  if (recorded === undefined) return skipped('it has no deployed backend yet')
  const remedy = 'someone changed the service by hand; deploy or roll back to record what runs'
  return compared(ledgerDrift(running, recorded), `has ${revisionName(running.revision)}`, remedy)
}

export async function checkSite(live: Live): Promise<CheckResult> {
  if (await isUnderWay(live)) return skipped('not compared during a deployment')
  const records = await live.records
  const recorded = liveAfter(records ?? []).frontend?.release
  const url = `${addresses(live.outputs).cdn}/`
  const release = releaseIn((await requestText(url)).body)
  if (!release && recorded === undefined) return skipped('no site yet')
  const differs = recorded !== undefined && recorded !== release
  const last = unfinishedRun(records)
  if (differs && last?.components.frontend?.release === release) return unverified(last)
  const fact = `${url} serves ${release || 'no release'}, but the ledger says that ${recorded} was deployed last`
  return compared(differs ? [fact] : [], `${url} serves ${release}`, invocation('frontend', live.target.environment))
}

function unverified({ id, verdict, command }: ReleaseRecord): CheckResult {
  return warned(`release ${id} runs, and was not verified: its run ended as "${verdict}"`, `${command} verifies it`)
}
