import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const scripts = readdirSync(join(root, 'deploy')).map((file) => `./deploy/${file}`)

describe('every script in deploy/', () => {
  /** The scripts that a text does not name. */
  const missingFrom = (text: string) => scripts.filter((script) => !text.includes(script))

  it('has a make target', () => assert.deepEqual(missingFrom(read('Makefile')), []))

  it('has an npm script', () => {
    const { scripts: npm } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    assert.deepEqual(missingFrom(Object.values(npm).join('\n')), [])
  })

  it('has a row in docs/DEPLOYMENT_COMMANDS.md', () => {
    assert.deepEqual(missingFrom(read('docs/DEPLOYMENT_COMMANDS.md')), [])
  })
})

it('no make target lets a shell read a variable, except the flags in ARGS', () => {
  const bare = read('Makefile').match(/^\t.*\$\((?!(?:ARGS|LOCAL|MAKEFILE_LIST)\))[A-Z_]+\).*/gm)
  assert.equal(bare, null)
})

it('no make target and no npm script names a script that is not there', () => {
  const named = `${read('Makefile')}\n${read('package.json')}`.match(/\.\/deploy\/[\w-]+\.mts/g) ?? []
  assert.deepEqual(
    named.filter((script) => !scripts.includes(script)),
    [],
  )
})
