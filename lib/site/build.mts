import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { isLitter } from '../environment/checkout.mts'
import type { Environment } from '../environment/environments.mts'
import { settingsText } from '../environment/settings.mts'
import type { Target } from '../environment/target.mts'
import { npmRun } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { removeAtEnd, root, makeRunDirectory } from '../script/files.mts'
import { echo, say } from '../script/narration.mts'
import { hasReleaseTag, type SiteFile } from './files.mts'

/** A built site. */
export interface SiteBuild {
  /** From the root. */
  directory: string
  files: SiteFile[]
}

/**
 * Copies the environment's settings to a directory that only this run's Vite reads; returns it, from the root, and the
 * variables of the build. Nothing else may get into the bundle: Vite prefers the shell's VITE_ variables to any file.
 */
export function copySiteSettings({ environment, settings }: Pick<Target, 'environment' | 'settings'>): {
  directory: string
  env: Record<string, undefined>
} {
  const directory = makeRunDirectory(environment, 'settings')
  const copy = join(directory, '.env.production')
  echo(`cp env/.env.${environment} ${copy}   # the frontend's keys only`)
  removeAtEnd(join(root, copy))
  writeFileSync(join(root, copy), settingsText('frontend', settings))
  const shell = Object.keys(process.env).filter((name) => name.startsWith('VITE_'))
  return { directory, env: Object.fromEntries(shell.map((name) => [name, undefined])) }
}

/** Reads what was built. Fails when it cannot be published, and so before anything is changed. */
export async function readBuild({ environment }: Pick<Target, 'environment'>, directory: string): Promise<SiteBuild> {
  const files = await readSiteFiles(join(root, directory), {
    sourceMaps: showsSource(environment),
    isCopied: (key) => existsSync(join(root, 'frontend/public', key)),
  })
  const index = files.find(({ key }) => key === 'index.html')
  if (!index) throw new Failure('the build has no index.html', `${npmRun()} build:frontend, then check frontend/dist`)
  if (index.turn !== 'entry') {
    throw new Failure('index.html has no <meta name="release" content="">', 'put it back into frontend/index.html')
  }
  return { directory, files }
}

/** Whether the source maps of an environment are public. */
export function showsSource(environment: Environment): boolean {
  return environment === 'development' || environment === 'local'
}

/**
 * The files of a build, by key; what was left there by accident is left out. Fails when a file cannot be published.
 * @param isCopied whether a file was only copied into the build, from frontend/public
 */
export async function readSiteFiles(
  directory: string,
  { sourceMaps, isCopied = () => false }: { sourceMaps: boolean; isCopied?: (key: string) => boolean },
): Promise<SiteFile[]> {
  const { isHidden, requireOwnAddress, rulesFor } = await import('./rules.mts')
  const keys = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((key) => !isLitter(key) && (sourceMaps || extname(key) !== '.map'))
    .toSorted()
  const hidden = keys.filter(isHidden)
  for (const key of hidden) say(`warning: ${key} is not published: the page answers a path without an extension`)
  return keys
    .filter((key) => !hidden.includes(key))
    .map((key) => {
      requireOwnAddress(key)
      const path = join(directory, key)
      const rules = rulesFor(key, isCopied(key))
      const isPlain = rules.turn === 'entry' && !hasReleaseTag(readFileSync(path, 'utf8'))
      return { ...rules, ...digest(path), ...(isPlain ? { turn: 'other' as const } : {}) }
    })
}

const chunk = Buffer.alloc(1 << 20)

/** In pieces: a film does not fit into memory. */
function digest(path: string): Pick<SiteFile, 'md5' | 'size'> {
  const hash = createHash('md5')
  const file = openSync(path, 'r')
  let size = 0
  try {
    for (let length; (length = readSync(file, chunk)) > 0; size += length) hash.update(chunk.subarray(0, length))
  } finally {
    closeSync(file)
  }
  return { md5: hash.digest('hex'), size }
}
