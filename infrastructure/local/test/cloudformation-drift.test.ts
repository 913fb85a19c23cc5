import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Input } from '../gateway/room.ts'
import { body, createFixture, rejectsWith, thing } from './cloudformation-fixtures.ts'

/** A stack of five, and what a detection says of it: one line for each resource that can be checked. */
async function detected(change: (fixture: ReturnType<typeof createFixture>) => Promise<void>, only?: string[]) {
  const fixture = createFixture()
  const { call, create } = fixture
  await create({
    Same: thing({ Count: 1, Nested: { List: ['a'], On: 'true' } }),
    Changed: thing({ Count: 1, Nested: { List: ['a'], On: 'true' } }),
    Gone: thing({ Count: 1 }),
    Silent: thing({ Count: 1 }),
    Fixed: { Type: 'Test::Fixed', Properties: { Count: 1 } },
  })
  await change(fixture)
  const { StackDriftDetectionId } = await call('DetectStackDrift', { StackName: 'Stack', LogicalResourceIds: only })
  let detection: Input
  do {
    await sleep(1)
    detection = await call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId })
  } while (detection['DetectionStatus'] === 'DETECTION_IN_PROGRESS')
  const { StackResourceDrifts } = await call('DescribeStackResourceDrifts', { StackName: 'Stack' })
  const lines = (StackResourceDrifts as Input[]).map((drift) =>
    [
      drift['LogicalResourceId'],
      drift['StackResourceDriftStatus'],
      ...((drift['PropertyDifferences'] ?? []) as Input[]).map((each) => Object.values(each).join(' ')),
      ...(drift['DriftStatusReason'] ? [drift['DriftStatusReason']] : []),
    ].join(' '),
  )
  return { detection, lines: lines.toSorted(), stack: await fixture.describeStack() }
}

test('a stack that nobody touched has no drift, and what cannot be read is not mentioned', async () => {
  const { detection, lines, stack } = await detected(async () => {})
  assert.deepEqual(lines, ['Changed IN_SYNC', 'Gone IN_SYNC', 'Same IN_SYNC', 'Silent IN_SYNC'])
  assert.equal(detection['StackDriftStatus'], 'IN_SYNC')
  assert.equal((stack['DriftInformation'] as Input)['StackDriftStatus'], 'IN_SYNC')
})

test('what was changed, deleted or is unreadable is told, of what the template sets', async () => {
  const { detection, lines, stack } = await detected(async ({ physicalId, things }) => {
    const live = { Count: '1', Nested: { List: ['a', 'b'], On: true, Unset: 1 }, Other: 1 }
    things.set(await physicalId('Changed'), live)
    things.delete(await physicalId('Gone'))
    things.set(await physicalId('Silent'), { Fails: 'read' })
  })
  assert.deepEqual(lines, [
    'Changed MODIFIED /Nested/List ["a"] ["a","b"] NOT_EQUAL',
    'Gone DELETED',
    'Same IN_SYNC',
    'Silent UNKNOWN it cannot be readd',
  ])
  assert.equal(detection['DetectionStatus'], 'DETECTION_FAILED')
  assert.match(String(detection['DetectionStatusReason']), /\[Silent\]/)
  assert.equal((stack['DriftInformation'] as Input)['StackDriftStatus'], 'DRIFTED')
})

test('only the named resources are looked at', async () => {
  const { lines } = await detected(async () => {}, ['Same', 'Fixed'])
  assert.deepEqual(lines, ['Same IN_SYNC'])
})

test('a stack that changes cannot be checked', async () => {
  const { call, hold, settled } = createFixture()
  const release = hold('A')
  await call('CreateStack', { StackName: 'Stack', TemplateBody: body({ A: thing() }) })
  await rejectsWith(call('DetectStackDrift', { StackName: 'Stack' }), 'ValidationError', /CREATE_IN_PROGRESS/)
  release()
  await settled()
})
