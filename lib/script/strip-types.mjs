import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const esbuild = require('esbuild/package.json').version
const cache = fileURLToPath(new URL('../../node_modules/.cache/stripped', import.meta.url))

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context)
  const path = fileURLToPath(url)
  return { format: 'module', source: await stripped(readFileSync(path, 'utf8'), basename(path)), shortCircuit: true }
}

/** The name of what is kept is made of all that it depends on: nothing in there can be out of date. */
async function stripped(source, name) {
  const file = `${cache}/${createHash('sha256').update(`${esbuild} ${process.version} ${name}\0${source}`).digest('hex')}`
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const { transform } = await import('esbuild')
    const { code } = await transform(source, {
      loader: 'ts',
      format: 'esm',
      target: `node${process.versions.node}`,
      // relative to the file itself: a copy of it elsewhere is the same
      sourcefile: name,
      sourcemap: 'inline',
      sourcesContent: false,
    })
    keep(file, code)
    return code
  }
}

/** Several processes may write the same; each of them shows it whole. */
function keep(file, code) {
  const draft = `${file}.${process.pid}`
  try {
    mkdirSync(cache, { recursive: true })
    writeFileSync(draft, code)
    renameSync(draft, file)
  } catch {
    // a read-only checkout is only slower
  }
}
