import type { Reader, Settings } from './setting-keys.mts'
import { settingsFor } from './settings.mts'

const header = '# generated from env/ during a build; deleted afterwards\n'

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
