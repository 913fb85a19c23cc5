import { probe } from '../script/shell.mts'

/** The id of a release: `20261123T101500Z-1a2b3c4`, with `-dirty` when the tree has changes that no commit holds. */
export async function newRelease(now = new Date()): Promise<string> {
  const head = await probe`git rev-parse --short=7 HEAD`
  const changes = await probe`git status --porcelain --untracked-files=normal`
  // a release is named after its commit: without one there is no way to say what is live
  if (head.exitCode !== 0) throw head.failed()
  if (changes.exitCode !== 0) throw changes.failed()
  return releaseId(now, head.stdout.trim(), changes.stdout.trim() !== '')
}

export function releaseId(now: Date, sha: string, dirty: boolean): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${sha}${dirty ? '-dirty' : ''}`
}
