import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { named, templateOf, variants } from '../../test/synthesis.ts'
import { cfnLint, cfnLintPython, provideCfnLint } from './cfn-lint.ts'

/*
 * AWS's published resource schemas, as cfn-lint has them, judge every template: the local AWS could agree with a mistake
 * of ours, they cannot.
 */
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))

interface Judged {
  name: string
  region: string
  template: () => object
}
const templates = variants.map(([environment, settings]): Judged => ({
  name: named(environment, settings),
  region: settings.AWS_REGION ?? 'us-east-1',
  template: () => templateOf(environment, settings).toJSON(),
}))
const odd: Judged = { name: 'odd', region: 'us-east-1', template: oddTemplate }
/** Errors and warnings, one a line. */
let findings: string[]

before(async () => {
  await provideCfnLint()
  const all = [...templates, odd]
  findings = [...new Set(all.map(({ region }) => region))].flatMap((region) =>
    judge(
      region,
      all.filter((each) => each.region === region),
    ),
  )
})
after(() => rmSync(directory, { recursive: true }))

function fileOf(name: string): string {
  return join(directory, `${name}.json`)
}

/** All of a region at once: cfn-lint takes longer to start than to judge one. */
function judge(region: string, judged: Judged[]): string[] {
  for (const { name, template } of judged) writeFileSync(fileOf(name), JSON.stringify(template()))
  const files = judged.map(({ name }) => fileOf(name))
  // its script, but not the script's first line, which breaks in a path with a space
  const { stdout, stderr, error } = spawnSync(
    cfnLintPython,
    [join(cfnLint.directory, 'bin/cfn-lint'), '--region', region, '--format', 'parseable', '--', ...files],
    { encoding: 'utf8' },
  )
  assert.equal(error, undefined)
  assert.equal(stderr, '')
  return stdout.split('\n').filter(Boolean)
}

function findingsIn(name: string): string[] {
  return findings.filter((line) => line.startsWith(`${fileOf(name)}:`))
}

function oddTemplate() {
  const template = structuredClone(templateOf('local').toJSON()) as { Resources: Record<string, object> }
  template.Resources['Odd'] = {
    Type: 'AWS::S3::Bucket',
    Properties: { Colour: 'blue', VersioningConfiguration: { Status: 'Maybe' }, BucketName: { Ref: 'Nothing' } },
  }
  return template
}

for (const { name } of templates) {
  test(`cfn-lint finds no error and no warning in the template of ${name}`, () => {
    assert.deepEqual(findingsIn(name), [])
  })
}

test('cfn-lint finds an unknown property, a wrong value and a dangling reference', () => {
  const codes = findingsIn('odd').map((line) => /:([EW]\d{4}):/.exec(line)?.[1])
  assert.deepEqual(new Set(codes), new Set(['E1020', 'E3002', 'E3030']))
})

test('cfn-lint names no file but these', () => {
  assert.deepEqual(
    findings.filter((line) => !line.startsWith(`${fileOf('odd')}:`)),
    [],
  )
})
