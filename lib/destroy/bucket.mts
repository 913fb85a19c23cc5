import type { Target } from '../environment/target.mts'
import { Failure, remedyFor } from '../script/failure.mts'
import { writeStateFile } from '../script/files.mts'
import { isDryRun } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { change, probe, read } from '../script/shell.mts'

interface Version {
  Key: string
  VersionId: string
}

/**
 * Deletes every version of every file, a thousand per call.
 * @param what it holds
 */
export async function emptyBucket(
  { environment }: Pick<Target, 'environment'>,
  bucket: string,
  what: 'site' | 'access logs',
): Promise<void> {
  if (!(await findBucket(bucket))) return say(`${what.padEnd(11)} the bucket ${bucket} is already gone`)
  for (let total = 0; ;) {
    const versions = await listSomeVersions(bucket)
    if (versions.length === 0) return say(`${what.padEnd(11)} ${bucket} is empty, ${total} versions were deleted`)
    const request = { Bucket: bucket, Delete: { Objects: versions, Quiet: true } }
    const file = writeStateFile(environment, 'delete-objects.json', request)
    const deleted = await change<{ Key: string; Message: string }[] | null>({
      dryRunAnswer: [],
    })`aws s3api delete-objects --cli-input-json ${`file://${file}`} --query Errors`
    const errors = deleted.answer()
    if (isDryRun()) return
    // a file that cannot be deleted would be listed, and tried, for ever
    const [error] = errors ?? []
    if (error) throw new Failure(`${bucket} keeps ${error.Key}: ${error.Message}`, remedyFor(error.Message))
    total += versions.length
  }
}

async function listSomeVersions(bucket: string): Promise<Version[]> {
  const query = '[Versions,DeleteMarkers][].{Key:Key,VersionId:VersionId}'
  const found = await read<
    (Version | null)[] | null
  >`aws s3api list-object-versions --bucket ${bucket} --max-items 1000 --query ${query}`
  // aws counts versions alone: the markers of a page come on top
  return (found ?? []).filter((version): version is Version => version !== null).slice(0, 1000)
}

export async function findBucket(bucket: string): Promise<boolean> {
  return isFound(await probe`aws s3api head-bucket --bucket ${bucket}`, /404|NoSuchBucket|Not Found/)
}

/** Whether an answer shows a resource. Fails when it says neither that it is there nor that it is not. */
export function isFound(answer: { exitCode: number; stderr: string; failed: () => Error }, notFound: RegExp): boolean {
  if (answer.exitCode === 0) return true
  if (notFound.test(answer.stderr)) return false
  throw answer.failed()
}
