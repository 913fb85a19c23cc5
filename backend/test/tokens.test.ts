import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createToken, hasHash, hashOf } from '../src/services/tokens.ts'

test('a token has 128 random bits, and no two are equal', () => {
  const tokens = Array.from({ length: 1_000 }, createToken)
  assert.equal(new Set(tokens).size, 1_000)
  assert.ok(tokens.every((token) => Buffer.from(token, 'base64url').length === 16))
})

test('only the token itself has its hash', () => {
  const token = createToken()
  assert.ok(hasHash(token, hashOf(token)))
  assert.ok(!hasHash(createToken(), hashOf(token)))
  assert.ok(!hasHash(`${token} `, hashOf(token)))
  assert.ok(!hasHash('', hashOf(token)))
})

test('a hash that was cut short fits no token', () => {
  assert.ok(!hasHash('token', hashOf('token').slice(0, 10)))
  assert.ok(!hasHash('', ''))
})

test('the hash is SHA-256 in base64url, as every release must compute it', () => {
  assert.equal(hashOf('token'), 'PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A')
})
