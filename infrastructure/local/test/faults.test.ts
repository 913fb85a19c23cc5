import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { provideVirtualenvOnce, python } from '../cli/virtualenv.mts'
import type { LoggedCall } from '../gateway/call-log.ts'
import { createKeys } from '../gateway/keys.ts'
import type { Room } from '../gateway/room.ts'
import { startGateway, type Gateway } from '../gateway/server.ts'
import { startMoto, type Moto } from '../moto.ts'
import { accessKeyId } from '../settings.ts'
import { awsCli } from './aws-cli.ts'
import { refusal } from './expectations.ts'

const port = 15480
const endpoint = `http://127.0.0.1:${port}`
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
/** Stands for a single attempt, in a command line. */
const once = '--no-retry'
const calls: LoggedCall[] = []
/** Calls that a room has performed. */
let performed = 0

const ecs: Room = {
  signingName: 'ecs',
  protocol: 'json',
  actions: {
    ListClusters: () => ({ clusterArns: [`arn:${(performed += 1)}`] }),
    ListServices: () => ({ serviceArns: [] }),
    DescribeClusters: () => ({ clusters: [] }),
  },
}

const cloudFront: Room = {
  signingName: 'cloudfront',
  protocol: 'rest-xml',
  namespace: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
  route: (_method, path) => ({
    action: path.endsWith('/invalidation') ? 'ListInvalidations' : 'Other',
    parameters: {},
  }),
  actions: {},
}

let moto: Moto
let gateway: Gateway

before(async () => {
  await provideVirtualenvOnce()
  moto = await startMoto(python, port + 1)
  gateway = await startGateway({
    rooms: [ecs, cloudFront],
    registry: { answer: () => {}, holderOf: () => undefined },
    motoEndpoint: `http://127.0.0.1:${port + 1}`,
    keys: createKeys(),
    status: () => ({}),
    hosts: ['127.0.0.1'],
    port,
    callLog: (call) => calls.push(call),
  })
})

afterEach(async () => {
  await fetch(`${endpoint}/_local/faults`, { method: 'DELETE' })
})

after(async () => {
  await gateway.close()
  await moto.close()
  rmSync(directory, { recursive: true })
})

for (const [what, headers] of [
  ['a web page', { origin: 'https://elsewhere.example' }],
  ['a name that was made to lead here', { host: `elsewhere.example:${port}` }],
] as const) {
  test(`${what} can neither make calls fail nor look in`, async () => {
    for (const [method, path] of [
      ['POST', '/_local/faults'],
      ['GET', '/_local'],
    ] as const) {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const asked = request(`${endpoint}${path}`, { method, headers }, resolve).on('error', reject)
        asked.end('{"kind":"error","service":"*"}')
      })
      answer.resume()
      assert.equal(answer.statusCode, 403)
    }
    assert.deepEqual(gateway.faults.rules(), [])
  })
}

test('aws tries a throttled call again, and the call log marks those that failed', async () => {
  await rule({ kind: 'throttle', service: 'ecs', action: 'DescribeClusters', count: 2 })
  const from = calls.length
  await aws('ecs', 'describe-clusters', '--clusters', 'quiz')
  const throttled = { resource: 'quiz', status: 400, error: 'ThrottlingException', fault: 'throttle' }
  assert.deepEqual(
    calls.slice(from).map(({ resource, status, error, fault }) => ({ resource, status, error, fault })),
    [throttled, throttled, { resource: 'quiz', status: 200, error: undefined, fault: undefined }],
  )
})

for (const [command, ...codes] of [
  [['ecs', 'list-clusters'], 'ThrottlingException', 'InternalFailure', 'ExpiredTokenException'],
  [['cloudfront', 'list-invalidations', '--distribution-id', 'E'], 'Throttling', 'InternalFailure', 'ExpiredToken'],
  [['sts', 'get-caller-identity'], 'Throttling', 'InternalFailure', 'ExpiredToken'],
  [['dynamodb', 'list-tables'], 'ThrottlingException', 'InternalFailure', 'ExpiredTokenException'],
  [['s3api', 'list-buckets'], 'SlowDown', 'InternalError', 'ExpiredToken'],
  [['ec2', 'describe-vpcs'], 'RequestLimitExceeded', 'InternalError', 'RequestExpired'],
  [['cloudwatch', 'list-dashboards'], 'ThrottlingException', 'InternalFailure', 'ExpiredTokenException'],
] as const) {
  test(`aws reads the failures of ${command[0]} in that service’s own form`, async () => {
    for (const [index, kind] of ['throttle', 'error', 'expired-token'].entries()) {
      await rule({ kind, service: '*', after: index })
    }
    for (const code of codes) {
      assert.match(await refusal(aws(...command, once)), new RegExp(`An error occurred \\(${code}\\).*: \\w+`))
    }
  })
}

test('an expired token is not tried again', async () => {
  await rule({ kind: 'expired-token', service: 'sts' })
  const from = calls.length
  assert.match(await refusal(aws('sts', 'get-caller-identity')), /ExpiredToken/)
  assert.equal(calls.length - from, 1)
})

test('a rule lets calls pass first, strikes as many as it says, and then no more', async () => {
  await rule({ kind: 'error', service: 'ecs', action: 'list-clusters', after: 1, count: 2 })
  const statuses = []
  for (let call = 0; call < 4; call += 1) statuses.push((await ecsCall('ListClusters')).status)
  assert.deepEqual(statuses, [200, 500, 500, 200])
})

test('a rule without an end strikes until it is cleared, and no other action', async () => {
  const { id } = await rule({ kind: 'error', service: 'ecs', action: 'ListClusters', count: null })
  for (let call = 0; call < 5; call += 1) assert.equal((await ecsCall('ListClusters')).status, 500)
  assert.equal((await ecsCall('ListServices')).status, 200)
  await fetch(`${endpoint}/_local/faults/${id}`, { method: 'DELETE' })
  assert.equal((await ecsCall('ListClusters')).status, 200)
})

test('aws tries a dropped call again, which was performed only then', async () => {
  await rule({ kind: 'drop', service: 'ecs' })
  const from = performed
  await aws('ecs', 'list-clusters')
  assert.equal(performed - from, 1)
  assert.deepEqual(
    calls.slice(-2).map(({ status, fault }) => [status, fault]),
    [
      [0, 'drop'],
      [200, undefined],
    ],
  )
})

test('a call of a room whose answer is lost was performed all the same', async () => {
  await rule({ kind: 'lost-answer', service: 'ecs' })
  const from = performed
  await aws('ecs', 'list-clusters')
  assert.equal(performed - from, 2)
})

test('a conditional write whose answer is lost is refused when aws tries it again', async () => {
  const keys = [
    '--attribute-definitions',
    'AttributeName=pk,AttributeType=S',
    '--key-schema',
    'AttributeName=pk,KeyType=HASH',
  ]
  await aws('dynamodb', 'create-table', '--table-name', 'locks', ...keys, '--billing-mode', 'PAY_PER_REQUEST')
  await rule({ kind: 'lost-answer', service: 'dynamodb', action: 'PutItem' })
  const item = ['--item', '{"pk":{"S":"lock"}}', '--condition-expression', 'attribute_not_exists(pk)']
  const error = await refusal(aws('dynamodb', 'put-item', '--table-name', 'locks', ...item))
  assert.match(error, /ConditionalCheckFailedException/)
  assert.deepEqual(
    calls.slice(-2).map(({ status, fault }) => [status, fault]),
    [
      [200, 'lost-answer'],
      [400, undefined],
    ],
  )
})

test('a call that is never answered ends when the client gives up', async () => {
  await rule({ kind: 'timeout', service: 'ecs' })
  const error = await refusal(aws('ecs', 'list-clusters', '--cli-read-timeout', '1', once))
  assert.match(error, /Read timeout on endpoint URL/)
  assert.equal(calls.at(-1)?.fault, 'timeout')
  assert.equal(calls.at(-1)?.status, 0)
})

test('a call that is never answered ends by itself in the end', async () => {
  await rule({ kind: 'timeout', service: 'ecs', milliseconds: 300 })
  await assert.rejects(ecsCall('ListClusters'), /fetch failed/)
})

test('a slow call is answered, later', async () => {
  await rule({ kind: 'slow', service: 'ecs', milliseconds: 400 })
  const start = performance.now()
  assert.equal((await ecsCall('ListClusters')).status, 200)
  assert.ok(performance.now() - start >= 400)
  assert.equal(calls.at(-1)?.fault, 'slow')
})

test('an upload under a rule that does not strike it arrives whole', async () => {
  const file = join(directory, 'upload')
  const content = Buffer.alloc(3_000_000, 'live quiz')
  writeFileSync(file, content)
  await aws('s3api', 'create-bucket', '--bucket', 'site')
  await rule({ kind: 'throttle', service: 's3', action: 'GetObject' })
  await rule({ kind: 'throttle', service: 's3', action: 'PutObject' })
  await aws('s3api', 'put-object', '--bucket', 'site', '--key', 'k', '--body', file)
  assert.equal(
    await aws('s3api', 'head-object', '--bucket', 'site', '--key', 'k', '--query', 'ContentLength'),
    '3000000',
  )
  assert.deepEqual(
    calls.slice(-3).map(({ action, fault }) => [action, fault]),
    [
      ['PutObject', 'throttle'],
      ['PutObject', undefined],
      ['HeadObject', undefined],
    ],
  )
})

for (const [given, sentence] of [
  [{ kind: 'explode', service: 'ecs' }, /^a fault is one of throttle, /],
  [{ kind: 'drop' }, /^a fault needs a service/],
  [{ kind: 'drop', service: 'ecs', count: 0 }, /^the calls to fail are a whole number from 1, or all$/],
  [{ kind: 'drop', service: 'ecs', after: -1 }, /^the calls that pass first are a whole number$/],
  [{ kind: 'slow', service: 'ecs', milliseconds: 1e9 }, /^the time is in milliseconds, an hour at most$/],
] as const) {
  test(`a rule that makes no sense is refused: ${JSON.stringify(given)}`, async () => {
    const answer = await fetch(`${endpoint}/_local/faults`, { method: 'POST', body: JSON.stringify(given) })
    assert.equal(answer.status, 400)
    assert.match(((await answer.json()) as { message: string }).message, sentence)
    assert.deepEqual(gateway.faults.rules(), [])
  })
}

async function rule(given: object): Promise<{ id: number }> {
  const answer = await fetch(`${endpoint}/_local/faults`, { method: 'POST', body: JSON.stringify(given) })
  assert.equal(answer.status, 201)
  return (await answer.json()) as { id: number }
}

/** The real aws CLI: what it printed; rejects with what it said. */
async function aws(...args: string[]): Promise<string> {
  const command = args.filter((word) => word !== once)
  const attempts = command.length < args.length ? '1' : '3'
  return await awsCli(endpoint, command, { AWS_RETRY_MODE: 'standard', AWS_MAX_ATTEMPTS: attempts })
}

/** A call that is tried once and costs no second of Python. */
function ecsCall(action: string): Promise<Response> {
  const scope = `${accessKeyId}/20260101/us-east-1/ecs/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`
  const headers = { authorization, 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}` }
  return fetch(endpoint, { method: 'POST', headers, body: '{}' })
}
