import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { registryCalls } from '../ecr/registry-calls.ts'
import { judge, type PolicyDocument, type Statement } from '../iam/evaluation.ts'
import { createGuard } from '../iam/guard.ts'
import type { NamedCall } from '../iam/named-call.ts'
import type { Caller, PrincipalElement } from '../iam/principals.ts'
import { needsOf } from '../iam/needs.ts'
import type { Role } from '../iam/role-policies.ts'
import { account, region } from '../settings.ts'

/* Policies as AWS evaluates them, and what a call of each service needs. */

const caller = `arn:aws:sts::${account}:assumed-role/deployer/session`
const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`
const table = arn('dynamodb', 'table/live-quiz-ledger')

function policy(...statements: Partial<Statement>[]): PolicyDocument {
  const whole = (statement: Partial<Statement>): Statement => ({
    Effect: 'Allow',
    ...(statement.NotAction === undefined && { Action: '*' }),
    ...(statement.NotResource === undefined && { Resource: '*' }),
    ...statement,
  })
  return { Statement: statements.map(whole) }
}

function verdict(document: PolicyDocument, action: string, resource: string, context = {}): string {
  return judge([document], { action, resource, context }).is
}

describe('a policy', () => {
  test('allows what it names, and nothing else', () => {
    const document = policy({ Action: ['dynamodb:Get*'], Resource: table })
    assert.equal(verdict(document, 'dynamodb:GetItem', table), 'allowed')
    assert.equal(verdict(document, 'DynamoDB:getitem', table), 'allowed')
    assert.equal(verdict(document, 'dynamodb:PutItem', table), 'not allowed')
    assert.equal(verdict(document, 'dynamodb:GetItem', `${table}-2`), 'not allowed')
  })

  test('denies before it allows', () => {
    const document = policy({}, { Effect: 'Deny', Action: 'dynamodb:*' })
    assert.equal(verdict(document, 'dynamodb:GetItem', table), 'denied')
    assert.equal(verdict(document, 'ecs:UpdateService', '*'), 'allowed')
  })

  test('has wildcards that stay between two colons', () => {
    const document = policy({ Resource: 'arn:aws:dynamodb:*:*:table/live-quiz-*' })
    assert.equal(verdict(document, 'dynamodb:GetItem', table), 'allowed')
    assert.equal(verdict(document, 'dynamodb:GetItem', arn('dynamodb', 'index/table/live-quiz-1')), 'not allowed')
    assert.equal(verdict(policy({ Resource: 'arn:aws:*' }), 'dynamodb:GetItem', table), 'not allowed')
    assert.equal(verdict(policy({ Resource: `${table}-??` }), 'dynamodb:GetItem', `${table}-12`), 'allowed')
  })

  test('allows on everything only where it says so', () => {
    assert.equal(verdict(policy({ Resource: table }), 'dynamodb:ListTables', '*'), 'not allowed')
    assert.equal(verdict(policy({ NotResource: table }), 'dynamodb:GetItem', table), 'not allowed')
    assert.equal(verdict(policy({ NotAction: 'iam:*' }), 'iam:PassRole', '*'), 'not allowed')
  })

  test('asks for its conditions, and a missing key fulfils only a negated one', () => {
    const asks = (Condition: Statement['Condition'], context: object) =>
      verdict(policy({ Condition: Condition! }), 'ecs:ListTasks', '*', context) === 'allowed'
    assert.ok(asks({ StringEquals: { 'iam:PassedToService': ['a', 'b'] } }, { 'iam:passedtoservice': 'b' }))
    assert.ok(!asks({ StringEquals: { key: 'a' } }, { key: 'A' }))
    assert.ok(!asks({ StringEquals: { key: 'a' } }, {}))
    assert.ok(asks({ StringNotEquals: { key: 'a' } }, {}))
    assert.ok(!asks({ StringNotEquals: { key: 'a' } }, { key: 'a' }))
    assert.ok(asks({ StringLikeIfExists: { key: 'a*' } }, {}))
    assert.ok(asks({ ArnLike: { key: 'arn:aws:ecs:*:1:*' } }, { key: 'arn:aws:ecs:r:1:task/a:b' }))
    assert.ok(asks({ Null: { key: 'true' } }, {}))
    assert.ok(!asks({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, {}))
    assert.ok(asks({ Bool: { 'aws:SecureTransport': true } }, { 'aws:securetransport': 'true' }))
    assert.ok(!asks({ StringEquals: { one: '1', two: '2' } }, { one: '1' }))
  })

  test('of a bucket names who may: a service, everyone, or another', () => {
    const cdn: Caller = { kind: 'Service', name: 'cloudfront.amazonaws.com' }
    const nobody: Caller = { kind: 'Anonymous', name: '' }
    const lets = (asking: Caller, Principal?: PrincipalElement) =>
      judge([policy({ ...(Principal && { Principal }) })], { action: 's3:GetObject', resource: '*' }, asking).is
    for (const everyone of ['*', { AWS: '*' }] as const) {
      assert.deepEqual([lets(cdn, everyone), lets(nobody, everyone)], ['allowed', 'allowed'])
    }
    for (const one of [{ Service: cdn.name }, { Service: ['s3.amazonaws.com', cdn.name] }]) {
      assert.deepEqual([lets(cdn, one), lets(nobody, one)], ['allowed', 'not allowed'])
    }
    for (const other of [{ Service: 'ec2.amazonaws.com' }, { AWS: account }, undefined]) {
      assert.deepEqual([lets(cdn, other), lets(nobody, other)], ['not allowed', 'not allowed'])
    }
  })

  test('is refused where it is not understood', () => {
    assert.throws(
      () => verdict(policy({ Condition: { NumericLessThan: { key: '1' } } }), 'a:B', '*'),
      /NumericLessThan/,
    )
    assert.throws(
      () => verdict(policy({ Resource: 'arn:aws:s3:::${aws:username}' }), 'a:B', 'arn:aws:s3:::x'),
      /variables/,
    )
  })
})

function call(service: string, action: string, body: object | string, more: Partial<NamedCall> = {}): NamedCall {
  const json = typeof body === 'string' ? {} : { 'x-amz-target': `A.${action}` }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { service, action, path: '/', query: new URLSearchParams(), headers: json, body: text, ...more }
}

const needed = (asked: NamedCall, tags = {}) =>
  needsOf(asked, () => tags).map(({ action, resource }) => `${action} ${resource}`)

describe('a call needs', () => {
  for (const [what, asked, needs] of [
    [
      'the service of a cluster, by name or ARN',
      call('ecs', 'UpdateService', { cluster: arn('ecs', 'cluster/c'), service: 's' }),
      [`ecs:UpdateService ${arn('ecs', 'service/c/s')}`],
    ],
    [
      'the service of a revision, and the revision',
      call('ecs', 'DescribeServiceRevisions', { serviceRevisionArns: [arn('ecs', 'service-revision/c/s/1')] }),
      ['service/c/s', 'service-revision/c/s/1'].map((each) => `ecs:DescribeServiceRevisions ${arn('ecs', each)}`),
    ],
    [
      'the roles that it passes on',
      call('ecs', 'RegisterTaskDefinition', {
        family: 'f',
        taskRoleArn: 'arn:aws:iam::1:role/t',
        executionRoleArn: 'e',
      }),
      [
        `ecs:RegisterTaskDefinition ${arn('ecs', 'task-definition/f:*')}`,
        'iam:PassRole arn:aws:iam::1:role/t',
        `iam:PassRole arn:aws:iam::${account}:role/e`,
      ],
    ],
    [
      'the stack, and the role that deploys it',
      call(
        'cloudformation',
        'CreateChangeSet',
        'Action=CreateChangeSet&StackName=s&RoleARN=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr',
      ),
      [`cloudformation:CreateChangeSet ${arn('cloudformation', 'stack/s/*')}`, 'iam:PassRole arn:aws:iam::1:role/r'],
    ],
    ['a table', call('dynamodb', 'PutItem', { TableName: 't' }), [`dynamodb:PutItem ${arn('dynamodb', 'table/t')}`]],
    [
      'each table of a batch',
      call('dynamodb', 'BatchWriteItem', { RequestItems: { a: [], b: [] } }),
      ['a', 'b'].map((name) => `dynamodb:BatchWriteItem ${arn('dynamodb', `table/${name}`)}`),
    ],
    [
      'a secret, whose name AWS completes',
      call('secretsmanager', 'GetSecretValue', { SecretId: 's' }),
      [`secretsmanager:GetSecretValue ${arn('secretsmanager', 'secret:s-AbCdEf')}`],
    ],
    [
      'a parameter, without its first slash',
      call('ssm', 'GetParameter', { Name: '/a/b' }),
      [`ssm:GetParameter ${arn('ssm', 'parameter/a/b')}`],
    ],
    [
      'both ends of a copy',
      call('s3', 'CopyObject', '', { path: '/to/key%20one', headers: { 'x-amz-copy-source': '/from/key' } }),
      ['s3:PutObject arn:aws:s3:::to/key one', 's3:GetObject arn:aws:s3:::from/key'],
    ],
    ['the bucket of a list', call('s3', 'ListObjectsV2', '', { path: '/b' }), ['s3:ListBucket arn:aws:s3:::b']],
    [
      'each object of a deletion, or its version',
      call(
        's3',
        'DeleteObjects',
        '<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object><Object><Key>b</Key></Object></Delete>',
        { path: '/b' },
      ),
      ['s3:DeleteObjectVersion arn:aws:s3:::b/a', 's3:DeleteObject arn:aws:s3:::b/b'],
    ],
    ['its own name on everything, of an unknown service', call('events', 'PutRule', {}), ['events:PutRule *']],
  ] as [string, NamedCall, string[]][]) {
    test(what, () => assert.deepEqual(needed(asked), needs))
  }

  test('the tags of a distribution', () => {
    const asked = call('cloudfront', 'CreateInvalidation', '', { path: '/2020-05-31/distribution/E1/invalidation' })
    const [need] = needsOf(asked, (of) => ({ environment: of.endsWith('distribution/E1') ? 'staging' : '' }))
    assert.deepEqual(need?.context, { 'aws:ResourceTag/environment': 'staging' })
  })

  for (const [method, path, calls] of [
    ['GET', '/v2/', []],
    ['HEAD', '/v2/r/manifests/latest', ['BatchGetImage r']],
    ['PUT', '/v2/r/manifests/latest', ['PutImage r']],
    ['HEAD', '/v2/r/blobs/sha256:1', ['BatchCheckLayerAvailability r']],
    ['GET', '/v2/r/blobs/sha256:1', ['GetDownloadUrlForLayer r']],
    ['POST', '/v2/r/blobs/uploads/', ['InitiateLayerUpload r']],
    [
      'POST',
      '/v2/r/blobs/uploads/?mount=sha256:1&from=s',
      ['InitiateLayerUpload r', 'BatchCheckLayerAvailability s', 'GetDownloadUrlForLayer s'],
    ],
    ['PATCH', '/v2/r/blobs/uploads/1', ['UploadLayerPart r']],
    ['PUT', '/v2/r/blobs/uploads/1?digest=sha256:1', ['CompleteLayerUpload r']],
  ] as [string, string, string[]][]) {
    test(`of the registry: ${method} ${path}`, () =>
      assert.deepEqual(
        registryCalls(method, path).map((each) => each.join(' ')),
        calls,
      ))
  }
})

const providerArn = `arn:aws:iam::${account}:oidc-provider/token.example.com`

function guardOf(role: Partial<Role>) {
  const whole: Role = {
    arn: `arn:aws:iam::${account}:role/deployer`,
    policies: [],
    boundary: undefined,
    trust: policy(),
    longestSession: 5400,
    ...role,
  }
  return createGuard(
    {
      find: async (name) => (name === 'deployer' ? whole : undefined),
      audiencesOf: async (provider) => (provider === providerArn ? ['sts.amazonaws.com'] : undefined),
    },
    () => ({}),
  )
}

describe('the guard', () => {
  const putItem = call('dynamodb', 'PutItem', { TableName: 'live-quiz-ledger' })

  test('lets an administrator do everything, and asks nothing', async () => {
    assert.deepEqual(await guardOf({}).judge(putItem, `arn:aws:sts::${account}:user/moto`), { needs: [] })
  })

  test('says which statements allow a call', async () => {
    const guard = guardOf({ policies: [policy({ Sid: 'Ledger' }), policy({ Sid: 'Tables' }), policy({})] })
    assert.deepEqual(await guard.judge(putItem, caller), {
      needs: [{ action: 'dynamodb:PutItem', resource: table, sids: ['Ledger', 'Tables'] }],
    })
  })

  for (const [what, role, because] of [
    ['no policy', {}, 'because no identity-based policy allows the dynamodb:PutItem action'],
    [
      'a denying policy',
      { policies: [policy({ Effect: 'Deny' })] },
      'with an explicit deny in an identity-based policy',
    ],
    [
      'a narrower boundary',
      { policies: [policy({})], boundary: policy({ Action: 's3:*' }) },
      'because no permissions boundary allows the dynamodb:PutItem action',
    ],
  ] as [string, Partial<Role>, string][]) {
    test(`refuses in AWS's words: ${what}`, async () => {
      const { denial } = await guardOf(role).judge(putItem, caller)
      assert.equal(
        denial?.message,
        `User: ${caller} is not authorized to perform: dynamodb:PutItem on resource: ${table} ${because}`,
      )
      assert.equal(denial.code, 'AccessDeniedException')
    })
  }

  test('refuses a push by the action that the registry needs', async () => {
    const { denial } = await guardOf({}).judgeRegistry([['PutImage', 'r']], caller)
    assert.match(
      denial?.message ?? '',
      /perform: ecr:PutImage on resource: arn:aws:ecr:us-east-1:0{12}:repository\/r because/,
    )
  })

  const assume = (more = '') =>
    call('sts', 'AssumeRole', `Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A${account}%3Arole%2Fdeployer${more}`)
  const user = `arn:aws:iam::${account}:user/ada`

  test('lets a role be assumed by whom it trusts', async () => {
    const trusting = (statement: Partial<Statement>) => guardOf({ trust: policy(statement) })
    const refusal = async (statement: Partial<Statement>, more = '', service?: string) =>
      (await trusting(statement).judge(assume(more), user, service)).denial?.message
    const account12 = { AWS: account }
    assert.equal(await refusal({ Principal: account12 }), undefined)
    assert.match(
      (await refusal({ Principal: { Service: 'ecs-tasks.amazonaws.com' } })) ?? '',
      /not authorized to perform: sts:AssumeRole/,
    )
    const withMfa = { Principal: account12, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }
    assert.match((await refusal(withMfa)) ?? '', /not authorized/)
    assert.equal(await refusal(withMfa, '&SerialNumber=arn&TokenCode=123456'), undefined)
    const ofTasks = {
      Principal: { Service: 'ecs-tasks.amazonaws.com' },
      Condition: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:aws:ecs:${region}:${account}:*` },
      },
    }
    assert.equal(await refusal(ofTasks, '', 'ecs-tasks.amazonaws.com'), undefined)
    assert.equal(await refusal({ Principal: account12 }, '&DurationSeconds=5400'), undefined)
    assert.match((await refusal({ Principal: account12 }, '&DurationSeconds=5401')) ?? '', /exceeds the MaxSession/)
  })

  test('lets a role be assumed with a token of the right subject and audience only', async () => {
    const guard = guardOf({
      trust: policy({
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: providerArn },
        Condition: {
          StringEquals: {
            'token.example.com:sub': ['repo:a/b:environment:staging', 'repo:a@1/b@2:environment:staging'],
          },
        },
      }),
    })
    const ask = async (claims: object, DurationSeconds = '5400') => {
      const token = ['', Buffer.from(JSON.stringify(claims)).toString('base64url'), ''].join('.')
      const body = new URLSearchParams({
        Action: 'AssumeRoleWithWebIdentity',
        RoleArn: `arn:aws:iam::${account}:role/deployer`,
        WebIdentityToken: token,
        DurationSeconds,
      })
      const { denial } = await guard.judge(call('sts', 'AssumeRoleWithWebIdentity', body.toString()), 'anonymous')
      return denial?.message
    }
    const claims = { iss: 'https://token.example.com', aud: 'sts.amazonaws.com', sub: 'repo:a/b:environment:staging' }
    assert.equal(await ask(claims), undefined)
    assert.equal(await ask({ ...claims, sub: 'repo:a@1/b@2:environment:staging' }), undefined)
    assert.equal(
      await ask({ ...claims, sub: 'repo:a/b:pull_request' }),
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    )
    assert.equal(await ask({ ...claims, aud: 'another' }), 'Incorrect token audience')
    assert.match((await ask(claims, '5401')) ?? '', /exceeds the MaxSessionDuration set for this role/)
    assert.match((await ask({ ...claims, iss: 'https://else.example.com' })) ?? '', /^No OpenIDConnect provider found/)
  })
})
