import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allows } from '../cloudfront/bucket-policy.ts'

describe('a bucket policy', () => {
  const bucket = 'arn:aws:s3:::site'
  const service = { Service: 'cloudfront.amazonaws.com' }
  const condition = { StringEquals: { 'AWS:SourceArn': 'arn:aws:cloudfront::0:distribution/E1' } }
  const allow = {
    Effect: 'Allow' as const,
    Principal: service,
    Action: ['s3:GetObject', 's3:ListBucket'],
    Resource: [bucket, `${bucket}/*`],
    Condition: condition,
  }
  const request = {
    service: 'cloudfront.amazonaws.com',
    action: 's3:GetObject',
    resource: `${bucket}/a`,
    context: { 'aws:sourcearn': 'arn:aws:cloudfront::0:distribution/E1', 'aws:securetransport': 'true' },
  }
  type Statement = Parameters<typeof allows>[0] extends infer Policy | undefined
    ? Policy extends { Statement: infer One }
      ? Extract<One, { Effect: unknown }>
      : never
    : never
  const cases: [name: string, statements: Statement[], allowed: boolean][] = [
    ['without a statement denies', [], false],
    ['allows what a statement allows', [allow], true],
    ['allows the action in any case', [{ ...allow, Action: 'S3:getobject' }], true],
    ['allows an action by wildcard', [{ ...allow, Action: 's3:Get*' }], true],
    ['denies another action', [{ ...allow, Action: 's3:PutObject' }], false],
    ['denies another key', [{ ...allow, Resource: `${bucket}/b` }], false],
    ['denies another principal', [{ ...allow, Principal: { Service: 'ec2.amazonaws.com' } }], false],
    ['allows everyone', [{ ...allow, Principal: '*' }], true],
    ['denies another distribution', [{ ...allow, Condition: { StringEquals: { 'aws:sourcearn': 'arn:x' } } }], false],
    ['allows a distribution by pattern', [{ ...allow, Condition: { ArnLike: { 'AWS:SourceArn': '*/E?' } } }], true],
    [
      'denies when one of two conditions fails',
      [{ ...allow, Condition: { ...condition, Bool: { 'aws:SecureTransport': 'false' } } }],
      false,
    ],
    ['takes a boolean value', [{ ...allow, Condition: { Bool: { 'aws:SecureTransport': true } } }], true],
    ['lets a Deny win', [allow, { ...allow, Effect: 'Deny', Resource: `${bucket}/*`, Condition: {} }], false],
    ['ignores a Deny for another key', [allow, { ...allow, Effect: 'Deny', Resource: `${bucket}/releases/*` }], true],
    [
      'ignores a Deny for plain http',
      [
        allow,
        {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 's3:*',
          Resource: `${bucket}/*`,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
      true,
    ],
    ['follows NotResource', [{ Effect: 'Allow', Principal: '*', Action: '*', NotResource: `${bucket}/a` }], false],
    ['follows NotAction', [{ Effect: 'Allow', Principal: '*', NotAction: 's3:PutObject', Resource: '*' }], true],
    [
      'allows nothing under a condition it does not know',
      [{ ...allow, Condition: { DateLessThan: { 'aws:CurrentTime': 'x' } } }],
      false,
    ],
    [
      'denies under a condition it does not know',
      [allow, { ...allow, Effect: 'Deny', Condition: { DateLessThan: { 'aws:CurrentTime': 'x' } } }],
      false,
    ],
    ['allows a negated condition', [{ ...allow, Condition: { StringNotEquals: { 'aws:SourceArn': 'arn:x' } } }], true],
    [
      'allows a missing key that may be missing',
      [{ ...allow, Condition: { StringEqualsIfExists: { 'aws:SourceVpc': 'v' } } }],
      true,
    ],
    ['follows Null', [{ ...allow, Condition: { Null: { 'aws:SourceVpc': 'true' } } }], true],
  ]
  for (const [name, Statement, allowed] of cases) {
    it(name, () => assert.equal(allows({ Statement }, request), allowed))
  }
  it('allows an anonymous reader only where everyone is allowed', () => {
    const anonymous = { ...request, service: undefined }
    assert.equal(allows({ Statement: [allow] }, anonymous), false)
    assert.equal(allows({ Statement: { ...allow, Principal: '*' } }, anonymous), true)
  })
})
