import { basename } from 'node:path'
import { quote } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { probe } from '../script/shell.mts'

/** Where the commit that is checked out stands. */
export interface Checkout {
  sha: string
  /** Uncommitted changes. */
  dirty: boolean
  /** A file that git ignores, and that would be published; empty when there is none. */
  ignored: string
  /** On a branch of a remote, as of the last fetch or push. */
  pushed: boolean
  /** Empty when no branch is checked out. */
  branch: string
  /** Empty when the branch follows none. */
  upstream: string
}

/** Fails when this is not a git checkout, or one that git refuses. */
export async function headCommit(): Promise<string> {
  return accepted(await probe`git rev-parse HEAD`)
}

interface Answer {
  exitCode: number
  stdout: string
  stderr: string
  failed: () => Failure
}

/** What git answered. Fails where it does not take this directory for a checkout with a commit. */
function accepted({ exitCode, stdout, stderr, failed }: Answer): string {
  if (exitCode === 0) return stdout.trim()
  if (/not a git repository/.test(stderr)) {
    throw new Failure(
      'this is no git checkout, and a release is named after its commit',
      'git clone <its repository>, then deploy from there',
    )
  }
  if (/dubious ownership/.test(stderr)) {
    throw new Failure(
      'this checkout belongs to another user, and git refuses it',
      `git config --global --add safe.directory ${quote(root)}`,
    )
  }
  if (/unknown revision|needed a single revision/i.test(stderr)) {
    throw new Failure(
      'this repository has no commit, and a release is named after one',
      "git add --all && git commit --message 'First commit'",
    )
  }
  throw failed()
}

/**
 * In CI a tag counts as pushed too, since it was fetched. Elsewhere a tag may exist only on this machine.
 */
export async function checkout(ci: boolean): Promise<Checkout> {
  const remote = ci ? ['refs/remotes', 'refs/tags'] : ['refs/remotes']
  const [sha, { changes, ignored }, holders, branch, upstream] = await Promise.all([
    headCommit(),
    uncommitted(),
    probe`git for-each-ref --contains HEAD --count 1 --format ${'%(refname)'} ${remote}`,
    probe`git symbolic-ref --quiet --short HEAD`,
    probe`git rev-parse --abbrev-ref --symbolic-full-name ${'@{upstream}'}`,
  ])
  return {
    sha,
    dirty: changes.length > 0,
    ignored: ignored[0] ?? '',
    pushed: accepted(holders) !== '',
    branch: branch.stdout.trim(),
    upstream: upstream.exitCode === 0 ? upstream.stdout.trim() : '',
  }
}

/** What no commit has: the lines of `git status`, and the files of the site that git ignores. */
async function uncommitted(): Promise<{ changes: string[]; ignored: string[] }> {
  const status = accepted(await probe`git status --porcelain --untracked-files=normal --ignored=matching`)
  const lines = status.split('\n').filter(Boolean)
  const ignored = lines.flatMap((line) => /^!! "?(frontend\/(?:public|src)\/.+?)"?$/.exec(line)?.[1] ?? [])
  return { changes: lines.filter((line) => !line.startsWith('!!')), ignored: ignored.filter((path) => !isLitter(path)) }
}

/** Whether git, an editor or a file manager left a file there, beside those that a person put there. */
export function isLitter(path: string): boolean {
  const litter = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.gitkeep|\.keep|\.gitignore|.*~|\..*\.swp)$/i
  return litter.test(basename(path))
}

/** The id of a release: `20261123T101500Z-1a2b3c4`, with `-dirty` when it would have what no commit has. */
export async function newRelease(now = new Date()): Promise<string> {
  const head = accepted(await probe`git rev-parse --short=7 HEAD`)
  const { changes, ignored } = await uncommitted()
  return releaseId(now, head, changes.length + ignored.length > 0)
}

export function releaseId(now: Date, sha: string, dirty: boolean): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${sha}${dirty ? '-dirty' : ''}`
}
