import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, parseConfig } from '../src/types/config.ts'

const least = { APPLICATION_TABLE: 'application', AWS_REGION: 'eu-west-1' }

test('the defaults fit development', () => {
  assert.deepEqual(parseConfig(least), {
    port: 3000,
    host: '127.0.0.1',
    region: 'eu-west-1',
    applicationTable: 'application',
    adminSecret: undefined,
    release: 'unreleased',
    allowedOrigins: 'any',
    logLevel: 'info',
    heartbeatSeconds: 25,
    maxPlayers: 5_000,
    retentionDays: 30,
    targetGroupArn: undefined,
    metadataUri: undefined,
    drainSeconds: 30,
    stopSeconds: 30,
  })
})

test('origins are a list', () => {
  const { allowedOrigins } = parseConfig({ ...least, ALLOWED_ORIGINS: 'https://a.example, http://127.0.0.1:5173' })
  assert.deepEqual(allowedOrigins, ['https://a.example', 'http://127.0.0.1:5173'])
})

test('in production no origin is allowed when none is given', () => {
  assert.deepEqual(parseConfig({ ...least, NODE_ENV: 'production' }).allowedOrigins, [])
})

for (const [name, value, problem] of [
  ['PORT', '65536', 'PORT is "65536": it must be a whole number from 0 to 65535'],
  ['PORT', '3e3', 'PORT is "3e3": it must be a whole number from 0 to 65535'],
  ['HEARTBEAT_SECONDS', '0', 'HEARTBEAT_SECONDS is "0": it must be a whole number from 1 to 9999'],
  ['MAX_PLAYERS', '20001', 'MAX_PLAYERS is "20001": it must be a whole number from 1 to 20000'],
  ['RETENTION_DAYS', '0', 'RETENTION_DAYS is "0": it must be a whole number from 1 to 365'],
  ['DRAIN_SECONDS', '0', 'DRAIN_SECONDS is "0": it must be a whole number from 1 to 9999'],
  ['STOP_SECONDS', '1', 'STOP_SECONDS is "1": it must be a whole number from 2 to 120'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud": it must be one of debug, info, warn, error'],
  ['APPLICATION_TABLE', '', 'APPLICATION_TABLE is missing'],
  [
    'ALLOWED_ORIGINS',
    'https://a.example/',
    'ALLOWED_ORIGINS has "https://a.example/": an origin looks like https://quiz.example.com',
  ],
] as const) {
  test(`${name}=${value} is refused`, () => {
    assert.throws(() => parseConfig({ ...least, [name]: value }), new ConfigError(problem))
  })
}
