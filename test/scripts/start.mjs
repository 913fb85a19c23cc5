/*
 * Starts a script with what compiled.mts has made of it. Node with tsx needs half a second of CPU for each start, most of
 * it for a second thread that compiles nothing new; the suites start hundreds. The modules, their names, their order and
 * their compiler are those of tsx. terminal.bats starts the scripts as a person does.
 *
 *   COMPILED=<file> node --experimental-vm-modules test/scripts/start.mjs <script> [<argument>…]
 */
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SourceTextModule, SyntheticModule } from 'node:vm'

// the script sees itself as the one that was started
process.argv.splice(1, 1)
const script = realpathSync(process.argv[1])
const project = dirname(dirname(script))
const compiled = JSON.parse(readFileSync(process.env.COMPILED, 'utf8'))
const require = createRequire(import.meta.url)
const modules = new Map()

const main = own(script)
await main.link(resolved)
await main.evaluate()

function resolved(specifier, { identifier }) {
  return specifier.startsWith('.') ? own(join(dirname(identifier), specifier)) : foreign(specifier)
}

/** What a dynamic import of one of our modules gives. */
async function imported(specifier, module) {
  const found = await resolved(specifier, module)
  if (found.status === 'unlinked') await found.link(resolved)
  await found.evaluate()
  return found
}

function own(file) {
  return remembered(file, () => {
    const url = pathToFileURL(file).href
    return new SourceTextModule(compiled[relative(project, file)], {
      identifier: file,
      initializeImportMeta: (meta) => Object.assign(meta, { url, filename: file, dirname: dirname(file) }),
      importModuleDynamically: imported,
    })
  })
}

/** A package, or what is Node's own: CommonJS where a package has both, since that is loaded in half the time. */
function foreign(specifier) {
  return remembered(specifier, async () => {
    const exported = require(specifier)
    const all = { ...exported, default: exported }
    const module = new SyntheticModule(Object.keys(all), () => {
      for (const [name, value] of Object.entries(all)) module.setExport(name, value)
    })
    await module.link(() => {})
    await module.evaluate()
    return module
  })
}

function remembered(name, make) {
  if (!modules.has(name)) modules.set(name, make())
  return modules.get(name)
}
