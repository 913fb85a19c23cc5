import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Input } from '../gateway/room.ts'
import { body, createFixture, rejectsWith, thing } from './cloudformation-fixtures.ts'

const ref = (id: string) => ({ Ref: id })

describe('one operation at a time', () => {
  test('a stack that is being created takes no update and no change set', async () => {
    const { call, hold, settled } = createFixture()
    const release = hold('A')
    await call('CreateStack', { StackName: 'Stack', TemplateBody: body({ A: thing() }) })
    const input = { StackName: 'Stack', ChangeSetName: 'x', TemplateBody: body({ A: thing({ v: 2 }) }) }
    const words = /^Stack:arn:aws:cloudformation:.* is in CREATE_IN_PROGRESS state and can not be updated\.$/
    await rejectsWith(call('UpdateStack', input), 'ValidationError', words)
    await rejectsWith(call('CreateChangeSet', input), 'ValidationError', words)
    await rejectsWith(call('CreateStack', input), 'AlreadyExistsException', 'Stack [Stack] already exists')
    release()
    assert.equal(await settled(), 'CREATE_COMPLETE')
  })

  test('a stack that is being updated cannot be deleted', async () => {
    const { create, call, hold, settled } = createFixture()
    await create({ A: thing() })
    const release = hold('B')
    await call('UpdateStack', { StackName: 'Stack', TemplateBody: body({ A: thing(), B: thing() }) })
    await rejectsWith(
      call('DeleteStack', { StackName: 'Stack' }),
      'ValidationError',
      /cannot be deleted while in status UPDATE_IN_PROGRESS$/,
    )
    release()
    assert.equal(await settled(), 'UPDATE_COMPLETE')
  })

  test('two stacks are worked on at the same time', async () => {
    const { call, hold, settled } = createFixture()
    const release = hold('A')
    await call('CreateStack', { StackName: 'Stack', TemplateBody: body({ A: thing() }) })
    await call('CreateStack', { StackName: 'Other', TemplateBody: body({ B: thing() }) })
    assert.equal(await settled('Other'), 'CREATE_COMPLETE')
    release()
    assert.equal(await settled(), 'CREATE_COMPLETE')
  })

  test('a stack in ROLLBACK_COMPLETE can only be deleted', async () => {
    const { create, update, remove } = createFixture()
    await create({ A: thing({ Fails: 'create' }) })
    await rejectsWith(
      update({ A: thing() }),
      'ValidationError',
      /is in ROLLBACK_COMPLETE state and can not be updated\.$/,
    )
    assert.equal(await remove(), 'DELETE_COMPLETE')
  })

  test('a paused stack takes only an update that does not roll back', async () => {
    const { create, update } = createFixture()
    await create({ A: thing({ Fails: 'create' }) }, { DisableRollback: 'true' })
    await rejectsWith(update({ A: thing() }), 'ValidationError', /is in CREATE_FAILED state and can not be updated\.$/)
    assert.equal(await update({ A: thing() }, { DisableRollback: 'true' }), 'UPDATE_COMPLETE')
  })
})

describe('protection', () => {
  test('a protected stack is not deleted', async () => {
    const { create, call, remove } = createFixture()
    await create({ A: thing() }, { EnableTerminationProtection: 'true' })
    await rejectsWith(
      call('DeleteStack', { StackName: 'Stack' }),
      'ValidationError',
      'Stack [Stack] cannot be deleted while TerminationProtection is enabled',
    )
    await call('UpdateTerminationProtection', { StackName: 'Stack', EnableTerminationProtection: 'false' })
    assert.equal(await remove(), 'DELETE_COMPLETE')
  })

  test('no resources can be named that a deletion is to retain', async () => {
    const { create, call } = createFixture()
    await create({ A: thing() })
    await rejectsWith(
      call('DeleteStack', { StackName: 'Stack', RetainResources: ['A'] }),
      'ValidationError',
      'RetainResources is not supported here',
    )
  })
})

describe('answers as AWS writes them', () => {
  test('a stack that does not exist', async () => {
    const { call } = createFixture()
    const input = { StackName: 'No', ChangeSetName: 'x', TemplateBody: '{}' }
    for (const action of ['DescribeStacks', 'GetTemplate', 'ListStackResources']) {
      await rejectsWith(call(action, input), 'ValidationError', 'Stack with id No does not exist')
    }
    for (const action of ['DescribeStackEvents', 'UpdateStack', 'DeleteChangeSet']) {
      await rejectsWith(call(action, input), 'ValidationError', 'Stack [No] does not exist')
    }
  })

  test('an update without changes', async () => {
    const { create, update } = createFixture()
    await create({ A: thing() })
    await rejectsWith(update({ A: thing() }), 'ValidationError', 'No updates are to be performed.')
  })

  test('an unknown resource type', async () => {
    const { create } = createFixture()
    await rejectsWith(
      create({ A: { Type: 'AWS::Lambda::Function' } }),
      'ValidationError',
      'Template format error: Unrecognized resource types: [AWS::Lambda::Function]',
    )
  })

  test('a broken rule', async () => {
    const { create } = createFixture()
    const template = {
      Parameters: { Version: { Type: 'String', Default: '5' } },
      Rules: {
        CheckVersion: {
          Assertions: [
            { Assert: { 'Fn::Not': [{ 'Fn::Contains': [['4', '5'], ref('Version')] }] }, AssertDescription: 'too old' },
          ],
        },
      },
      Resources: { A: thing() },
    }
    await rejectsWith(
      create({}, { TemplateBody: body(template) }),
      'ValidationError',
      'Template validation error: too old',
    )
    const Parameters = [{ ParameterKey: 'Version', ParameterValue: '6' }]
    assert.equal(await create({}, { TemplateBody: body(template), Parameters }), 'CREATE_COMPLETE')
  })

  test('a deleted stack is found by its id, and its name is free again', async () => {
    const { create, remove, describeStack, call } = createFixture()
    await create({ A: thing() })
    const { StackId } = await describeStack()
    await remove()
    assert.equal((await describeStack(String(StackId)))['StackStatus'], 'DELETE_COMPLETE')
    await rejectsWith(
      call('DescribeStacks', { StackName: 'Stack' }),
      'ValidationError',
      'Stack with id Stack does not exist',
    )
    assert.equal(await create({ A: thing() }), 'CREATE_COMPLETE')
  })

  test('deleting what is not there succeeds', async () => {
    const { call } = createFixture()
    await assert.doesNotReject(call('DeleteStack', { StackName: 'No' }))
  })

  test('events come newest first, a hundred at a time, none twice', async () => {
    const { create, call } = createFixture()
    await create(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`A${index}`, thing()])))
    const ids: unknown[] = []
    let token: unknown
    do {
      const { StackEvents, NextToken } = await call('DescribeStackEvents', { StackName: 'Stack', NextToken: token })
      assert.ok((StackEvents as Input[]).length <= 100)
      ids.push(...(StackEvents as Input[]).map(({ EventId }) => EventId))
      token = NextToken
    } while (token)
    assert.equal(ids.length, 152)
    assert.equal(new Set(ids).size, 152)
  })
})

describe('repeated calls', () => {
  test('a client that missed the answer of CreateStack gets the same stack', async () => {
    const { call, settled } = createFixture()
    const input = { StackName: 'Stack', TemplateBody: body({ A: thing() }), ClientRequestToken: 'once' }
    const first = await call('CreateStack', input)
    assert.deepEqual(await call('CreateStack', input), first)
    await settled()
  })
})

describe('what is only recorded', () => {
  test('is listed with what it does not do', async () => {
    const { create, summary } = createFixture()
    await create({ A: thing(), M: { Type: 'AWS::CDK::Metadata', Properties: {} } })
    assert.deepEqual(summary(), {
      stacks: [{ name: 'Stack', status: 'CREATE_COMPLETE', resources: 2 }],
      recorded: [{ stack: 'Stack', logicalId: 'M', type: 'AWS::CDK::Metadata', limit: 'recorded only' }],
    })
  })
})
