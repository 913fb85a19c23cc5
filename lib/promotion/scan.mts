import type { Target } from '../environment/target.mts'
import { findingsCommand, scanOf } from '../image/scan.mts'
import { withFlag } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
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
  const { isComplete, detail, critical } = await scanOf(name, backend.digest)
  if (!isComplete) return say(`scan       none of this image: ${detail}`)
  if (critical === 0) return say('scan       no critical finding in this image')
  const found = `${critical} critical findings in the image ${backend.digest}`
  if (force) return say(`warning: ${found}`)
  throw new Failure(found, `${findingsCommand(name, backend.digest)} lists them; ${withFlag('--force')} ignores them`)
}
