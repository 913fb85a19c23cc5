/*
 * Lets this Node run the TypeScript of this repository: from 22.18 on by itself, with a cache of what it has compiled, and
 * on Node 20 with tsx. Plain JavaScript: nothing could load it otherwise.
 */
import module from 'node:module'
import { fileURLToPath } from 'node:url'

if (process.features.typescript) {
  module.enableCompileCache?.(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)))
} else {
  await import('tsx')
}
