import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { echo, step } from '../script/narration.mts'
import type { Reader, Settings } from './setting-keys.mts'
import { settingsFor } from './settings.mts'
import type { Target } from './target.mts'

const header = '# generated from env/ during a build; deleted afterwards\n'

interface SettingsCopy {
  /** The line of the story that it is. */
  step: string
  reader: Reader
  /** Where the build looks for it, from the root. */
  path: string
}

/**
 * Writes a reader's settings next to its code while `work` runs, and deletes them however it ends. A file there that no
 * deployment wrote is the user's own: refuses to read or overwrite it.
 */
export async function withSettingsCopy<T>(
  { environment, settings }: Pick<Target, 'environment' | 'settings'>,
  { step: text, reader, path }: SettingsCopy,
  work: () => Promise<T>,
): Promise<T> {
  requireNoUserFile(path)
  const file = join(root, path)
  try {
    await step(text, async () => {
      echo(`cp env/.env.${environment} ${path}   # the ${reader}'s keys only`)
      writeFileSync(file, settingsText(reader, settings))
    })
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** Fails when a file is there that no deployment wrote: it is the user's own. */
export function requireNoUserFile(path: string): void {
  const file = join(root, path)
  if (!existsSync(file) || readFileSync(file, 'utf8').startsWith(header)) return
  throw new Failure(`${path} is in the way: it would be overwritten and end up in the build`, `mv ${path} ${path}.mine`)
}

/** A reader's settings as it reads them from a file. */
export function settingsText(reader: Reader, settings: Settings): string {
  const lines = Object.entries(settingsFor(reader, settings)).map(
    ([key, value]) => `${key}=${written(value, reader)}\n`,
  )
  return header + lines.join('')
}

/** A value as dotenv reads it back: in a quote that is not in it. Vite, but not the backend, expands `$` unless escaped. */
function written(value: string, reader: Reader): string {
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate)) ?? ''
  return `${mark}${reader === 'frontend' ? value.replaceAll('$', '\\$') : value}${mark}`
}
