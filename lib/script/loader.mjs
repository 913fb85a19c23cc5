/*
 * Lets this Node run the TypeScript of this repository. From 22.18 on it does so itself, and keeps what it has compiled;
 * Node 20 gets a loader that strips the types once for each content of a file. tsx does more, and takes 0.15 s longer to
 * start. Plain JavaScript: nothing could load it otherwise.
 */
import module from 'node:module'
import { fileURLToPath } from 'node:url'

if (process.features.typescript) {
  module.enableCompileCache?.(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)))
} else {
  process.setSourceMapsEnabled(true)
  module.register('./strip-types.mjs', import.meta.url)
}
