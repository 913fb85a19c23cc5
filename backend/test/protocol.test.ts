import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  answerStatuses,
  clientMessageSchema,
  phases,
  readClientMessage,
  readServerMessage,
  refusals,
  serverMessageSchema,
} from '../src/types/protocol.ts'

const position = fc.nat({ max: 99 })
const id = fc.string({ minLength: 1, maxLength: 64 })
const secret = fc.stringMatching(/^[\w-]{22}$/)
const choices = fc.array(fc.nat({ max: 5 }), { maxLength: 6 })
const time = fc.integer()
const commanded = { type: fc.constant('command'), id, version: fc.nat() }

/** Everything that a page may say. */
const clientMessage = fc.oneof(
  fc.record({ type: fc.constant('join'), id: secret, code: fc.string({ maxLength: 20 }), name: fc.string() }),
  fc.record({
    type: fc.constant('enter'),
    role: fc.constantFrom('player', 'host', 'screen'),
    event: fc.string({ maxLength: 64 }),
    token: fc.string({ maxLength: 64 }),
    protocol: fc.nat(),
  }),
  fc.record({ type: fc.constant('answer'), id, question: position, choices, at: time }),
  fc.record({ ...commanded, name: fc.constant('ask'), question: position }),
  fc.record({ ...commanded, name: fc.constant('extend'), seconds: fc.constant(10) }),
  fc.record({ ...commanded, name: fc.constantFrom('close', 'reveal', 'board', 'skip', 'end', 'lock', 'unlock') }),
  fc.record({ ...commanded, name: fc.constant('remove'), player: fc.nat().map((n) => n + 1), ban: fc.boolean() }),
  fc.record({ ...commanded, name: fc.constant('rename'), player: fc.nat().map((n) => n + 1) }),
  fc.record({ type: fc.constant('clock'), sent: time }),
  fc.record({ type: fc.constant('ping'), id }),
)

/** What a server says to a player, one of the small kinds. */
const serverMessage = fc.oneof(
  fc.record({ type: fc.constant('welcome'), release: fc.string(), protocol: fc.nat(), now: time }),
  fc.record({ type: fc.constant('refused'), id, code: fc.constantFrom(...refusals) }),
  fc.record({ type: fc.constant('ack'), id, status: fc.constantFrom(...answerStatuses), choices }),
  fc.record({
    type: fc.constant('state'),
    version: fc.nat(),
    phase: fc.constantFrom(...phases),
    question: fc.option(position),
    opensAt: fc.option(time),
    closesAt: fc.option(time),
    players: fc.nat(),
    locked: fc.boolean(),
    now: time,
  }),
  fc.record({ type: fc.constant('heartbeat'), now: time }),
)

test('every message of the protocol is read as it was written', () => {
  fc.assert(
    fc.property(clientMessage, (message) => {
      assert.deepEqual(readClientMessage(JSON.stringify(message)), { message: { ...message } })
    }),
  )
  fc.assert(
    fc.property(serverMessage, (message) => {
      assert.deepEqual(readServerMessage(JSON.stringify(message)), { message: { ...message } })
    }),
  )
})

test('a message with a field too many, or one too few, is refused', () => {
  fc.assert(
    fc.property(clientMessage, fc.string(), fc.nat(), (message, extra, index) => {
      fc.pre(!(extra in message) && extra !== '__proto__')
      assert.ok('problem' in readClientMessage(JSON.stringify({ ...message, [extra]: 1 })))
      const fields = Object.entries(message)
      fields.splice(index % fields.length, 1)
      assert.ok('problem' in readClientMessage(JSON.stringify(Object.fromEntries(fields))))
    }),
  )
})

test('whatever is sent, reading it throws nothing', () => {
  const anything = fc.oneof(fc.string(), fc.json())
  fc.assert(fc.property(anything, (text) => assert.ok(typeof readClientMessage(text) === 'object')))
  fc.assert(fc.property(anything, (text) => assert.ok(typeof readServerMessage(text) === 'object')))
})

test('a problem shows nothing of the message', () => {
  fc.assert(
    fc.property(secret, (hidden) => {
      const read = readClientMessage(JSON.stringify({ type: 'enter', role: hidden, event: 'e', token: 1, protocol: 1 }))
      assert.ok('problem' in read && !read.problem.includes(hidden))
      const unknown = readClientMessage(JSON.stringify({ type: hidden }))
      assert.ok('problem' in unknown && !unknown.problem.includes(hidden))
    }),
  )
})

test('a field that a newer server adds is left out', () => {
  const text = JSON.stringify({ type: 'heartbeat', now: 1, mood: 'fine' })
  assert.deepEqual(readServerMessage(text), { message: { type: 'heartbeat', now: 1 } })
})

for (const [what, message] of [
  ['seven options', { type: 'answer', id: 'a', question: 0, choices: [0, 1, 2, 3, 4, 5, 0], at: 1 }],
  ['option seven', { type: 'answer', id: 'a', question: 0, choices: [6], at: 1 }],
  ['half an option', { type: 'answer', id: 'a', question: 0, choices: [0.5], at: 1 }],
  ['a guessable join id', { type: 'join', id: '1', code: '123456', name: 'Ada' }],
  ['an unknown command', { type: 'command', id: 'a', version: 1, name: 'constructor' }],
  ['an hour more', { type: 'command', id: 'a', version: 1, name: 'extend', seconds: 3600 }],
  ['nothing but null', null],
  ['a list', []],
] as const) {
  test(`${what} is refused`, () => {
    assert.ok('problem' in readClientMessage(JSON.stringify(message)))
  })
}

test('no type of message is there twice', () => {
  for (const { options } of [clientMessageSchema, serverMessageSchema]) {
    const types = options.map((each) => ('entries' in each ? each.entries.type.literal : 'command'))
    assert.equal(new Set(types).size, types.length)
  }
})
