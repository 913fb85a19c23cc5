import { probe } from '../script/shell.mts'

/** Where the commit that is checked out stands. */
export interface Checkout {
  sha: string
  /** Uncommitted changes. */
  dirty: boolean
  /** On a branch of a remote, as of the last fetch or push. */
  pushed: boolean
  /** Empty when no branch is checked out. */
  branch: string
  /** Empty when the branch follows none. */
  upstream: string
}

/** Fails when this is not a git checkout. */
export async function headCommit(): Promise<string> {
  const head = await probe`git rev-parse HEAD`
  if (head.exitCode !== 0) throw head.failed()
  return head.stdout.trim()
}

/**
 * In CI a tag counts as pushed too, since it was fetched. Elsewhere a tag may exist only on this machine.
 */
export async function checkout(ci: boolean): Promise<Checkout> {
  const remote = ci ? ['refs/remotes', 'refs/tags'] : ['refs/remotes']
  const [sha, changes, holders, branch, upstream] = await Promise.all([
    headCommit(),
    probe`git status --porcelain --untracked-files=normal`,
    probe`git for-each-ref --contains HEAD --count 1 --format ${'%(refname)'} ${remote}`,
    probe`git symbolic-ref --quiet --short HEAD`,
    probe`git rev-parse --abbrev-ref --symbolic-full-name ${'@{upstream}'}`,
  ])
  for (const answer of [changes, holders]) if (answer.exitCode !== 0) throw answer.failed()
  return {
    sha,
    dirty: changes.stdout.trim() !== '',
    pushed: holders.stdout.trim() !== '',
    branch: branch.stdout.trim(),
    upstream: upstream.exitCode === 0 ? upstream.stdout.trim() : '',
  }
}

/** The id of a release: `20261123T101500Z-1a2b3c4`, with `-dirty` when the working tree has uncommitted changes. */
export async function newRelease(now = new Date()): Promise<string> {
  const head = await probe`git rev-parse --short=7 HEAD`
  const changes = await probe`git status --porcelain --untracked-files=normal`
  // a release is named after its commit
  if (head.exitCode !== 0) throw head.failed()
  if (changes.exitCode !== 0) throw changes.failed()
  return releaseId(now, head.stdout.trim(), changes.stdout.trim() !== '')
}

export function releaseId(now: Date, sha: string, dirty: boolean): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${sha}${dirty ? '-dirty' : ''}`
}
