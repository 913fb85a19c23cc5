import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../environment/target.mts'
import { Failure } from '../script/failure.mts'
import { root, makeRunDirectory } from '../script/files.mts'
import { runUninterrupted } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { probe, run } from '../script/shell.mts'

/**
 * Checks a commit out while `work` runs, and removes the worktree afterwards, on Ctrl-C too; that of a run that was killed
 * goes with its directory. It is in .local/, where node finds the packages of the repository above it; only with another
 * version of the CDK library it gets its own packages. Fails when this clone does not have the commit.
 */
export async function runInWorktree<T>(
  { environment }: Pick<Target, 'environment'>,
  commit: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const known = await probe`git cat-file -e ${`${commit}^{commit}`}`
  if (known.exitCode !== 0) {
    throw new Failure(
      `this clone has no commit ${commit}`,
      'git fetch --all; in a shallow clone: git fetch --unshallow',
    )
  }
  const path = makeRunDirectory(environment, 'worktree')
  const directory = join(root, path)
  try {
    // a hook is for those who work in a checkout, and may fail; forced, since git may know the path from a run that was killed
    await run({
      alsoInDryRun: true,
    })`git -c core.hooksPath=/dev/null worktree add --force --quiet --detach ${path} ${commit}`
    if (cdkLibraryVersion(directory) !== cdkLibraryVersion(root)) {
      say(`commit ${commit.slice(0, 7)} was deployed with another version of the CDK library`)
      // an older .npmrc lets the scripts of packages run
      await run({ cwd: directory, alsoInDryRun: true })`npm ci --no-progress --ignore-scripts`
    }
    return await work(directory)
  } finally {
    await removeWorktree(path)
  }
}

/** Only warns when that fails: the run itself may have gone well. */
async function removeWorktree(path: string): Promise<void> {
  const remove = async () => await probe({ shown: true })`git worktree remove --force ${path}`
  try {
    const { exitCode } = await runUninterrupted({ atMost: 60_000, afterInterruption: 8_000 }, remove)
    // git does not know a worktree that it was stopped from adding
    if (exitCode !== 0) rmSync(join(root, path), { recursive: true, force: true })
  } catch (error) {
    say(`warning: a worktree is left (${(error as Error).message}); git worktree remove --force ${path}`)
  }
}

/** The version of the CDK library; empty without a lock file. */
function cdkLibraryVersion(directory: string): string {
  const file = join(directory, 'package-lock.json')
  if (!existsSync(file)) return ''
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, { version?: string }> }
  return packages['node_modules/aws-cdk-lib']?.version ?? ''
}
