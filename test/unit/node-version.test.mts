import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { keys } from '../../lib/environment/keys.mts'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const major = read('.node-version').trim()

for (const file of ['package.json', 'backend/package.json']) {
  it(`${file} accepts the Node of .node-version`, () => {
    assert.match(JSON.parse(read(file)).engines.node, new RegExp(String.raw`^>=${major}(\.|$)`))
  })
}

for (const file of ['package.json', 'backend/package.json', 'frontend/package.json']) {
  it(`${file} has the types of the Node of .node-version`, () => {
    assert.match(JSON.parse(read(file)).devDependencies['@types/node'], new RegExp(String.raw`^${major}\.`))
  })
}

it('the image runs on the Node of .node-version', () => {
  const images = [...read('backend/Dockerfile').matchAll(/\bnode:(\d+)/g)].map(([, version]) => version)
  assert.deepEqual(images, [major])
})

it('NODE_IMAGE is the Node of .node-version, where no file sets it', () => {
  assert.match(keys.NODE_IMAGE.default, new RegExp(String.raw`^node:${major}-`))
})
