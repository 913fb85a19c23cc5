/*
 * Lets this Node run the TypeScript of this repository: from 22.18 on by itself, with a cache of what it has compiled, and
 * on Node 20 with tsx. Plain JavaScript: nothing could load it otherwise.
 */
import module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const [, major, minor] = /^v(\d+)\.(\d+)/.exec(process.version).map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  const remedy = 'install Node.js 20.19 or later (https://nodejs.org)'
  process.stderr.write(`error: node is ${process.version.slice(1)}\nremedy: ${remedy}\n`)
  process.exit(1)
}

// until the script has handlers of its own nothing has begun, and there is nothing to clean up
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (process.listenerCount(signal) > 1 || (signal === 'SIGHUP' && process.env.SIGHUP_IGNORED)) return
    process.exit(128 + constants.signals[signal])
  })
}

if (process.features.typescript) {
  module.enableCompileCache?.(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)))
} else {
  await import('tsx')
}
