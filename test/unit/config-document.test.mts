import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { keys } from '../../lib/environment/environments.mts'

it('documents every key with its reader, default, form and meaning, and no other', () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/DEPLOYMENT_CONFIG.md'), 'utf8')
  const rows = document.split('\n').filter((line) => /^\| `[A-Z]/.test(line))
  const expected = Object.entries(keys).map(
    ([name, key]) =>
      `| \`${name}\` | ${key.reader} | ${key.default === '' ? 'empty' : `\`${key.default}\``} | ${key.form} | ${key.meaning} |`,
  )
  assert.deepEqual(rows, expected)
})
