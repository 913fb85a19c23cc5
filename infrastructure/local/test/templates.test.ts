import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Template } from 'aws-cdk-lib/assertions'
import { createApp, named, templateOf, variants } from '../../test/synthesis.ts'
import { cfnLint, cfnLintPython, provideCfnLint } from './cfn-lint.ts'

/*
 * AWS's published resource schemas, as cfn-lint has them, judge every template: the local AWS could agree with a mistake
 * of ours, they cannot.
 */
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))

before(provideCfnLint)
after(() => rmSync(directory, { recursive: true }))

/** Errors and warnings, one a line. */
function findings(name: string, template: object): string[] {
  const file = join(directory, `${name}.json`)
  writeFileSync(file, JSON.stringify(template))
  // its script, but not the script's first line, which breaks in a path with a space
  const { stdout, stderr, error } = spawnSync(
    cfnLintPython,
    [join(cfnLint.directory, 'bin/cfn-lint'), '--region', 'us-east-1', '--format', 'parseable', '--', file],
    { encoding: 'utf8' },
  )
  assert.equal(error, undefined)
  assert.equal(stderr, '')
  return stdout.split('\n').filter(Boolean)
}

for (const [environment, settings] of variants) {
  const name = named(environment, settings)
  test(`cfn-lint finds no error and no warning in the template of ${name}`, () => {
    assert.deepEqual(findings(name, Template.fromStack(createApp(environment, settings).stack).toJSON()), [])
  })
}

test('cfn-lint finds an unknown property, a wrong value and a dangling reference', () => {
  const template = structuredClone(templateOf('local').toJSON()) as { Resources: Record<string, object> }
  template.Resources['Odd'] = {
    Type: 'AWS::S3::Bucket',
    Properties: { Colour: 'blue', VersioningConfiguration: { Status: 'Maybe' }, BucketName: { Ref: 'Nothing' } },
  }
  const codes = findings('odd', template).map((line) => /:([EW]\d{4}):/.exec(line)?.[1])
  assert.deepEqual(new Set(codes), new Set(['E1020', 'E3002', 'E3030']))
})
