import assert from 'node:assert/strict'
import { test } from 'node:test'
import { templateOf } from '../../../test/synthesis.ts'
import { eventually } from '../expectations.ts'
import type { FidelityWorld } from './world.ts'

const stackName = 'LiveQuizEventStack-local'

/** Creates the stack of `local`, which everything after it works with. */
export function cloudFormationTests(world: FidelityWorld): void {
  const { valid, refused } = world

  test('CloudFormation: a stack is created by a change set', async () => {
    const template = JSON.stringify(templateOf('local').toJSON())
    await world.ask('ssm', 'PutParameter', { Name: '/cdk-bootstrap/hnb659fds/version', Value: '30', Type: 'String' })
    await world.ask('s3', 'CreateBucket', { Bucket: 'assets' })
    await world.ask('s3', 'PutObject', { Bucket: 'assets', Key: 'template', Body: template })
    const changeSet = {
      StackName: stackName,
      ChangeSetName: 'create',
      ChangeSetType: 'CREATE',
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      Tags: [{ Key: 'project', Value: 'live-quiz' }],
      Description: 'the first',
      TemplateURL: 'https://s3.us-east-1.amazonaws.com/assets/template',
    }
    const { Id } = await valid<{ Id: string }>('cloudformation', 'CreateChangeSet', changeSet)
    await eventually('the change set is planned', async () => {
      const { Status } = await valid<{ Status: string }>('cloudformation', 'DescribeChangeSet', { ChangeSetName: Id })
      return Status === 'CREATE_COMPLETE'
    })
    await valid('cloudformation', 'ListChangeSets', { StackName: stackName })
    await valid('cloudformation', 'DescribeEvents', { StackName: stackName, ChangeSetName: 'create' })
    await valid('cloudformation', 'GetTemplate', { StackName: stackName, ChangeSetName: 'create' })
    await valid('cloudformation', 'ExecuteChangeSet', { ChangeSetName: Id })
    assert.equal(await ended(stackName), 'CREATE_COMPLETE')
  })

  test('CloudFormation: a stack and its resources are described', async () => {
    const named = { StackName: stackName }
    const { Stacks } = await valid<{ Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[] }>(
      'cloudformation',
      'DescribeStacks',
      named,
    )
    world.made.outputs = Object.fromEntries(
      Stacks[0]!.Outputs.map((each) => [each.OutputKey, each.OutputValue]),
    ) as never
    const { StackResources } = await valid<{ StackResources: { PhysicalResourceId: string }[] }>(
      'cloudformation',
      'DescribeStackResources',
      { ...named, LogicalResourceId: 'Cluster' },
    )
    world.made.cluster = StackResources[0]!.PhysicalResourceId
    for (const action of ['DescribeStackEvents', 'DescribeEvents', 'DescribeStackResources', 'ListStackResources']) {
      await valid('cloudformation', action, named)
    }
    await valid('cloudformation', 'GetTemplate', named)
    await valid('cloudformation', 'ListHookResults', { TargetType: 'STACK', TargetId: stackName })
    await valid('cloudformation', 'UpdateTerminationProtection', { ...named, EnableTerminationProtection: true })
  })

  test('CloudFormation: what was changed by hand is drift', async () => {
    const named = { StackName: stackName }
    const logGroupName = templateOf('local').toJSON().Resources['LogGroup'].Properties.LogGroupName
    await world.ask('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: 5 })
    const { StackDriftDetectionId } = await valid<{ StackDriftDetectionId: string }>(
      'cloudformation',
      'DetectStackDrift',
      named,
    )
    await eventually('the drift is detected', async () => {
      const { DetectionStatus, StackDriftStatus } = await valid<Record<string, string>>(
        'cloudformation',
        'DescribeStackDriftDetectionStatus',
        { StackDriftDetectionId },
      )
      return DetectionStatus === 'DETECTION_COMPLETE' && StackDriftStatus === 'DRIFTED'
    })
    const { StackResourceDrifts } = await valid<{ StackResourceDrifts: { LogicalResourceId: string }[] }>(
      'cloudformation',
      'DescribeStackResourceDrifts',
      { ...named, StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'] },
    )
    assert.deepEqual(
      StackResourceDrifts.map(({ LogicalResourceId }) => LogicalResourceId),
      ['LogGroup'],
    )
    await valid('cloudformation', 'DescribeStacks', named)
  })

  test('CloudFormation: an update that changes nothing is refused', async () => {
    const named = { StackName: stackName, UsePreviousTemplate: true, Capabilities: ['CAPABILITY_NAMED_IAM'] }
    assert.equal(
      await refused('cloudformation', 'UpdateStack', named),
      'ValidationError: No updates are to be performed.',
    )
    await valid('cloudformation', 'CreateChangeSet', { ...named, ChangeSetName: 'nothing' })
    const { StatusReason } = await valid<{ StatusReason: string }>('cloudformation', 'DescribeChangeSet', {
      StackName: stackName,
      ChangeSetName: 'nothing',
    })
    assert.match(StatusReason, /^The submitted information didn't contain changes\./)
    await valid('cloudformation', 'DeleteChangeSet', { StackName: stackName, ChangeSetName: 'nothing' })
  })

  test('CloudFormation: a change set shows what an update would change', async () => {
    const template = templateOf('local').toJSON() as { Resources: Record<string, { Properties: object }> }
    const changed = structuredClone(template)
    Object.assign(changed.Resources['LogGroup']!.Properties, { RetentionInDays: 3 })
    Object.assign(changed.Resources['TargetGroup']!.Properties, { Port: 3001 })
    const all = JSON.stringify(changed)
    // one that no other refers to or waits for
    const last = Object.keys(changed.Resources).find((id) => all.split(`"${id}"`).length === 2)
    delete changed.Resources[last!]
    const given = { StackName: stackName, ChangeSetName: 'update', Capabilities: ['CAPABILITY_NAMED_IAM'] }
    await valid('cloudformation', 'CreateChangeSet', { ...given, TemplateBody: JSON.stringify(changed) })
    const named = { StackName: stackName, ChangeSetName: 'update' }
    const { Changes } = await valid<{ Changes: unknown[] }>('cloudformation', 'DescribeChangeSet', {
      ...named,
      IncludePropertyValues: true,
    })
    assert.ok(Changes.length >= 3)
    await valid('cloudformation', 'DescribeChangeSet', named)
  })

  test('CloudFormation: what it refuses, it refuses with the errors of the operation', async () => {
    const missing = { StackName: 'missing' }
    for (const [operation, input] of [
      ['DescribeStacks', missing],
      ['DescribeStackEvents', missing],
      ['ListStackResources', missing],
      ['UpdateStack', { ...missing, TemplateBody: '{}' }],
      ['CreateStack', { StackName: '1', TemplateBody: '{"Resources":{}}' }],
      ['CreateStack', { StackName: 'odd', TemplateBody: 'Resources: [' }],
      ['DeleteStack', { StackName: stackName }],
      ['RollbackStack', { StackName: stackName }],
      ['ContinueUpdateRollback', { StackName: stackName }],
      ['DetectStackDrift', missing],
      ['DescribeStackDriftDetectionStatus', { StackDriftDetectionId: 'missing' }],
      ['DescribeStackResourceDrifts', missing],
    ] as const) {
      assert.match(await refused('cloudformation', operation, input), /^ValidationError: /)
    }
    const changeSet = { StackName: stackName, ChangeSetName: 'missing' }
    assert.match(await refused('cloudformation', 'DescribeChangeSet', changeSet), /^ChangeSetNotFound: /)
    assert.match(await refused('cloudformation', 'ExecuteChangeSet', changeSet), /^ChangeSetNotFound: /)
    const again = { StackName: stackName, TemplateBody: '{"Resources":{}}' }
    assert.match(await refused('cloudformation', 'CreateStack', again), /^AlreadyExistsException: /)
  })

  test('CloudFormation: a failed update is rolled back, a failed creation is kept', async () => {
    const parameter = (name: string, value: string) => ({
      Type: 'AWS::SSM::Parameter',
      Properties: { Type: 'String', Name: name, Value: value },
    })
    const body = (Resources: object, Outputs = {}) => JSON.stringify({ Resources, Outputs })
    const small = { A: parameter('/a', '1') }
    const exported = { Name: { Value: { Ref: 'A' }, Export: { Name: 'a-name' } } }
    await valid('cloudformation', 'CreateStack', { StackName: 'small', TemplateBody: body(small, exported) })
    assert.equal(await ended('small'), 'CREATE_COMPLETE')

    // a name that is taken
    const failing = { ...small, B: parameter('/a', '2') }
    await valid('cloudformation', 'UpdateStack', { StackName: 'small', TemplateBody: body(failing, exported) })
    assert.equal(await ended('small'), 'UPDATE_ROLLBACK_COMPLETE')
    await valid('cloudformation', 'DescribeStackEvents', { StackName: 'small' })
    await valid('cloudformation', 'DescribeEvents', { StackName: 'small', Filters: { FailedEvents: true } })

    const kept = { StackName: 'kept', TemplateBody: body(failing), DisableRollback: true }
    await valid('cloudformation', 'CreateStack', kept)
    assert.equal(await ended('kept'), 'CREATE_FAILED')
    await valid('cloudformation', 'DescribeStackResources', { StackName: 'kept' })
    await valid('cloudformation', 'RollbackStack', { StackName: 'kept' })
    assert.equal(await ended('kept'), 'ROLLBACK_COMPLETE')
    await valid('cloudformation', 'DeleteStack', { StackName: 'kept' })
  })

  test('CloudFormation: a failed rollback continues without what it cannot restore', async () => {
    const stack = (days: number) => ({
      StackName: 'logs',
      TemplateBody: JSON.stringify({
        Resources: { Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/x', RetentionInDays: days } } },
      }),
    })
    await valid('cloudformation', 'CreateStack', stack(1))
    assert.equal(await ended('logs'), 'CREATE_COMPLETE')
    await world.ask('logs', 'DeleteLogGroup', { logGroupName: '/x' })
    await valid('cloudformation', 'UpdateStack', stack(3))
    assert.equal(await ended('logs'), 'UPDATE_ROLLBACK_FAILED')
    await valid('cloudformation', 'ContinueUpdateRollback', { StackName: 'logs', ResourcesToSkip: ['Log'] })
    assert.equal(await ended('logs'), 'UPDATE_ROLLBACK_COMPLETE')
    await valid('cloudformation', 'DescribeStackEvents', { StackName: 'logs' })
  })

  /** Status in which a stack's operation ends. */
  async function ended(StackName: string): Promise<string> {
    let status = ''
    await eventually(`${StackName} is done`, async () => {
      const { Stacks } = await valid<{ Stacks: { StackStatus: string }[] }>('cloudformation', 'DescribeStacks', {
        StackName,
      })
      status = Stacks[0]!.StackStatus
      return !status.endsWith('_IN_PROGRESS')
    })
    return status
  }
}

export function stackRemovalTests({ valid }: FidelityWorld): void {
  test('CloudFormation: a stack is removed', async () => {
    const named = { StackName: stackName }
    await valid('cloudformation', 'UpdateTerminationProtection', { ...named, EnableTerminationProtection: false })
    await valid('cloudformation', 'DeleteStack', named)
  })
}
