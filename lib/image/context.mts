import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { settingsText } from '../environment/settings-copy.mts'
import type { Target } from '../environment/target.mts'
import { root, runDirectory } from '../script/files.mts'
import { echo } from '../script/narration.mts'
import { probe } from '../script/shell.mts'

const source = 'backend'

/**
 * Copies the backend to a build context of this run's own, with the task's settings as its `.env`; returns its directory.
 * Two runs at once do not mix their settings there, and what git ignores, such as a person's own .env, never reaches an
 * image. Docker's cache looks at content and mode, not at times: an unchanged backend is an unchanged image.
 */
export async function copyBackend({
  environment,
  settings,
}: Pick<Target, 'environment' | 'settings'>): Promise<string> {
  const listed = await probe`git -c core.quotePath=off ls-files --cached --others --exclude-standard ${source}`
  if (listed.exitCode !== 0) throw listed.failed()
  const context = runDirectory(environment, source)
  echo(`cp -r ${source}/. ${context}`)
  for (const file of new Set(listed.stdout.split('\n'))) {
    // a file that was deleted, and not yet from git
    if (!existsSync(join(root, file)) || file === '' || relative(source, file).startsWith('.env')) continue
    const copy = join(root, context, relative(source, file))
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 })
    cpSync(join(root, file), copy, { verbatimSymlinks: true })
    // as git knows it: another umask is no other image
    const status = lstatSync(copy)
    if (status.isFile()) chmodSync(copy, status.mode & 0o100 ? 0o755 : 0o644)
  }
  echo(`cp env/.env.${environment} ${context}/.env   # the task's keys only`)
  writeFileSync(join(root, context, '.env'), settingsText('task', settings), { mode: 0o644 })
  return context
}
