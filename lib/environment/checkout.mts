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
  standing: Standing
  /** Empty when no branch is checked out. */
  branch: string
}

/**
 * Whether a commit is on a branch of the remote `origin`, as of the last fetch or push. In a clone that has not fetched the
 * branch, or in a shallow one, git cannot tell.
 */
export type Standing = 'on it' | 'not on it' | 'not fetched' | 'shallow clone'

/** Fails when this is not a git checkout, or one that git refuses. */
export async function readHeadCommit(): Promise<string> {
  return requireGitAnswer(await probe`git rev-parse HEAD`)
}

interface Answer {
  exitCode: number
  stdout: string
  stderr: string
  failed: () => Failure
}

/** What git answered. Fails where it does not take this directory for a checkout with a commit. */
function requireGitAnswer({ exitCode, stdout, stderr, failed }: Answer): string {
  if (exitCode === 0) return stdout.trim()
  if (/not a git repository/.test(stderr)) {
    throw new Failure(
      'this is not a git checkout, and a release is named after its commit',
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

/** @param target branch of `origin` that the commit should be on */
export async function inspectCheckout(target: string): Promise<Checkout> {
  const [sha, { changes, ignored }, branch, standing] = await Promise.all([
    readHeadCommit(),
    listUncommitted(),
    probe`git symbolic-ref --quiet --short HEAD`,
    compareWithBranch('HEAD', target),
  ])
  return {
    sha,
    dirty: changes.length > 0,
    ignored: ignored[0] ?? '',
    standing,
    branch: branch.stdout.trim(),
  }
}

/**
 * No other ref counts: a tag may be anyone's, and actions/checkout keeps the merge of a pull request, which no one has
 * merged, as refs/remotes/pull/12/merge.
 */
export async function compareWithBranch(commit: string, branch: string): Promise<Standing> {
  const ref = `refs/remotes/origin/${branch}`
  const [tip, ancestor, shallow] = await Promise.all([
    probe`git rev-parse --verify --quiet ${ref}`,
    probe`git merge-base --is-ancestor ${commit} ${ref}`,
    probe`git rev-parse --is-shallow-repository`,
  ])
  if (ancestor.exitCode === 0) return 'on it'
  if (tip.exitCode !== 0) return 'not fetched'
  if (shallow.stdout.trim() === 'true') return 'shallow clone'
  // 128: this clone has no such commit
  return ancestor.exitCode === 1 ? 'not on it' : 'not fetched'
}

/** What no commit has: the lines of `git status`, and the files of the site that git ignores. */
async function listUncommitted(): Promise<{ changes: string[]; ignored: string[] }> {
  // -z: git quotes no name then
  const status = requireGitAnswer(await probe`git status --porcelain -z --untracked-files=normal --ignored=matching`)
  const lines = status.split('\0').filter(Boolean)
  const ignored = lines.flatMap((line) => /^!! (frontend\/(?:public|src)\/.+)$/.exec(line)?.[1] ?? [])
  const changes: string[] = []
  for (const line of lines) if (!line.startsWith('!!') && !(await onlyNamesAccount(line))) changes.push(line)
  return { changes, ignored: ignored.filter((path) => !isLitter(path)) }
}

/** Whether all that changed in a file is the account that its first deployment wrote there: no release has it. */
async function onlyNamesAccount(change: string): Promise<boolean> {
  const [, file] = /^ ?M (env\/\.env\.\w+)$/.exec(change) ?? []
  if (!file) return false
  const { stdout } = await probe`git diff --no-ext-diff --no-color --unified=0 HEAD -- ${file}`
  const [, hunk = '', ...more] = stdout.split(/^@@ .*\n/m)
  return more.length === 0 && /^(-\s*AWS_ACCOUNT_ID=\r?\n)?\+AWS_ACCOUNT_ID=\d+$/.test(hunk.trim())
}

/** Whether git, an editor or a file manager left a file there, beside those that a person put there. */
export function isLitter(path: string): boolean {
  const litter = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.gitkeep|\.keep|\.gitignore|.*~|\..*\.swp)$/i
  return litter.test(basename(path))
}

/** The id of a release: `20261123T101500Z-1a2b3c4`, with `-dirty` when it would have what no commit has. */
export async function makeReleaseId(now = new Date()): Promise<string> {
  const head = requireGitAnswer(await probe`git rev-parse --short=7 HEAD`)
  const { changes, ignored } = await listUncommitted()
  return releaseId(now, head, changes.length + ignored.length > 0)
}

/** Fails where this checkout is another than when the run began, which has waited since: someone works in it. */
export async function requireSameCheckout({ release }: { release: string }): Promise<void> {
  const [then, now] = [release, await makeReleaseId()].map((id) => id.slice(id.indexOf('-') + 1))
  if (then === now) return
  throw new Failure(`this checkout is ${now} by now, and was ${then} when the run began`, 're-run the same command')
}

export function releaseId(now: Date, sha: string, dirty: boolean): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${sha}${dirty ? '-dirty' : ''}`
}
