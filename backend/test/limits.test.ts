import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callerOf, createLimit } from '../src/services/limits.ts'

test('the viewer is the second from the right, the sender the last', () => {
  assert.deepEqual(callerOf('203.0.113.9, 198.51.100.7, 130.176.0.1', '10.0.0.1'), {
    viewer: '198.51.100.7',
    sender: '130.176.0.1',
  })
})

test('who goes around the CDN without inventing anything is viewer and sender', () => {
  assert.deepEqual(callerOf('198.51.100.7', '10.0.0.1'), { viewer: '198.51.100.7', sender: '198.51.100.7' })
})

for (const header of [undefined, '', ' ']) {
  test(`without an address in ${JSON.stringify(header)} the socket's own counts`, () => {
    assert.deepEqual(callerOf(header, '10.0.0.1'), { viewer: '10.0.0.1', sender: '10.0.0.1' })
  })
}

for (const [address, network] of [
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::5:6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
] as const) {
  test(`of ${address} the first 64 bits count`, () => {
    assert.equal(callerOf(address, undefined).viewer, network)
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
    tries: (count: number, caller: { viewer: string; sender: string }) => {
      for (let tried = 0; tried < count; tried += 1) limit.count(caller)
    },
  }
}

test('a viewer waits after the last try allowed, until the minute of the first is over', () => {
  const limit = limitOfThree()
  const caller = { viewer: 'a', sender: 'cdn' }
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
  const caller = { viewer: 'a', sender: 'cdn' }
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

test('a sender with as many credits as its viewers waits after as many more tries', () => {
  const limit = limitOfThree()
  for (let viewer = 0; viewer < 20; viewer += 1) limit.credit({ viewer: String(viewer), sender: 'cdn' })
  for (let viewer = 0; viewer < 49; viewer += 1) limit.tries(1, { viewer: String(viewer), sender: 'cdn' })
  assert.equal(limit.secondsToWait({ viewer: 'new', sender: 'cdn' }), 0)
  limit.tries(1, { viewer: '49', sender: 'cdn' })
  assert.equal(limit.secondsToWait({ viewer: 'new', sender: 'cdn' }), 60)
})

test('another viewer behind the same sender need not wait', () => {
  const limit = limitOfThree()
  limit.tries(3, { viewer: 'a', sender: 'cdn' })
  assert.equal(limit.secondsToWait({ viewer: 'b', sender: 'cdn' }), 0)
})

test('a sender that invents viewers waits after ten times as many tries', () => {
  const limit = limitOfThree()
  for (let viewer = 0; viewer < 29; viewer += 1) limit.tries(1, { viewer: String(viewer), sender: 'one' })
  assert.equal(limit.secondsToWait({ viewer: 'new', sender: 'one' }), 0)
  limit.tries(1, { viewer: '29', sender: 'one' })
  assert.equal(limit.secondsToWait({ viewer: 'new', sender: 'one' }), 60)
  assert.equal(limit.secondsToWait({ viewer: 'new', sender: 'other' }), 0)
})
