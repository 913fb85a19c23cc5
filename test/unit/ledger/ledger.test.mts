import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changeItem, fromAttributes, toAttributes } from '../../../lib/ledger/ledger.mts'
import { startDryRun } from '../../../lib/script/job.mts'

describe('attributes', () => {
  it('are written as DynamoDB types them', () => {
    assert.deepEqual(toAttributes({ text: '007', number: 1.5, yes: true, list: ['a', 1], object: { inner: '' } }), {
      text: { S: '007' },
      number: { N: '1.5' },
      yes: { BOOL: true },
      list: { L: [{ S: 'a' }, { N: '1' }] },
      object: { M: { inner: { S: '' } } },
    })
  })

  it('give back what was written, whatever its signs', () => {
    const item = { note: `it's "$5", 1e10\n→ done`, count: 0, no: false, files: [], deep: { list: [{ a: 1 }] } }
    assert.deepEqual(fromAttributes(toAttributes(item)), item)
  })

  it('leave out what is undefined', () => {
    assert.deepEqual(toAttributes({ a: undefined, b: { c: undefined } }), { b: { M: {} } })
  })

  it('refuse what no attribute can hold', () => {
    assert.throws(() => toAttributes({ a: null }), /no attribute can hold null/)
  })
})

it('a dry run writes nothing to the ledger, shown or not', async () => {
  startDryRun()
  // a file that is not there: `aws` would fail
  const outcomes = [true, false].map((shown) => changeItem('put-item', 'file:///no/such/file', { shown }))
  assert.deepEqual(await Promise.all(outcomes), ['written', 'written'])
})
