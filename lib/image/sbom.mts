import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../environment/target.mts'
import { root, runDirectory } from '../script/files.mts'
import { isSurvivable } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { probe, run } from '../script/shell.mts'

/*
 * The list of the packages in an image (SPDX 2.3), beside the manifests of the site's releases, where the CDN serves nothing.
 * A release without it is as good: whatever goes wrong here is a warning.
 */

/** Lists the packages of the build context as the Dockerfile installs them, from its lock file alone, and keeps the list. */
export async function keepSbom(
  { environment, release }: Pick<Target, 'environment' | 'release'>,
  bucket: string,
): Promise<void> {
  await orWarn(async () => {
    const context = runDirectory(environment, 'backend')
    const listed = await probe({
      cwd: join(root, context),
      standIn: { spdxVersion: 'SPDX-2.3' },
    })`npm sbom --sbom-format spdx --package-lock-only --omit dev --omit optional`
    if (listed.exitCode !== 0) throw listed.failed()
    listed.answer()
    const file = join(runDirectory(environment, 'sbom'), 'sbom.json')
    writeFileSync(join(root, file), listed.stdout)
    await run`aws s3 cp ${file} ${sbomOf(bucket, release)} --no-progress --content-type application/spdx+json`
  })
}

/** Copies the list of a release that is promoted. */
export async function copySbom(from: string, to: string, release: string): Promise<void> {
  await orWarn(() => run`aws s3 cp ${sbomOf(from, release)} ${sbomOf(to, release)} --no-progress`)
}

function sbomOf(bucket: string, release: string): string {
  return `s3://${bucket}/releases/sbom/${release}.json`
}

async function orWarn(keep: () => Promise<void>): Promise<void> {
  try {
    await keep()
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: this release has no list of its packages (SBOM): ${error.message}`)
  }
}
