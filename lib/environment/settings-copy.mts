import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../script/failure.mts'
import { echo } from '../script/narration.mts'
import { settingsFor, type Reader } from './settings.mts'
import { root } from '../script/shell.mts'
import type { Target } from './target.mts'

const header = '# laid here by a deployment, from env/, and taken away again\n'

/**
 * Lays a reader's settings beside its code while `work` runs, and takes them away again however it ends. A file there
 * that no deployment wrote is somebody's own: it is refused, neither read nor overwritten.
 */
export async function withSettingsCopy<T>(
  reader: Reader,
  { environment, settings }: Pick<Target, 'environment' | 'settings'>,
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const file = join(root, path)
  if (existsSync(file) && !readFileSync(file, 'utf8').startsWith(header)) {
    throw new Failure(
      `${path} is in the way: it would be overwritten and end up in the build`,
      `mv ${path} ${path}.mine`,
    )
  }
  const lines = Object.entries(settingsFor(reader, settings)).map(
    ([key, value]) => `${key}=${written(value, reader)}\n`,
  )
  echo(`cp env/.env.${environment} ${path}   # the ${reader}'s keys only`)
  writeFileSync(file, header + lines.join(''))
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** A value as dotenv reads it back: in a quote that is not in it. Vite, but not the backend, expands `$` unless escaped. */
function written(value: string, reader: Reader): string {
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate)) ?? ''
  return `${mark}${reader === 'frontend' ? value.replaceAll('$', '\\$') : value}${mark}`
}
