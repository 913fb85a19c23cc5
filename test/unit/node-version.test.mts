import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const major = read('.node-version').trim()

for (const file of ['package.json', 'backend/package.json']) {
  it(`${file} accepts the Node of .node-version`, () => {
    const { engines, devDependencies } = JSON.parse(read(file))
    assert.match(engines.node, new RegExp(String.raw`^>=${major}(\.|$)`))
    assert.match(devDependencies['@types/node'], new RegExp(String.raw`^${major}\.`))
  })
}

it('the image runs on the Node of .node-version', () => {
  const images = [...read('backend/Dockerfile').matchAll(/\bnode:(\d+)/g)].map(([, version]) => version)
  assert.deepEqual(images, [major])
})
