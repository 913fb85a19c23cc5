import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Input } from '../gateway/room.ts'
import { body, createFixture, rejectsWith, thing } from './cloudformation-fixtures.ts'

const ref = (id: string) => ({ Ref: id })

const sized = (size: string) => ({
  Parameters: { Size: { Type: 'String', Default: size } },
  Resources: { A: thing({ size: ref('Size') }) },
})

interface Change {
  Action: string
  LogicalResourceId: string
  Replacement?: string
  PolicyAction?: string
  Scope: string[]
  Details: { Target: Record<string, string>; Evaluation: string; ChangeSource: string; CausingEntity?: string }[]
  BeforeContext?: string
}

function createChangeSetFixture() {
  const fixture = createFixture()
  const { call } = fixture

  async function changeSet(template: Record<string, unknown>, type = 'UPDATE', others: Input = {}): Promise<Input> {
    await call('CreateChangeSet', {
      StackName: 'Stack',
      ChangeSetName: 'next',
      ChangeSetType: type,
      TemplateBody: body(template),
      ...others,
    })
    return call('DescribeChangeSet', { StackName: 'Stack', ChangeSetName: 'next', IncludePropertyValues: 'true' })
  }

  async function changes(template: Record<string, unknown>, others: Input = {}): Promise<Change[]> {
    const { Changes } = await changeSet(template, 'UPDATE', others)
    return (Changes as { ResourceChange: Change }[]).map(({ ResourceChange }) => ResourceChange)
  }

  return { ...fixture, changeSet, changes }
}

describe('a change set', () => {
  test('for a new stack shows what will be added, and keeps it REVIEW_IN_PROGRESS', async () => {
    const { call, changeSet, describeStack, settled, things } = createChangeSetFixture()
    const { Status, ExecutionStatus, Changes } = await changeSet({ A: thing(), B: thing({ a: ref('A') }) }, 'CREATE')
    assert.deepEqual([Status, ExecutionStatus], ['CREATE_COMPLETE', 'AVAILABLE'])
    const added = (Changes as { ResourceChange: Change }[]).map(({ ResourceChange }) => ResourceChange)
    assert.deepEqual(
      added.map(({ Action, LogicalResourceId }) => [Action, LogicalResourceId]),
      [
        ['Add', 'A'],
        ['Add', 'B'],
      ],
    )
    assert.equal((await describeStack())['StackStatus'], 'REVIEW_IN_PROGRESS')
    assert.equal(things.size, 0)
    await call('ExecuteChangeSet', { StackName: 'Stack', ChangeSetName: 'next' })
    assert.equal(await settled(), 'CREATE_COMPLETE')
  })

  test('without changes is FAILED with the text that cdk looks for', async () => {
    const { create, changeSet, call } = createChangeSetFixture()
    await create({ A: thing() })
    const { Status, StatusReason, ExecutionStatus } = await changeSet({ A: thing() })
    assert.deepEqual([Status, ExecutionStatus], ['FAILED', 'UNAVAILABLE'])
    assert.equal(
      StatusReason,
      "The submitted information didn't contain changes. Submit different information to create a change set.",
    )
    await rejectsWith(
      call('ExecuteChangeSet', { StackName: 'Stack', ChangeSetName: 'next' }),
      'InvalidChangeSetStatus',
      /cannot be executed in its current status of \[FAILED\]$/,
    )
  })

  test('with nothing but another output has changes to execute', async () => {
    const { create, call, changeSet, settled, describeStack } = createChangeSetFixture()
    await create({ A: thing() })
    const template = { Resources: { A: thing() }, Outputs: { Id: { Value: ref('A') } } }
    const { Status, Changes } = await changeSet({}, 'UPDATE', { TemplateBody: body(template) })
    assert.deepEqual([Status, Changes], ['CREATE_COMPLETE', []])
    await call('ExecuteChangeSet', { StackName: 'Stack', ChangeSetName: 'next' })
    assert.equal(await settled(), 'UPDATE_COMPLETE')
    assert.equal(((await describeStack())['Outputs'] as Input[])[0]?.['OutputValue'], 'A-1')
  })

  test('distinguishes changes in place, replacements and removals', async () => {
    const { create, changes } = createChangeSetFixture()
    await create({ Changed: thing({ v: 1 }), Replaced: thing({ Kind: 'x' }), Same: thing(), Removed: thing() })
    const found = await changes({ Changed: thing({ v: 2 }), Replaced: thing({ Kind: 'y' }), Same: thing() })
    assert.deepEqual(
      found.map(({ LogicalResourceId, Action, Replacement, PolicyAction }) => [
        LogicalResourceId,
        Action,
        Replacement,
        PolicyAction,
      ]),
      [
        ['Changed', 'Modify', 'False', undefined],
        ['Replaced', 'Modify', 'True', 'ReplaceAndDelete'],
        ['Removed', 'Remove', undefined, 'Delete'],
      ],
    )
    assert.deepEqual(found[0]?.Details[0]?.Target, {
      Attribute: 'Properties',
      Name: 'v',
      RequiresRecreation: 'Never',
      Path: '/Properties/v',
      AttributeChangeType: 'Modify',
      BeforeValue: '1',
      AfterValue: '2',
    })
  })

  test('sees that a replacement changes what refers to it', async () => {
    const { create, changes } = createChangeSetFixture()
    const dependent = thing({ id: { 'Fn::Select': [1, { 'Fn::Split': ['-', ref('A')] }] } })
    await create({ A: thing({ Kind: 'x' }), B: dependent })
    const found = await changes({ A: thing({ Kind: 'y' }), B: dependent })
    assert.deepEqual(
      found.map(({ LogicalResourceId, Replacement }) => [LogicalResourceId, Replacement]),
      [
        ['A', 'True'],
        ['B', 'False'],
      ],
    )
    assert.equal(found[1]?.Details[0]?.Target['AfterValue'], '{{changeSet:KNOWN_AFTER_APPLY}}')
  })

  test('marks an attribute of something that changes as known only at execution', async () => {
    const { create, changes } = createChangeSetFixture()
    const dependent = thing({ Kind: { 'Fn::GetAtt': ['A', 'Value'] } })
    await create({ A: thing({ Value: 'x' }), B: dependent })
    const [, dependentChange] = await changes({ A: thing({ Value: 'y' }), B: dependent })
    assert.equal(dependentChange?.Replacement, 'Conditional')
    const [detail] = dependentChange?.Details ?? []
    assert.deepEqual(
      [detail?.Evaluation, detail?.ChangeSource, detail?.CausingEntity],
      ['Dynamic', 'ResourceAttribute', 'A.Value'],
    )
  })

  test('names the parameter that caused a change', async () => {
    const { create, changes } = createChangeSetFixture()
    await create({}, { TemplateBody: body(sized('small')) })
    const [change] = await changes({}, { TemplateBody: body(sized('large')) })
    assert.deepEqual(
      [change?.Details[0]?.ChangeSource, change?.Details[0]?.CausingEntity],
      ['ParameterReference', 'Size'],
    )
  })

  test('sees a changed deletion policy', async () => {
    const { create, changes } = createChangeSetFixture()
    await create({ A: thing() })
    const [change] = await changes({ A: thing({}, { DeletionPolicy: 'Retain' }) })
    assert.deepEqual([change?.Action, change?.Scope], ['Modify', ['DeletionPolicy']])
  })

  test('shows values only to those who ask', async () => {
    const { create, changes, call } = createChangeSetFixture()
    await create({ A: thing({ v: 'secret' }) })
    const [asked] = await changes({ A: thing({ v: 'other' }) })
    assert.equal(asked?.BeforeContext, '{"Properties":{"v":"secret"}}')
    const plain = await call('DescribeChangeSet', { StackName: 'Stack', ChangeSetName: 'next' })
    assert.ok(!JSON.stringify(plain['Changes']).includes('secret'))
  })

  test('is gone once one was executed, and deleting it again is no error', async () => {
    const { create, changes, call, settled } = createChangeSetFixture()
    await create({ A: thing() })
    await changes({ A: thing({ v: 2 }) })
    await call('ExecuteChangeSet', { StackName: 'Stack', ChangeSetName: 'next' })
    await settled()
    await rejectsWith(
      call('DescribeChangeSet', { StackName: 'Stack', ChangeSetName: 'next' }),
      'ChangeSetNotFound',
      'ChangeSet [next] does not exist',
    )
    await assert.doesNotReject(call('DeleteChangeSet', { StackName: 'Stack', ChangeSetName: 'next' }))
  })

  test('is found by its id alone', async () => {
    const { create, changeSet, call } = createChangeSetFixture()
    await create({ A: thing() })
    const { ChangeSetId } = await changeSet({ A: thing({ v: 2 }) })
    assert.equal((await call('DescribeChangeSet', { ChangeSetName: ChangeSetId }))['ChangeSetName'], 'next')
  })

  test('of a taken name is refused, unless the client repeats itself', async () => {
    const { create, changeSet, call } = createChangeSetFixture()
    await create({ A: thing() })
    await changeSet({ A: thing({ v: 2 }) }, 'UPDATE', { ClientToken: 'once' })
    const again = { StackName: 'Stack', ChangeSetName: 'next', TemplateBody: body({ A: thing({ v: 2 }) }) }
    await assert.doesNotReject(call('CreateChangeSet', { ...again, ClientToken: 'once' }))
    await rejectsWith(call('CreateChangeSet', again), 'AlreadyExistsException', /^ChangeSet next cannot be created/)
  })

  test('to update nothing, or to create what exists, is refused', async () => {
    const { create, changeSet } = createChangeSetFixture()
    await rejectsWith(changeSet({ A: thing() }), 'ValidationError', 'Stack [Stack] does not exist')
    await create({ A: thing() })
    await rejectsWith(changeSet({ A: thing() }, 'CREATE'), 'ValidationError', /^Stack \[Stack\] already exists/)
  })

  test('executed twice by a client that missed the answer runs once', async () => {
    const { create, changes, call, settled, journal } = createChangeSetFixture()
    await create({ A: thing() })
    await changes({ A: thing({ v: 2 }) })
    const execute = { StackName: 'Stack', ChangeSetName: 'next', ClientRequestToken: 'once' }
    await call('ExecuteChangeSet', execute)
    await assert.doesNotReject(call('ExecuteChangeSet', execute))
    await settled()
    assert.equal(journal.filter((line) => line === 'update A').length, 1)
  })
})
