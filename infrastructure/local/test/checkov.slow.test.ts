/* checkov judges every template, beside cdk-nag (infrastructure/test/rules.test.ts). Slow: it brings 290 MB from PyPI when it is first needed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readSettings } from '../../../lib/environment/settings.mts'
import { acknowledged } from '../../test/acknowledged-by-checkov.ts'
import { named, templateOf, variants } from '../../test/synthesis.ts'
import { exclusively } from '../cli/lock.mts'
import { provide, pythonOf, type Virtualenv } from '../cli/virtualenv.mts'
import { stateDirectory } from '../connection.ts'

const checkov: Virtualenv = {
  directory: join(stateDirectory, 'checkov'),
  requirements: join(import.meta.dirname, 'checkov', 'requirements.txt'),
  what: 'checkov',
}
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))

/** Findings as `rule logical-id`, by file. */
let found: Record<string, string[]>

const fileOf = (name: string) => `${name.replaceAll(' ', '-')}.json`

before(async () => {
  await exclusively(() => provide(checkov))
  for (const [environment, settings] of variants) {
    const template = templateOf(environment, settings).toJSON()
    writeFileSync(join(directory, fileOf(named(environment, settings))), JSON.stringify(template))
  }
  const open = { Resources: { Open: { Type: 'AWS::S3::Bucket', Properties: { AccessControl: 'PublicRead' } } } }
  writeFileSync(join(directory, fileOf('open')), JSON.stringify(open))
  found = findings()
})
after(() => rmSync(directory, { recursive: true }))

function findings(): Record<string, string[]> {
  const flags = ['--framework', 'cloudformation', '--skip-download', '--quiet', '--output', 'json']
  const { stdout, stderr, error } = spawnSync(
    pythonOf(checkov),
    ['-m', 'checkov.main', ...flags, '--directory', directory],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  assert.equal(error, undefined)
  assert.ok(stdout, stderr)
  const { results, summary } = JSON.parse(stdout) as {
    results: { failed_checks: { check_id: string; resource: string; file_path: string }[] }
    summary: { parsing_errors: number }
  }
  assert.equal(summary.parsing_errors, 0)
  const byFile: Record<string, string[]> = {}
  for (const { check_id, resource, file_path } of results.failed_checks) {
    ;(byFile[file_path.replace(/^\//, '')] ??= []).push(`${check_id} ${resource.split('.').at(-1)}`)
  }
  return byFile
}

for (const [environment, overrides] of variants) {
  test(`${named(environment, overrides)}: every finding of checkov has a reason, and each reason a finding`, () => {
    const settings = { ...readSettings(environment), ...overrides }
    const expected = Object.entries(acknowledged).flatMap(([rule, all]) =>
      all.flatMap(({ at, where }) => (where?.(environment, settings) === false ? [] : at.map((id) => `${rule} ${id}`))),
    )
    assert.deepEqual(found[fileOf(named(environment, overrides))]?.toSorted(), expected.toSorted())
  })
}

test('checkov finds an open bucket', () => {
  assert.ok(found[fileOf('open')]?.includes('CKV_AWS_20 Open'))
})
