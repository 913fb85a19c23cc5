import { findingsCommand, scanOf } from '../image/scan.mts'
import { failed, passed, skipped, type CheckResult } from './tools.mts'

/** What ECR found in the running image. */
export async function scanResult(repositoryName: string, digest: string): Promise<CheckResult> {
  const { isComplete, detail, critical, high } = await scanOf(repositoryName, digest)
  if (!isComplete) return skipped(detail)
  const found = `${critical} critical and ${high} high findings in the running image`
  return critical === 0
    ? passed(found)
    : failed(
        found,
        `${findingsCommand(repositoryName, digest)} lists them; update the base image or the package, deploy`,
      )
}
