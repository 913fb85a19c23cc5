import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StackResourceDrift } from '@aws-sdk/client-cloudformation'
import { compareWithTemplate } from '../../../lib/check/stack-drift.mts'
import { Failure } from '../../../lib/script/failure.mts'
import { pause } from '../../../lib/script/job.mts'
import type { StackDrift } from '../../../lib/stack/drift.mts'

describe('drift of the stack', () => {
  const drift = (id: string, status: string, others: Partial<StackResourceDrift> = {}) =>
    ({
      LogicalResourceId: id,
      PhysicalResourceId: `the-${id}`,
      ResourceType: 'AWS::S3::Bucket',
      StackResourceDriftStatus: status,
      ...others,
    }) as StackResourceDrift
  const difference = (PropertyPath: string, ExpectedValue: string, ActualValue: string) => ({
    PropertyPath,
    ExpectedValue,
    ActualValue,
    DifferenceType: 'NOT_EQUAL' as const,
  })
  const lines = async (found: Partial<StackDrift>) => {
    const findings = await compareWithTemplate('S', async () => ({ drifts: [], asked: 5, left: [], ...found }))
    return findings.map(({ status, detail }) => `${status} ${detail}`)
  }

  it('is none where each resource is as the template says, and says what was not compared', async () => {
    const drifts = [drift('A', 'IN_SYNC'), drift('B', 'IN_SYNC')]
    assert.deepEqual(await lines({ drifts, left: ['AWS::SecretsManager::Secret'] }), [
      'OK 2 resources are as the template says; not compared: 3 that CloudFormation cannot compare, AWS::SecretsManager::Secret',
    ])
  })

  it('names each resource that was changed or deleted, with both values, shortened', async () => {
    const PropertyDifferences = [
      difference('/VersioningConfiguration/Status', 'Enabled', 'Suspended'),
      difference('/RetentionInDays', '30', 'null'),
      difference('/Policy', 'x'.repeat(500), 'y'),
      difference('/More', '1', '2'),
    ]
    const drifts = [drift('A', 'IN_SYNC'), drift('B', 'MODIFIED', { PropertyDifferences }), drift('C', 'DELETED')]
    const [changed, deleted, ...others] = await lines({ drifts })
    assert.equal(
      changed,
      `FAIL B (AWS::S3::Bucket the-B) has VersioningConfiguration/Status Suspended, the template says Enabled; has RetentionInDays nothing, the template says 30; has Policy y, the template says ${'x'.repeat(79)}…; 1 more`,
    )
    assert.equal(deleted, 'FAIL C (AWS::S3::Bucket the-C) was deleted')
    assert.deepEqual(others, [])
  })

  it('is not known where CloudFormation could not read', async () => {
    const reason = 'not authorized to perform: s3:GetBucketVersioning'
    const drifts = [drift('A', 'IN_SYNC'), drift('B', 'UNKNOWN', { DriftStatusReason: reason })]
    assert.deepEqual(await lines({ drifts, incomplete: 'Failed to detect drift on resources [B]' }), [
      `WARN B (AWS::S3::Bucket the-B) is not known: ${reason}`,
      'WARN not known of every resource: Failed to detect drift on resources [B]',
    ])
    assert.deepEqual(await lines({}), ['WARN not known: CloudFormation compared no resource'])
  })

  it('is not known where the detection fails, or does not end', async () => {
    const refused = () => Promise.reject(new Failure('aws detect-stack-drift: no', 'ask again'))
    const unending = async (): Promise<never> => {
      for (;;) await pause(1)
    }
    for (const [detect, detail] of [
      [refused, 'not known: aws detect-stack-drift: no'],
      [unending, 'not known: CloudFormation had not compared S after 0.02 s'],
    ] as const) {
      const [finding] = await compareWithTemplate('S', detect, 20)
      assert.deepEqual([finding?.status, finding?.detail], ['WARN', detail])
    }
  })
})
