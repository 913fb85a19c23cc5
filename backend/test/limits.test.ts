import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callerOf, createLimit } from '../src/services/limits.ts'

for (const [header, socket, caller] of [
  // the client's invention, the viewer, and the CDN, which is the same for many
  ['203.0.113.9, 198.51.100.7, 130.176.0.1', '10.0.0.1', '198.51.100.7'],
  ['198.51.100.7', '10.0.0.1', '198.51.100.7'],
  [undefined, '10.0.0.1', '10.0.0.1'],
  ['', '10.0.0.1', '10.0.0.1'],
  [' ', '10.0.0.1', '10.0.0.1'],
  [undefined, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  [undefined, '2001:db8::5:6', '2001:db8:0:0'],
  [undefined, '::1', '0:0:0:0'],
] as const) {
  test(`the caller is ${caller} with the header ${JSON.stringify(header)} from ${socket}`, () => {
    assert.equal(callerOf(header, socket), caller)
  })
}

/** A limit of three a minute with a clock that the test moves. */
function limitOfThree() {
  let time = 0
  const limit = createLimit(3, () => time)
  return {
    ...limit,
    pass: (milliseconds: number) => {
      time += milliseconds
    },
    tries: (count: number, caller: string) => {
      for (let tried = 0; tried < count; tried += 1) limit.count(caller)
    },
  }
}

test('a caller waits after the last try allowed, until the minute of the first is over', () => {
  const limit = limitOfThree()
  const caller = 'a'
  limit.tries(2, caller)
  assert.equal(limit.secondsToWait(caller), 0)
  limit.pass(10_500)
  limit.tries(1, caller)
  assert.equal(limit.secondsToWait(caller), 50)
  limit.pass(49_500)
  assert.equal(limit.secondsToWait(caller), 0)
})

test('each credit allows one more a minute, for ten minutes', () => {
  const limit = limitOfThree()
  const caller = 'a'
  for (let credit = 0; credit < 2; credit += 1) limit.credit(caller)
  limit.tries(4, caller)
  assert.equal(limit.secondsToWait(caller), 0)
  limit.tries(1, caller)
  assert.equal(limit.secondsToWait(caller), 60)
  limit.pass(9 * 60_000)
  limit.credit(caller)
  limit.pass(60_000)
  limit.tries(3, caller)
  assert.equal(limit.secondsToWait(caller), 0)
  limit.tries(1, caller)
  assert.equal(limit.secondsToWait(caller), 60)
})

test('another caller need not wait', () => {
  const limit = limitOfThree()
  limit.tries(3, 'a')
  assert.deepEqual([limit.secondsToWait('a'), limit.secondsToWait('b')], [60, 0])
})
