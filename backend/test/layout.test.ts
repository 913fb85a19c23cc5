import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const backend = join(import.meta.dirname, '..')
const root = join(backend, '..')

test('the build has the documented structure', (t) => {
  const dist = mkdtempSync(join(tmpdir(), 'dist-'))
  t.after(() => rmSync(dist, { recursive: true }))
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['--project', 'tsconfig.build.json', '--outDir', dist], {
    cwd: backend,
  })
  assert.deepEqual(readdirSync(dist).toSorted(), ['db', 'index.js', 'middleware', 'routes', 'services', 'types'])
  assert.deepEqual(readdirSync(join(dist, 'db')).toSorted(), ['client.js', 'repositories'])
})

for (const [place, never] of [
  ['src/routes', /^@aws-sdk|db\/client|db\/repositories/],
  ['src/middleware', /^@aws-sdk|^ws$|db\/client|db\/repositories/],
  ['src/services', /dynamodb|^ws$|^hono|^@hono|\/routes\/|\/middleware\//],
  ['src/services/game', /^node:|^@|^ws$|db\/|\/log\.ts$/],
  ['src/db', /^ws$|^hono|^@hono|\/routes\/|\/middleware\/|\/services\//],
] as const) {
  test(`${place} imports nothing like ${never}`, () => {
    const found = importsBelow(join(backend, place))
    assert.ok(found.length > 0)
    assert.deepEqual(
      found.filter(({ imported }) => never.test(imported)),
      [],
    )
  })
}

function importsBelow(directory: string): { file: string; imported: string }[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) =>
    [...readFileSync(join(directory, file), 'utf8').matchAll(/^(?:import|export)\b[^'"`;=]*?'([^']+)'/gm)].map(
      ([, imported = '']) => ({ file, imported }),
    ),
  )
}

test('the compiler options equal those of the repository', () => {
  assert.deepEqual(compilerOptions(join(backend, 'tsconfig.json')), compilerOptions(join(root, 'tsconfig.base.json')))
})

function compilerOptions(file: string): unknown {
  const withoutComments = readFileSync(file, 'utf8').replaceAll(/^\s*\/\/.*$/gm, '')
  return JSON.parse(withoutComments).compilerOptions
}

interface Lock {
  packages: Record<string, Entry>
}
interface Entry {
  version?: string
  resolved?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const imageLock: Lock = JSON.parse(readFileSync(join(backend, 'package-lock.json'), 'utf8'))
const rootLock: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

test('the image has the versions that the tests run with', () => {
  assert.deepEqual(
    versions(imageLock, ''),
    versions(rootLock, 'backend'),
    'package-lock.json of backend/ differs from the one above it: npm run lock --workspace backend',
  )
})

test('the lock file fits the package.json beside it', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(backend, 'package.json'), 'utf8'))
  const own = imageLock.packages['']
  assert.deepEqual(
    { dependencies: own?.dependencies, devDependencies: own?.devDependencies },
    { dependencies, devDependencies },
  )
})

test('every package is pinned to one version', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(backend, 'package.json'), 'utf8'))
  const ranges = Object.entries<string>({ ...dependencies, ...devDependencies })
  assert.ok(ranges.length > 0)
  assert.deepEqual(
    ranges.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  )
})

test('the lock file names no download address', () => {
  const addresses = Object.values(imageLock.packages).filter(({ resolved }) => resolved !== undefined)
  assert.deepEqual(addresses, [])
})

/** Every `name@version` that a workspace needs, found as Node finds packages: in the nearest node_modules upwards. */
function versions({ packages }: Lock, workspace: string): string[] {
  const found = new Set<string>()
  const visited = new Set<string>()

  function visit(path: string, names: string[]): void {
    for (const name of names) {
      const place = nearest(path, name)
      const entry = place === undefined ? undefined : packages[place]
      assert.ok(place !== undefined && entry, `${name} of ${path || 'the backend'} is not in the lock file`)
      found.add(`${name}@${entry.version}`)
      if (visited.has(place)) continue
      visited.add(place)
      visit(place, Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }))
    }
  }
  function nearest(path: string, name: string): string | undefined {
    for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
      const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`
      if (place in packages) return place
      if (from === '') return undefined
    }
  }
  const own = packages[workspace]
  visit(workspace, Object.keys({ ...own?.dependencies, ...own?.devDependencies }))
  return [...found].toSorted()
}
