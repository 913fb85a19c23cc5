import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logLine, parseMoment } from '../../../lib/service/logs.mts'

describe('--since', () => {
  const now = Date.parse('2026-11-23T10:00:00Z')
  for (const [since, expected] of [
    ['90s', '2026-11-23T09:58:30.000Z'],
    ['15m', '2026-11-23T09:45:00.000Z'],
    ['2h', '2026-11-23T08:00:00.000Z'],
    ['1d', '2026-11-22T10:00:00.000Z'],
    ['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.000Z'],
  ] as const) {
    it(`${since} is ${expected}`, () => assert.equal(new Date(parseMoment(since, now)).toISOString(), expected))
  }
  for (const odd of ['', '1e10', '15', 'm', '-5m', 'yesterday', '2026-99-99']) {
    it(`refuses ${JSON.stringify(odd)} with exit code 2`, () => {
      assert.throws(() => parseMoment(odd), { name: 'Failure', exitCode: 2 })
    })
  }
})

describe('a log line', () => {
  it('has its time, eight digits of its task and no second line break', () => {
    const logStreamName = 'websocket/websocket-server/0123456789abcdef'
    assert.equal(
      logLine({ eventId: 'a', timestamp: 1_795_428_001_000, logStreamName, message: 'hello\n' }),
      '2026-11-23T10:00:01.000Z 01234567 hello\n',
    )
  })
})
