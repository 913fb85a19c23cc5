import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const { workspaces } = JSON.parse(text('package.json')) as { workspaces: string[] }
const nameOf = (path: string) => (JSON.parse(text(`${path}/package.json`)) as { name: string }).name

/** What npm does with `--workspace`: a name, a path, or a path for every workspace directly below it. */
function selected(wanted: string): string[] {
  return workspaces.filter((path) => nameOf(path) === wanted || path === wanted || join(path, '..') === join(wanted))
}

test('each --workspace of a script selects one workspace', () => {
  const files = ['package.json', ...readdirSync(join(root, 'deploy')).map((file) => `deploy/${file}`)]
  const wanted = files.flatMap((file) => [...text(file).matchAll(/--workspace ([\w./-]+)/g)].map(([, name]) => name!))
  assert.ok(wanted.length > 2)
  assert.deepEqual(
    wanted.filter((name) => selected(name).length !== 1),
    [],
  )
})
