// @vitest-environment node
import { expect, test } from 'vitest'
import { parseServerMessage } from '../src/features/live-connection/server-message.ts'

const welcome = { type: 'welcome', release: '20261123T090000Z-cbcf593' }
const pong = { type: 'pong', id: '1', stored: 1, players: 2 }
const heartbeat = { type: 'heartbeat' }

const refusal = { type: 'error', code: 'unavailable', message: 'the database does not answer' }

test.each([welcome, pong, heartbeat, refusal])('a well-formed $type is understood', (message) => {
  expect(parseServerMessage(JSON.stringify(message))).toEqual(message)
})

test('the server before the quiz is understood', () => {
  const older = { ...welcome, connectionId: 'c1', players: 2 }
  expect(parseServerMessage(JSON.stringify(older))).toEqual(older)
  const since = { type: 'pong', id: '1', connectedSince: '2026-11-23T09:00:00.000Z', players: 2 }
  expect(parseServerMessage(JSON.stringify(since))).toEqual({ type: 'pong', id: '1', players: 2 })
})

test('fields of a newer server are ignored', () => {
  expect(parseServerMessage(JSON.stringify({ ...welcome, mood: 'sunny' }))).toEqual(welcome)
})

test.each([
  ['a message that is not text', new ArrayBuffer(1)],
  ['a message that is not JSON', '{"type":'],
  ['a message that is not an object', 'null'],
  ['a message that is not an object', '"pong"'],
  ['a message that is not an object', '[]'],
  ['a message of unknown type undefined', '{}'],
  ['a message of unknown type "question"', '{"type":"question"}'],
  ['a malformed welcome', JSON.stringify({ ...welcome, connectionId: 7 })],
  ['a malformed welcome', JSON.stringify({ ...welcome, release: undefined })],
  ['a malformed welcome', JSON.stringify({ ...welcome, players: -1 })],
  ['a malformed welcome', JSON.stringify({ ...welcome, players: '2' })],
  ['a malformed error', JSON.stringify({ ...refusal, code: 503 })],
  ['a malformed pong', JSON.stringify({ ...pong, id: 1 })],
  ['a malformed pong', JSON.stringify({ ...pong, stored: 'one' })],
  ['a malformed pong', JSON.stringify({ ...pong, players: 1.5 })],
])('%s is named as the problem: %s', (problem, data) => {
  expect(parseServerMessage(data)).toEqual({ problem })
})
