/** Every module of the toolkit as JavaScript, in one file for start.mjs. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'live-quiz')

/** @param directory of a suite: helper.bash copies the toolkit there, in two parts */
export async function compileToolkit(directory: string): Promise<void> {
  const parts = { code: ['deploy', 'lib'], 'fresh/live quiz': ['infrastructure'] }
  const sources = Object.entries(parts).flatMap(([part, folders]) =>
    modulesIn(join(directory, part), folders).map(
      (file) => [file, readFileSync(join(directory, part, file), 'utf8')] as const,
    ),
  )
  writeFileSync(join(directory, 'compiled.json'), await compiled(sources))
}

/** The first suite of a run compiles for the others: the cache is of one toolkit, and its first line says which. */
async function compiled(sources: (readonly [file: string, source: string])[]): Promise<string> {
  const esbuild = createRequire(import.meta.resolve('tsx')).resolve('esbuild/package.json')
  const made = [readFileSync(esbuild, 'utf8'), readFileSync(import.meta.filename, 'utf8'), sources]
  const hash = createHash('sha256').update(JSON.stringify(made)).digest('hex')
  const file = join(cache, 'toolkit')
  const known = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (known.startsWith(`${hash}\n`)) return known.slice(hash.length + 1)
  const modules = await compile(sources)
  mkdirSync(cache, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, `${hash}\n${modules}`)
  renameSync(`${file}.${process.pid}`, file)
  return modules
}

async function compile(sources: (readonly [file: string, source: string])[]): Promise<string> {
  // tsx's own, with its options: only the way in is another
  const { transform, stop } = createRequire(import.meta.resolve('tsx'))('esbuild')
  const modules = sources.map(async ([file, source]) => {
    const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'node20', sourcefile: file })
    return [file, code]
  })
  const all = JSON.stringify(Object.fromEntries(await Promise.all(modules)))
  stop()
  return all
}

function modulesIn(part: string, folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(part, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.m?ts$/.test(file))
      .map((file) => join(folder, file)),
  )
}
