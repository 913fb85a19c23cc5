import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { logLine, parseSince, followTaskLog } from '../../../lib/service/logs.mts'

describe('--since', () => {
  const now = Date.parse('2026-11-23T10:00:00Z')
  for (const [since, expected] of [
    ['90s', '2026-11-23T09:58:30.000Z'],
    ['15m', '2026-11-23T09:45:00.000Z'],
    ['2h', '2026-11-23T08:00:00.000Z'],
    ['1d', '2026-11-22T10:00:00.000Z'],
    ['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.000Z'],
    // as a line shows it
    ['2026-11-23T09:00:01.234Z', '2026-11-23T09:00:01.234Z'],
    ['2026-11-23T10:00+01:00', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
  ] as const) {
    it(`${since} is ${expected}`, () => assert.equal(new Date(parseSince(since, now)).toISOString(), expected))
  }
  for (const odd of [
    '',
    '1e10',
    '15',
    'm',
    '-5m',
    'yesterday',
    '2026',
    '2026-99-99',
    '2026-02-30T10:00Z',
    '2026-11-23T10:15',
  ]) {
    it(`refuses ${JSON.stringify(odd)} with exit code 2`, () => {
      assert.throws(() => parseSince(odd), { name: 'Failure', exitCode: 2 })
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

describe('the output of a busy day', () => {
  const directory = mkdtempSync(join(tmpdir(), 'logs-'))
  const path = process.env['PATH']
  const events = Array.from({ length: 200_000 }, (_, index) => ({ eventId: String(index), timestamp: 100_000 + index }))
  before(() => {
    writeFileSync(join(directory, 'all'), JSON.stringify({ events }))
    writeFileSync(
      join(directory, 'last'),
      JSON.stringify({ events: [...events.slice(-1), { ...events[0], eventId: 'new' }] }),
    )
    const answer = `case "$*" in *'--start-time 269999') cat '${directory}/last' ;; *) cat '${directory}/all' ;; esac`
    writeFileSync(join(directory, 'aws'), `#!/bin/sh\n${answer}\n`, { mode: 0o755 })
    process.env['PATH'] = `${directory}:${path}`
  })
  after(() => {
    process.env['PATH'] = path
    rmSync(directory, { recursive: true })
  })

  it('is followed from its last half minute on', async () => {
    const target = { environment: 'staging', names: environmentNames('staging'), local: true } as const
    const pages = followTaskLog(target, 0, { follow: true })
    const lengths = [(await pages.next()).value?.length, (await pages.next()).value?.length]
    await pages.return(undefined)
    assert.deepEqual(lengths, [200_000, 1])
  })
})
