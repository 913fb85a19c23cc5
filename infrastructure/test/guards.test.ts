import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../lib/script/failure.mts'
import { assertExpectedTarget } from '../lib/guards.ts'

const settings = { AWS_ACCOUNT_ID: '111111111111', AWS_REGION: 'eu-west-1' }
const localAws = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
  CDK_DEFAULT_ACCOUNT: '000000000000',
  CDK_DEFAULT_REGION: 'us-east-1',
}

function refuses(...arguments_: Parameters<typeof assertExpectedTarget>): Failure {
  let refusal: unknown
  try {
    assertExpectedTarget(...arguments_)
  } catch (error) {
    refusal = error
  }
  assert.ok(refusal instanceof Failure, 'it was let through')
  return refusal
}

test('credentials of another account are refused', () => {
  const { message, remedy, exitCode } = refuses('staging', settings, {
    CDK_DEFAULT_ACCOUNT: '222222222222',
    CDK_DEFAULT_REGION: 'eu-west-1',
  })
  assert.equal(message, 'these credentials are for account 222222222222, but staging belongs to 111111111111')
  assert.match(remedy, /env\/\.env\.staging/)
  assert.equal(exitCode, 1)
})

test('another region is refused', () => {
  const { message } = refuses('staging', settings, {
    CDK_DEFAULT_ACCOUNT: '111111111111',
    CDK_DEFAULT_REGION: 'us-east-1',
  })
  assert.equal(message, 'the region is us-east-1, but staging belongs to eu-west-1')
})

test('the expected account and region are accepted', () => {
  assertExpectedTarget('staging', settings, { CDK_DEFAULT_ACCOUNT: '111111111111', CDK_DEFAULT_REGION: 'eu-west-1' })
})

test('any account is accepted while the file names none', () => {
  assertExpectedTarget(
    'staging',
    { ...settings, AWS_ACCOUNT_ID: '' },
    {
      CDK_DEFAULT_ACCOUNT: '222222222222',
      CDK_DEFAULT_REGION: 'eu-west-1',
    },
  )
})

test('nothing is refused without credentials', () => {
  assertExpectedTarget('production', settings, { CDK_DEFAULT_REGION: 'us-east-1' })
})

test('every environment is accepted on the local AWS', () => {
  for (const environment of ['local', 'development', 'staging', 'production'] as const) {
    assertExpectedTarget(environment, settings, localAws)
  }
})

test('real credentials are refused on the local AWS', () => {
  refuses('production', settings, { ...localAws, CDK_DEFAULT_ACCOUNT: '111111111111' })
})

test('the account of the local AWS is refused on AWS', () => {
  refuses('production', settings, { CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'eu-west-1' })
})

for (const AWS_ENDPOINT_URL of [
  undefined,
  '',
  'https://127.0.0.1.example.com:4566',
  'http://localhost.example.com:4566',
]) {
  test(`local is refused at the endpoint ${AWS_ENDPOINT_URL}`, () => {
    refuses('local', settings, { ...localAws, AWS_ENDPOINT_URL })
    refuses('local', settings, { AWS_ENDPOINT_URL })
  })
}
