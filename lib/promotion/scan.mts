import type { Target } from '../environment/target.mts'
import { findingsCommand, type Scan, readScan } from '../image/scan.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { withFlag } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import type { Promotable } from './source.mts'

/** Fails when the scan of the source's image found something critical, and it is to run in production. */
export async function requireNoCriticals(
  { environment }: Pick<Target, 'environment'>,
  { backend, repository }: Promotable,
  { force }: { force: boolean },
): Promise<void> {
  if (environment !== 'production') return
  const name = repository.slice(repository.indexOf('/') + 1)
  const { isComplete, detail, critical } = await waitForScan(() => readScan(name, backend.digest))
  if (!isComplete) return say(`warning: the image has no scan result: ${detail}`)
  if (critical === 0) return say('scan       no critical finding in this image')
  const found = `${critical} critical findings in the image ${backend.digest}`
  if (force) return say(`warning: ${found}`)
  throw new Failure(found, `${findingsCommand(name, backend.digest)} lists them; ${withFlag('--force')} ignores them`)
}

/** A scan begins with the push, and takes a minute or so; in milliseconds. */
const patience = { within: 120_000, every: 5_000 }

/** The scan, once it has ended; or as it is when the time is over. */
export async function waitForScan(ask: () => Promise<Scan>, { within, every } = patience): Promise<Scan> {
  const deadline = Date.now() + within
  for (let isFirst = true; ; isFirst = false) {
    const scan = await retryUntilAnswered(ask)
    if (!scan.isUnderWay || Date.now() + every > deadline) return scan
    if (isFirst) say(`scan       of this image is under way; waiting for it, ${within / 60_000} minutes at most`)
    await pause(every)
  }
}
