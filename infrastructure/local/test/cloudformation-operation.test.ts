import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { body, createFixture, thing } from './cloudformation-fixtures.ts'

const ref = (id: string) => ({ Ref: id })

const fixed = (v: number) => ({ Type: 'Test::Fixed', Properties: { v } })

const withOutput = (v: number, fails: string) => ({
  Resources: { A: thing({ Value: v, Fails: fails }) },
  Outputs: { V: { Value: { 'Fn::GetAtt': ['A', 'Value'] } } },
})

describe('creating a stack', () => {
  test('a resource waits for what it mentions', async () => {
    const { create, journal } = createFixture()
    assert.equal(await create({ C: thing({ b: ref('B') }), B: thing({ a: ref('A') }), A: thing() }), 'CREATE_COMPLETE')
    assert.deepEqual(
      journal.filter((line) => !line.endsWith('…')),
      ['create A', 'create B', 'create C'],
    )
  })

  test('independent resources are created side by side', async () => {
    const { create, journal } = createFixture()
    await create({ A: thing(), B: thing(), C: thing({ a: ref('A') }) })
    assert.deepEqual(journal.slice(0, 2), ['create A…', 'create B…'])
  })

  test('properties arrive resolved', async () => {
    const { create, things, physicalId } = createFixture()
    await create({ A: thing(), B: thing({ arn: { 'Fn::GetAtt': ['A', 'Arn'] }, none: { Ref: 'AWS::NoValue' } }) })
    assert.deepEqual(things.get(await physicalId('B')), { arn: `arn:${await physicalId('A')}` })
  })

  test('a resource whose condition is false is left out', async () => {
    const { create, call, journal } = createFixture()
    const template = {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { A: thing(), B: thing({}, { Condition: 'Never' }) },
      Outputs: { Gone: { Condition: 'Never', Value: ref('B') }, There: { Value: ref('A') } },
    }
    await create({}, { TemplateBody: body(template) })
    assert.deepEqual(journal, ['create A…', 'create A'])
    const { Stacks } = await call('DescribeStacks', { StackName: 'Stack' })
    const [stack] = Stacks as [{ Outputs: unknown[] }]
    assert.deepEqual(stack.Outputs, [
      { OutputKey: 'There', OutputValue: 'A-1', Description: undefined, ExportName: undefined },
    ])
  })

  test('records the way of each resource, and the stack last', async () => {
    const { create, eventLines } = createFixture()
    await create({ A: thing() })
    assert.deepEqual(await eventLines(), [
      'Stack CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS',
      'A CREATE_COMPLETE',
      'Stack CREATE_COMPLETE',
    ])
  })

  test('no two events of a stack share an id or a moment', async () => {
    const { create, events } = createFixture()
    await create(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`A${index}`, thing()])))
    const all = await events()
    assert.equal(new Set(all.map((event) => event['EventId'])).size, all.length)
    const times = all.map((event) => (event['Timestamp'] as Date).getTime())
    assert.deepEqual(
      times,
      [...new Set(times)].toSorted((a, b) => a - b),
    )
  })
})

describe('a creation that fails', () => {
  test('deletes what was created and says why', async () => {
    const { create, things, reasons, describeStack } = createFixture()
    assert.equal(await create({ A: thing(), B: thing({ Fails: 'create', a: ref('A') }) }), 'ROLLBACK_COMPLETE')
    assert.equal(things.size, 0)
    const [reason] = await reasons('CREATE_FAILED')
    assert.match(
      reason!,
      /^Resource handler returned message: "it cannot be created \(Service: Thing, .*\)" \(RequestToken: .*, HandlerErrorCode: InvalidRequest\)$/,
    )
    assert.deepEqual(await reasons('ROLLBACK_IN_PROGRESS'), [
      'The following resource(s) failed to create: [B]. Rollback requested by user.',
    ])
    assert.equal((await describeStack())['StackStatusReason'], undefined)
  })

  test('cancels what is under way and deletes it too', async () => {
    const { call, settled, hold, things, reasons, journal } = createFixture()
    const release = hold('Slow')
    await call('CreateStack', {
      StackName: 'Stack',
      TemplateBody: body({ Slow: thing(), Bad: thing({ Fails: 'create' }) }),
    })
    while ((await reasons('CREATE_FAILED')).length < 2) await new Promise(setImmediate)
    release()
    assert.equal(await settled(), 'ROLLBACK_COMPLETE')
    assert.ok((await reasons('CREATE_FAILED')).includes('Resource creation cancelled'))
    assert.ok(journal.includes('create Slow'))
    assert.equal(things.size, 0)
  })

  test('does not start what depends on the failure', async () => {
    const { create, journal } = createFixture()
    await create({ A: thing({ Fails: 'create' }), B: thing({ a: ref('A') }) })
    assert.deepEqual(journal, ['create A…'])
  })

  test('keeps Retain, deletes RetainExceptOnCreate', async () => {
    const { create, things, eventLines } = createFixture()
    await create({
      Kept: thing({ Name: 'kept' }, { DeletionPolicy: 'Retain' }),
      Gone: thing({ Name: 'gone' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
      Bad: thing({ Fails: 'create', after: [ref('Kept'), ref('Gone')] }),
    })
    assert.deepEqual([...things.keys()], ['kept'])
    assert.ok((await eventLines()).includes('Kept DELETE_SKIPPED'))
  })

  test('that cannot be undone either ends in ROLLBACK_FAILED', async () => {
    const { create, describeStack } = createFixture()
    assert.equal(
      await create({ A: thing({ Fails: 'delete' }), B: thing({ Fails: 'create', a: ref('A') }) }),
      'ROLLBACK_FAILED',
    )
    assert.equal((await describeStack())['StackStatusReason'], 'The following resource(s) failed to delete: [A]. ')
  })

  test('an output that cannot be had rolls back', async () => {
    const { create, things, reasons } = createFixture()
    const template = { Resources: { A: thing() }, Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Nothing'] } } } }
    assert.equal(await create({}, { TemplateBody: body(template) }), 'ROLLBACK_COMPLETE')
    assert.equal(things.size, 0)
    assert.match((await reasons('ROLLBACK_IN_PROGRESS'))[0]!, /resource A does not support attribute type Nothing/)
  })
})

describe('updating a stack', () => {
  test('changes in place what changed, leaves the rest alone', async () => {
    const { create, update, journal, physicalId, eventLines } = createFixture()
    await create({ A: thing({ v: 1 }), B: thing({ v: 1 }) })
    const before = await physicalId('A')
    journal.length = 0
    assert.equal(await update({ A: thing({ v: 2 }), B: thing({ v: 1 }) }), 'UPDATE_COMPLETE')
    assert.deepEqual(journal, ['update A'])
    assert.equal(await physicalId('A'), before)
    assert.ok(!(await eventLines()).some((line) => line.startsWith('B UPDATE')))
  })

  test('a replacement is created before the old one is deleted, and dependents follow', async () => {
    const { create, update, journal, things, physicalId } = createFixture()
    await create({ A: thing({ Kind: 'x' }), B: thing({ a: ref('A') }) })
    journal.length = 0
    await update({ A: thing({ Kind: 'y' }), B: thing({ a: ref('A') }) })
    assert.deepEqual(journal, ['create A…', 'create A', 'update B', 'delete A-1'])
    assert.deepEqual(things.get(await physicalId('B')), { a: await physicalId('A') })
  })

  test('a type without update is replaced by any change', async () => {
    const { create, update, physicalId } = createFixture()
    await create({ A: fixed(1) })
    const before = await physicalId('A')
    await update({ A: fixed(2) })
    assert.notEqual(await physicalId('A'), before)
  })

  test('UpdateReplacePolicy Retain keeps the replaced one', async () => {
    const { create, update, things, eventLines } = createFixture()
    const kept = { UpdateReplacePolicy: 'Retain' }
    await create({ A: thing({ Kind: 'x' }, kept) })
    await update({ A: thing({ Kind: 'y' }, kept) })
    assert.equal(things.size, 2)
    assert.ok((await eventLines()).includes('A DELETE_SKIPPED'))
  })

  test('deletes at the end what the template no longer has, unless a policy keeps it', async () => {
    const { create, update, things, eventLines } = createFixture()
    await create({ A: thing(), B: thing({ Name: 'b' }), C: thing({ Name: 'c' }, { DeletionPolicy: 'Retain' }) })
    await update({ A: thing({ v: 2 }) })
    assert.deepEqual([...things.keys()], ['A-1', 'c'])
    const lines = await eventLines()
    assert.ok(lines.indexOf('B DELETE_COMPLETE') > lines.indexOf('Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'))
  })

  test('a leftover that cannot be deleted does not fail the update', async () => {
    const { create, update, describeStack } = createFixture()
    await create({ A: thing(), B: thing({ Fails: 'delete' }) })
    assert.equal(await update({ A: thing({ v: 2 }) }), 'UPDATE_COMPLETE')
    assert.match(String((await describeStack())['StackStatusReason']), /could not be deleted/)
  })

  test('a custom name refuses to be replaced', async () => {
    const { create, update, reasons, things } = createFixture()
    await create({ A: thing({ Name: 'mine', Kind: 'x' }) })
    assert.equal(await update({ A: thing({ Name: 'mine', Kind: 'y' }) }), 'UPDATE_ROLLBACK_COMPLETE')
    assert.deepEqual(await reasons('UPDATE_FAILED'), [
      'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename mine and update the stack again.',
    ])
    assert.deepEqual(things.get('mine'), { Name: 'mine', Kind: 'x' })
  })

  test('another custom name is replaced', async () => {
    const { create, update, things } = createFixture()
    await create({ A: thing({ Name: 'old' }) })
    assert.equal(await update({ A: thing({ Name: 'new' }) }), 'UPDATE_COMPLETE')
    assert.deepEqual([...things.keys()], ['new'])
  })

  test('a stack tag reaches the types that take tags', async () => {
    const { create, update, journal } = createFixture()
    await create({ A: thing(), B: { Type: 'Test::Fixed', Properties: {} } })
    journal.length = 0
    await update({ A: thing(), B: { Type: 'Test::Fixed', Properties: {} } }, { Tags: [{ Key: 'team', Value: 'quiz' }] })
    assert.deepEqual(journal, ['update A'])
  })
})

describe('an update that fails', () => {
  test('undoes changes and replacements, deletes what is new, leaves the rest alone', async () => {
    const { create, update, things, journal, physicalId, describeStack } = createFixture()
    await create({ Changed: thing({ v: 1 }), Replaced: thing({ Kind: 'x' }), Untouched: thing(), Removed: thing() })
    const before = new Map(things)
    const ids = await Promise.all(['Changed', 'Replaced', 'Untouched', 'Removed'].map(physicalId))
    journal.length = 0
    const status = await update({
      Changed: thing({ v: 2 }),
      Replaced: thing({ Kind: 'y' }),
      Untouched: thing(),
      New: thing(),
      Bad: thing({ Fails: 'create', after: [ref('Changed'), ref('Replaced'), ref('New')] }),
    })
    assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE')
    assert.deepEqual(new Map(things), before)
    assert.deepEqual(await Promise.all(['Changed', 'Replaced', 'Untouched', 'Removed'].map(physicalId)), ids)
    assert.ok(!journal.some((line) => line.includes('Untouched') || line.includes('Removed')))
    assert.equal((await describeStack())['StackStatusReason'], undefined)
  })

  test('half-way through one resource gives that one back too', async () => {
    const { create, update, things, reasons } = createFixture()
    await create({ A: thing({ v: 1 }) })
    await update({ A: thing({ v: 2, Fails: 'update' }) })
    assert.deepEqual(things.get('A-1'), { v: 1 })
    assert.deepEqual(await reasons('UPDATE_ROLLBACK_IN_PROGRESS'), [
      'The following resource(s) failed to update: [A]. ',
    ])
  })

  test('restores outputs, parameters and the template', async () => {
    const { create, update, describeStack, call } = createFixture()
    await create({}, { TemplateBody: body(withOutput(1, 'never')) })
    await update({}, { TemplateBody: body(withOutput(2, 'update')) })
    const { Outputs } = (await describeStack()) as { Outputs: { OutputValue: string }[] }
    assert.deepEqual(
      Outputs.map(({ OutputValue }) => OutputValue),
      ['1'],
    )
    assert.equal((await call('GetTemplate', { StackName: 'Stack' }))['TemplateBody'], body(withOutput(1, 'never')))
  })

  test('after it, the same stack can be updated again', async () => {
    const { create, update, things } = createFixture()
    await create({ A: thing({ v: 1 }) })
    await update({ A: thing({ v: 2 }), B: thing({ Fails: 'create' }) })
    assert.equal(await update({ A: thing({ v: 3 }), B: thing() }), 'UPDATE_COMPLETE')
    assert.deepEqual(things.get('A-1'), { v: 3 })
  })

  test('that cannot be undone waits for ContinueUpdateRollback, which may skip', async () => {
    const { create, update, call, settled, things } = createFixture()
    await create({ A: thing({ v: 1, Fails: 'update' }), B: thing({ v: 1 }, { DependsOn: 'A' }) })
    // the way there works, the way back fails
    const status = await update({ A: thing({ v: 2 }), B: thing({ v: 2, Fails: 'update' }, { DependsOn: 'A' }) })
    assert.equal(status, 'UPDATE_ROLLBACK_FAILED')
    await call('ContinueUpdateRollback', { StackName: 'Stack' })
    assert.equal(await settled(), 'UPDATE_ROLLBACK_FAILED')
    await call('ContinueUpdateRollback', { StackName: 'Stack', ResourcesToSkip: ['A'] })
    assert.equal(await settled(), 'UPDATE_ROLLBACK_COMPLETE')
    assert.deepEqual(things.get('B-2'), { v: 1 })
  })
})

describe('without rollback', () => {
  const bad = thing({ Fails: 'create' })

  test('a failed creation stays; what does not depend on it is still created', async () => {
    const { create, things, eventLines } = createFixture()
    const template = { A: thing(), Bad: bad, C: thing({ a: ref('A') }), D: thing({ b: ref('Bad') }) }
    assert.equal(await create(template, { DisableRollback: 'true' }), 'CREATE_FAILED')
    assert.equal(things.size, 2)
    assert.ok((await eventLines()).includes('C CREATE_COMPLETE'))
  })

  test('a retry creates only what is missing', async () => {
    const { create, update, journal } = createFixture()
    await create({ A: thing(), Bad: bad }, { DisableRollback: 'true' })
    journal.length = 0
    assert.equal(await update({ A: thing(), Bad: thing() }, { DisableRollback: 'true' }), 'UPDATE_COMPLETE')
    assert.deepEqual(journal, ['create Bad…', 'create Bad'])
  })

  test('RollbackStack goes back to nothing when there never was a good state', async () => {
    const { create, call, settled, things } = createFixture()
    await create({ A: thing(), Bad: bad }, { DisableRollback: 'true' })
    await call('RollbackStack', { StackName: 'Stack' })
    assert.equal(await settled(), 'ROLLBACK_COMPLETE')
    assert.equal(things.size, 0)
  })

  test('RollbackStack goes back to the last good state over several failed updates', async () => {
    const { create, update, call, settled, things, physicalId } = createFixture()
    await create({ A: thing({ v: 1 }), R: thing({ Kind: 'x' }) })
    const before = new Map(things)
    const original = await physicalId('R')
    await update({ A: thing({ v: 2 }), R: thing({ Kind: 'y' }), Bad: bad }, { DisableRollback: 'true' })
    await update({ A: thing({ v: 3 }), R: thing({ Kind: 'z' }), Bad: bad }, { DisableRollback: 'true' })
    assert.equal(things.size, 4)
    await call('RollbackStack', { StackName: 'Stack' })
    assert.equal(await settled(), 'UPDATE_ROLLBACK_COMPLETE')
    assert.deepEqual(new Map(things), before)
    assert.equal(await physicalId('R'), original)
  })

  test('an in-place update that failed half-way is undone at once', async () => {
    const { create, update, things } = createFixture()
    await create({ A: thing({ v: 1 }) })
    assert.equal(await update({ A: thing({ v: 2, Fails: 'update' }) }, { DisableRollback: 'true' }), 'UPDATE_FAILED')
    assert.deepEqual(things.get('A-1'), { v: 1 })
  })
})

describe('deleting a stack', () => {
  test('dependents go first', async () => {
    const { create, remove, journal } = createFixture()
    await create({
      A: thing({ Name: 'a' }),
      B: thing({ Name: 'b', on: ref('A') }),
      C: thing({ Name: 'c', on: ref('B') }),
    })
    journal.length = 0
    assert.equal(await remove(), 'DELETE_COMPLETE')
    assert.deepEqual(journal, ['delete c', 'delete b', 'delete a'])
  })

  test('what its policy keeps is let go', async () => {
    const { create, remove, things } = createFixture()
    const policies = ['Retain', 'RetainExceptOnCreate', 'Delete']
    await create(
      Object.fromEntries(
        policies.map((DeletionPolicy) => [DeletionPolicy, thing({ Name: DeletionPolicy }, { DeletionPolicy })]),
      ),
    )
    await remove()
    assert.deepEqual([...things.keys()].toSorted(), ['Retain', 'RetainExceptOnCreate'])
  })

  test('a resource that cannot be deleted keeps what it needs', async () => {
    const { create, remove, describeStack, things } = createFixture()
    await create({
      A: thing({ Name: 'a' }),
      B: thing({ Name: 'b', Fails: 'delete', on: ref('A') }),
      C: thing({ Name: 'c' }),
    })
    assert.equal(await remove(), 'DELETE_FAILED')
    const { StackStatusReason } = await describeStack()
    assert.equal(StackStatusReason, 'The following resource(s) failed to delete: [B]. ')
    assert.deepEqual([...things.keys()], ['a', 'b'])
  })

  test('a resource that is gone already counts as deleted', async () => {
    const { create, remove, things } = createFixture()
    await create({ A: thing() })
    things.clear()
    assert.equal(await remove(), 'DELETE_COMPLETE')
  })

  test('a creation that is still running is cancelled and deleted', async () => {
    const { call, hold, describeStack, settled, things } = createFixture()
    const release = hold('A')
    await call('CreateStack', { StackName: 'Stack', TemplateBody: body({ A: thing(), B: thing({ a: ref('A') }) }) })
    const { StackId } = await describeStack()
    await call('DeleteStack', { StackName: 'Stack' })
    release()
    assert.equal(await settled(String(StackId)), 'DELETE_COMPLETE')
    assert.equal(things.size, 0)
  })
})
