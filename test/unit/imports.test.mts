/** Who imports whom: the rooms of the house stay rooms. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const workspaces = ['backend', 'bench', 'deploy', 'frontend', 'infrastructure', 'lib', 'test']

/** From the ground up. A room imports from the floors below its own, and not from its neighbours. */
const floors = [
  ['script'],
  ['environment'],
  ['access'],
  ['stack', 'image'],
  ['service'],
  ['site', 'ledger'],
  ['check', 'rollback', 'promotion', 'recovery', 'destroy'],
]

interface Import {
  from: string
  to: string
  /** Only when that line runs. */
  isDynamic: boolean
}

const sources = new Map(workspaces.flatMap(sourceFiles).map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const imports = [...sources].flatMap(([file, source]) => importsOf(file, source))
const arrows = imports.map(({ from, to }) => `${from} → ${to}`)

function sourceFiles(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory())
      return /^(node_modules|dist|build|coverage|cdk\.out|\..*)$/.test(entry.name) ? [] : sourceFiles(path)
    return /\.(m?ts|tsx|mjs)$/.test(entry.name) ? [path] : []
  })
}

function importsOf(from: string, source: string): Import[] {
  const statement = /^(?:import|export)\b(?:[^'"`;=]*?\bfrom)?\s*'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm
  return [...source.matchAll(statement)].map(([, named, dynamic]) => {
    const path = join(dirname(from), (named ?? dynamic)!)
    const to = [path, path.replace(/\.js$/, '.ts'), `${path}.ts`, `${path}.tsx`].find((file) =>
      existsSync(join(root, file)),
    )
    assert.ok(to, `${from} imports ${path}, which is not there`)
    return { from, to, isDynamic: dynamic !== undefined }
  })
}

/** Every module that is met from these, themselves included. */
function met(start: string[], follow = imports): Set<string> {
  const seen = new Set(start)
  for (const file of seen) for (const { from, to } of follow) if (from === file) seen.add(to)
  return seen
}

const isIn = (place: string) => (file: string) => file.startsWith(`${place}/`)
const isInLocal = isIn('infrastructure/local')

describe('the rooms of lib/', () => {
  const room = (file: string) => /^lib\/([^/]+)\//.exec(file)?.[1]
  const floor = (file: string) => floors.findIndex((rooms) => rooms.includes(room(file)!))

  it('are those of the floors', () => {
    assert.deepEqual(readdirSync(join(root, 'lib')).toSorted(), floors.flat().toSorted())
  })

  it('import only from the floors below them', () => {
    const upward = imports.filter(
      ({ from, to }) => room(from) && room(to) && room(from) !== room(to) && floor(to) >= floor(from),
    )
    assert.deepEqual(upward, [])
  })

  it('import nothing else of the repository but the door of the local AWS', () => {
    const outside = imports.filter(({ from, to }) => room(from) && !room(to))
    assert.deepEqual([...new Set(outside.map(({ to }) => to))], ['infrastructure/local/connection.ts'])
  })

  it('have one exported type of a name', () => {
    const files = new Map<string, string[]>()
    for (const [file, source] of sources)
      for (const [, name] of room(file) ? source.matchAll(/^export (?:interface|type) (\w+)/gm) : [])
        files.set(name!, [...(files.get(name!) ?? []), file])
    assert.ok(files.size > 20)
    assert.deepEqual(
      [...files].filter(([, places]) => places.length > 1),
      [],
    )
  })
})

describe('the local AWS', () => {
  it('is imported through its door; by tests, through testing.ts too', () => {
    const doors = ['infrastructure/local/connection.ts', 'infrastructure/local/testing.ts']
    const entering = imports.filter(({ from, to }) => isInLocal(to) && !isInLocal(from))
    const around = entering.filter(({ from, to }) => !(isIn('test')(from) ? doors : doors.slice(0, 1)).includes(to))
    assert.ok(entering.length > 0)
    assert.deepEqual(around, [])
  })

  it('imports nothing from outside; its commands and tests may use lib/script', () => {
    const leaving = imports.filter(
      ({ from, to }) => isInLocal(from) && !isInLocal(to) && !isIn('infrastructure/local/test')(from),
    )
    assert.deepEqual(
      leaving.filter(({ from, to }) => !(isIn('infrastructure/local/cli')(from) && isIn('lib/script')(to))),
      [],
    )
  })
})

it('the CDK app imports no verb, only what a verb is made of', () => {
  const verbs = floors.at(-1)!.map((room) => isIn(`lib/${room}`))
  const app = imports.filter(({ from }) => isIn('infrastructure')(from) && !isInLocal(from))
  assert.ok(app.length > 50)
  assert.deepEqual(
    app.filter(({ to }) => verbs.some((is) => is(to))),
    [],
  )
})

it('no import leads back to where it came from, anywhere in the repository', () => {
  assert.ok(arrows.length > 500)
  const circular = imports.filter(({ from, to }) => met([to]).has(from))
  assert.deepEqual(
    circular.map(({ from, to }) => `${from} → ${to}`),
    [],
  )
})

it('exports nothing that no other module names', () => {
  const words = [...sources].map(([file, source]) => [file, new Set(source.match(/\w+/g))] as const)
  const declared = /^export (?:async )?(?:function\*?|const|let|interface|type|class) (\w+)/gm
  const exported = [...sources].flatMap(([file, source]) =>
    [...source.matchAll(declared)].map(([, name]) => ({ file, name: name! })),
  )
  assert.ok(exported.length > 1000)
  const isNamed = (file: string, name: string) => words.some(([other, known]) => other !== file && known.has(name))
  assert.deepEqual(
    exported.filter(({ file, name }) => !isNamed(file, name)),
    [],
  )
})

it('a backend deployment is explained by at most 35 modules', () => {
  const modules = met(
    ['deploy/backend.mts'],
    imports.filter(({ isDynamic }) => !isDynamic),
  )
  assert.ok(modules.size <= 35, `${modules.size}:\n${[...modules].toSorted().join('\n')}`)
})
