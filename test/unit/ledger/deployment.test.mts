import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { personOf } from '../../../lib/ledger/deployment.mts'
import { root } from '../../../lib/script/files.mts'
import { recordAws } from '../site/aws.mts'

describe('a recorded run', () => {
  const calls = recordAws(
    `case $* in *update-item*) [ -z "$REFUSAL" ] || { echo "An error occurred ($REFUSAL)" >&2; exit 254; } ;;
      *put-item*attribute_not_exists*) [ -z "$OTHER" ] || { echo ConditionalCheckFailedException >&2; exit 254; } ;;
      *get-item*) echo "$OTHER" ;; esac`,
  )
  // no run's own
  const directory = join(root, '.local', 'deployments', 'recorded')
  after(() => rmSync(directory, { recursive: true }))

  /** In a process of its own: it may be stopped as a whole. */
  function run(work: string, env: Record<string, string> = {}) {
    const code = `
      import { lockAndRecord, recordBeforeChange, recordStage } from '${root}/lib/ledger/deployment.mts'
      import { environmentNames } from '${root}/lib/environment/environments.mts'
      import { Failure } from '${root}/lib/script/failure.mts'
      import { requireMayChange, runTogether } from '${root}/lib/script/job.mts'
      const names = environmentNames('local')
      const target = { environment: 'recorded', names, identity: 'user/ana', release: 'r1' }
      await lockAndRecord(target, { verb: 'backend' }, async () => { ${work} })`
    return spawnSync(process.execPath, ['--import', join(root, 'lib/script/loader.mjs'), '--input-type=module'], {
      input: code,
      encoding: 'utf8',
      env: { ...process.env, SLACK_WEBHOOK_URL: '', GITHUB_OUTPUT: '', GITHUB_STEP_SUMMARY: '', ...env },
    })
  }

  it('ends with the failure of its work on a full disk, recorded, and lets go of the lock', () => {
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'releases'), '')
    const { status, stderr } = run(`throw new Error('the build failed')`)
    rmSync(join(directory, 'releases'))
    assert.equal(status, 1)
    assert.match(stderr, /^Error: the build failed$/m)
    assert.match(calls().join('\n'), /put-item .*"reason":\{"S":"the build failed"/)
    assert.match(calls().join('\n'), /dynamodb delete-item .*"lock"/)
  })

  it('records a stage as stopped, without a warning, where another job failed', () => {
    const { status, stderr } = run(`await runTogether({
      stack: () => recordStage('infrastructure', () => recordBeforeChange()),
      site: async () => { throw new Failure('npm run build exited with 1', 'fix that') },
    })`)
    assert.equal(status, 1)
    assert.doesNotMatch(stderr, /warning/)
    assert.match(stderr, /release r1 recorded: failed/)
    assert.match(
      readFileSync(join(directory, 'releases', 'r1.json'), 'utf8'),
      /"infrastructure":\{"M":\{"status":\{"S":"stopped"/,
    )
  })

  it('takes over a stale lock only if it is still as it was read', () => {
    const [holder, expiry, since] = [{ S: 'bob' }, { S: '2026-11-23T10:15:02.123Z' }, { S: '2026-11-23T10:10:02.123Z' }]
    run('', { OTHER: JSON.stringify({ Item: { holder, expiry, since } }) })
    const [, second = ''] = calls().flatMap((call) => /put-item --cli-input-json (\{.*"lock".*)/.exec(call)?.[1] ?? [])
    const { ConditionExpression, ExpressionAttributeValues } = JSON.parse(second)
    assert.equal(ConditionExpression, 'holder = :holder AND expiry = :expiry')
    assert.deepEqual(ExpressionAttributeValues, { ':holder': holder, ':expiry': expiry })
  })

  // asleep for four minutes between two changes
  const sleeping = `await recordStage('backend', async () => {
    await recordBeforeChange()
    console.log('changed')
    const now = Date.now
    Date.now = () => now() + 240_000
    await recordBeforeChange()
    console.log('changed again')
  })`
  const renewals = () => calls().filter((call) => call.startsWith('dynamodb update-item')).length

  it('renews its lock before each change', () => {
    const { stdout } = run(sleeping)
    assert.deepEqual([stdout, renewals()], ['changed\nchanged again\n', 2])
  })

  it('says once that it is recorded, however many changes it makes', () => {
    const said = [...run(sleeping).stderr.matchAll(/recorded: (.*)/g)]
    assert.deepEqual(
      said.map(([, verdict]) => verdict),
      ['under way', 'deployed'],
    )
  })

  for (const [what, work] of [
    ['changes nothing', sleeping],
    ['does not even change what it does not record', `await requireMayChange(); console.log('changed')`],
  ] as const) {
    it(`${what} when its lock was broken a moment ago`, () => {
      const { stdout, stderr } = run(work, { REFUSAL: 'ConditionalCheckFailedException' })
      assert.deepEqual([stdout, renewals()], ['', 1])
      assert.match(stderr, /the deploy lock of recorded was broken or taken over/)
    })
  }

  it('changes nothing more when nobody says whose its lock is after its sleep', () => {
    const { stdout, stderr } = run(sleeping, { REFUSAL: 'ThrottlingException' })
    assert.equal(stdout, 'changed\n')
    assert.match(stderr, /the deploy lock of recorded has expired and could not be renewed/)
  })
})

describe('who deploys', () => {
  for (const [identity, local, env, expected] of [
    ['arn:aws:iam::123456789012:user/ana', false, { USER: 'root' }, 'ana'],
    ['arn:aws:sts::123456789012:assumed-role/Deploy/ana@example.com', false, {}, 'ana@example.com'],
    ['arn:aws:iam::123456789012:root', false, {}, 'root'],
    [
      'arn:aws:sts::123456789012:assumed-role/Deploy/GitHubActions',
      false,
      { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'ana' },
      'ana',
    ],
    [
      'arn:aws:sts::123456789012:assumed-role/Deploy/GitHubActions',
      false,
      { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'ana', GITHUB_TRIGGERING_ACTOR: 'ben' },
      'ben',
    ],
    ['arn:aws:sts::123456789012:assumed-role/Deploy/me', false, { GITHUB_ACTOR: 'ana' }, 'me'],
    ['arn:aws:sts::000000000000:user/moto', true, { USER: 'ana' }, 'ana'],
    ['arn:aws:sts::000000000000:user/moto', true, {}, 'moto'],
  ] as const) {
    it(`is ${expected} for ${identity.split(':').at(-1)}${local ? ', local,' : ''} with ${JSON.stringify(env)}`, () => {
      assert.equal(personOf(identity, local, env), expected)
    })
  }
})
