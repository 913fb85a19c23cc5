import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const infrastructure = join(import.meta.dirname, '..')
const cdk = join(infrastructure, '../node_modules/.bin/cdk')
const output = mkdtempSync(join(tmpdir(), 'live quiz cdk '))
after(() => rmSync(output, { recursive: true }))

/** `cdk synth`, as typed in infrastructure/ by someone without any credentials. */
function synth(flags: string[], env: Record<string, string> = {}) {
  return spawnSync(cdk, ['synth', '--quiet', '--output', output, ...flags], {
    cwd: infrastructure,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: output,
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_HOME: join(output, 'home'),
      ...env,
    },
  })
}

function artifacts() {
  const manifest = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')) as {
    artifacts: Record<string, { type: string; properties?: { terminationProtection?: boolean } }>
  }
  return manifest.artifacts
}

function synthesizedStacks(): string[] {
  return Object.entries(artifacts()).flatMap(([id, { type }]) => (type === 'aws:cloudformation:stack' ? [id] : []))
}

function isProtected(stack: string): boolean {
  return artifacts()[stack]?.properties?.terminationProtection === true
}

test('bare cdk synthesizes production, without credentials', () => {
  const { status, stderr } = synth([])
  assert.equal(status, 0, stderr)
  assert.deepEqual(synthesizedStacks(), ['LiveQuizEventStack'])
  assert.equal(isProtected('LiveQuizEventStack'), true)
})

test('-c unprotected=true lets what a failed creation of production leaves be deleted', () => {
  const { status, stderr } = synth(['-c', 'unprotected=true'])
  assert.equal(status, 0, stderr)
  assert.equal(isProtected('LiveQuizEventStack'), false)
})

test('-c environment=staging synthesizes staging', () => {
  const { status, stderr } = synth(['-c', 'environment=staging'])
  assert.equal(status, 0, stderr)
  assert.deepEqual(synthesizedStacks(), ['LiveQuizEventStack-staging'])
})

test('-c restoredTable=… is what the alarm watches', () => {
  const { status, stderr } = synth(['-c', 'environment=staging', '-c', 'restoredTable=restored'])
  assert.equal(status, 0, stderr)
  const template = readFileSync(join(output, 'LiveQuizEventStack-staging.template.json'), 'utf8')
  assert.equal(JSON.parse(template).Outputs.WatchedTableName.Value, 'restored')
})

test('an unknown environment prints a fact and a remedy, no stack trace', () => {
  const { status, stderr } = synth(['-c', 'environment=prod'])
  assert.notEqual(status, 0)
  assert.match(stderr, /^error: unknown environment: prod\nremedy: .*development, staging, production, local/m)
  assert.match(stderr, /exited with error 2/)
  assert.doesNotMatch(stderr, /^ +at /m)
})

test('local is refused without a local AWS', () => {
  const { status, stderr } = synth(['-c', 'environment=local'])
  assert.notEqual(status, 0)
  assert.match(stderr, /^error: .*only on the AWS of this machine\nremedy: make deploy-local/m)
})
