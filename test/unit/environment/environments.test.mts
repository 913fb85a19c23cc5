import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { environmentNames, isLocalEndpoint } from '../../../lib/environment/environments.mts'
import { keys } from '../../../lib/environment/keys.mts'

describe('the settings of an event', () => {
  const limits = [
    ['MAX_PLAYERS', ['1', '9999', '10000', '20000'], ['0', '01', '20001', '99999', '1e3', '-1', '']],
    ['RETENTION_DAYS', ['1', '99', '100', '299', '365'], ['0', '366', '999', '1.5', '']],
  ] as const
  for (const [name, good, bad] of limits) {
    it(`take ${name} ${keys[name].form}`, () => {
      const { pattern } = keys[name]
      assert.deepEqual(
        [...good, ...bad].filter((value) => pattern.test(value)),
        good,
      )
    })
  }
})

describe('the names of an environment', () => {
  it('are bare in production', () => {
    assert.equal(environmentNames('production').stack, 'LiveQuizEventStack')
    assert.equal(environmentNames('production').family, 'websocket-task')
  })

  it('end with the environment elsewhere', () => {
    assert.equal(environmentNames('staging').stack, 'LiveQuizEventStack-staging')
    assert.equal(environmentNames('development').cluster, 'live-quiz-cluster-development')
  })
})

describe('an AWS on this machine', () => {
  for (const [url, expected] of [
    ['http://127.0.0.1:4566', true],
    ['http://localhost:4566/', true],
    ['https://127.0.0.1.example.com', false],
    ['http://127.0.0.1.example.com:4566', false],
    ['http://10.0.0.1:4566', false],
    [undefined, false],
  ] as const) {
    it(`${url ?? 'no endpoint'} is ${expected ? '' : 'not '}`, () => {
      assert.equal(isLocalEndpoint({ AWS_ENDPOINT_URL: url }), expected)
    })
  }
})
