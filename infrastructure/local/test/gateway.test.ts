import assert from 'node:assert/strict'
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { provideVirtualenvOnce } from '../cli/virtualenv.mts'
import type { LoggedCall } from '../gateway/call-log.ts'
import { createKeys } from '../gateway/keys.ts'
import { AwsError, type Call, type Input, type Room } from '../gateway/room.ts'
import { startGateway, type Gateway } from '../gateway/server.ts'
import { accessKeyId } from '../settings.ts'
import { awsCli } from './aws-cli.ts'

const port = 14680
const upstreamPort = 14681
const endpoint = `http://127.0.0.1:${port}`

/** What the rooms were asked, by action. */
const asked = new Map<string, { input: Input; call: Call }>()
const calls: LoggedCall[] = []

const ecs: Room = {
  signingName: 'ecs',
  protocol: 'json',
  actions: {
    ListClusters: note(() => ({ clusterArns: ['arn:one', 'arn:<two>'] })),
    DescribeClusters: note(() => ({ clusters: [{ clusterName: 'c', statistics: undefined }], failures: [] })),
    DescribeTasks: note(() => ({ tasks: [{ startedAt: new Date(1767323045500) }], failures: [] })),
    DeleteCluster: () => {
      throw new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.')
    },
    ListServices: () => {
      throw new TypeError('a bug of ours')
    },
  },
}

const loadBalancing: Room = {
  signingName: 'elasticloadbalancing',
  protocol: 'query',
  namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  actions: {
    RegisterTargets: note(() => ({})),
    DescribeLoadBalancers: note(() => ({
      LoadBalancers: [{ LoadBalancerName: 'a & b', CreatedTime: new Date(0), AvailabilityZones: [{ ZoneName: 'z' }] }],
    })),
    DescribeTargetGroups: () => {
      throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
    },
  },
}

const cloudFront: Room = {
  signingName: 'cloudfront',
  protocol: 'rest-xml',
  namespace: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
  route(method, path): ReturnType<NonNullable<Room['route']>> {
    const [, id] = /^\/2020-05-31\/distribution\/([^/]+)\/invalidation$/.exec(path) ?? []
    if (id && method === 'POST') return { action: 'CreateInvalidation', parameters: { DistributionId: id } }
    const [, changed] = /^\/2020-05-31\/distribution\/([^/]+)\/config$/.exec(path) ?? []
    if (changed && method === 'GET') return { action: 'GetDistributionConfig', parameters: { Id: changed } }
    return undefined
  },
  actions: {
    CreateInvalidation: note((call) => {
      call.reply.status = 201
      const batch = { Paths: { Quantity: 2, Items: { Path: ['/*', '/b&c'] } }, CallerReference: 'r' }
      return { Invalidation: { Id: 'I1', Status: 'InProgress', CreateTime: new Date(0), InvalidationBatch: batch } }
    }),
    GetDistributionConfig: () => {
      throw new AwsError('NoSuchDistribution', 'The specified distribution does not exist.', 404)
    },
  },
}

/** Stands in for moto: answers what it was sent. */
interface Received {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}
let received: Received[] = []
let upstreamAnswer = { status: 200, headers: {} as Record<string, string>, body: Buffer.alloc(0) }
/** Until then moto does not answer. */
let upstreamReady = Promise.resolve()
let upstream: Server
let gateway: Gateway

before(async () => {
  await provideVirtualenvOnce()
  upstream = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, url, headers, body: Buffer.concat(chunks) })
      const answer = () => response.writeHead(upstreamAnswer.status, upstreamAnswer.headers).end(upstreamAnswer.body)
      void upstreamReady.then(answer)
    })
  })
  await new Promise<void>((resolve) => upstream.listen(upstreamPort, '127.0.0.1', resolve))
  gateway = await startGateway({
    rooms: [ecs, loadBalancing, cloudFront],
    registry: {
      answer: (request, response) => void response.writeHead(401).end(`registry ${request.url}`),
      holderOf: () => undefined,
    },
    motoEndpoint: `http://127.0.0.1:${upstreamPort}`,
    keys: createKeys(),
    status: () => ({ pid: process.pid }),
    hosts: ['127.0.0.1', '127.0.0.2'],
    port,
    callLog: (call) => calls.push(call),
  })
})

after(async () => {
  await gateway.close()
  upstream.closeAllConnections()
  upstream.close()
})

test('a json action gets its parsed input and its answer reaches the client', async () => {
  assert.deepEqual(await aws('ecs', 'list-clusters', '--max-results', '3'), { clusterArns: ['arn:one', 'arn:<two>'] })
  assert.deepEqual(asked.get('ListClusters')?.input, { maxResults: 3 })
})

test('members that are undefined are left out of a json answer', async () => {
  assert.deepEqual(await aws('ecs', 'describe-clusters'), { clusters: [{ clusterName: 'c' }], failures: [] })
})

test('a date in a json answer is written in seconds', async () => {
  // version 1 of the CLI shows json timestamps as they came
  assert.deepEqual(await aws('ecs', 'describe-tasks', '--tasks', 't'), {
    tasks: [{ startedAt: 1767323045.5 }],
    failures: [],
  })
})

test('an error of a json room keeps its code and message', async () => {
  await assert.rejects(
    aws('ecs', 'delete-cluster', '--cluster', 'c'),
    /\(ClusterContainsServicesException\).*: The Cluster cannot be deleted while Services are active\./,
  )
})

test('the lists of a query request arrive as arrays of objects', async () => {
  const targets = ['Id=10.0.0.1,Port=3000', 'Id=10.0.0.2,Port=3000']
  await aws('elbv2', 'register-targets', '--target-group-arn', 'tg', '--targets', ...targets)
  assert.deepEqual(asked.get('RegisterTargets')?.input, {
    TargetGroupArn: 'tg',
    Targets: [
      { Id: '10.0.0.1', Port: '3000' },
      { Id: '10.0.0.2', Port: '3000' },
    ],
  })
})

test('the lists and dates of a query answer reach the client', async () => {
  const { LoadBalancers } = (await aws('elbv2', 'describe-load-balancers')) as { LoadBalancers: Input[] }
  assert.equal(LoadBalancers[0]?.['LoadBalancerName'], 'a & b')
  assert.deepEqual(LoadBalancers[0]['AvailabilityZones'], [{ ZoneName: 'z' }])
  assert.equal(new Date(LoadBalancers[0]['CreatedTime'] as string).getTime(), 0)
})

test('an error of a query room keeps its code and message', async () => {
  await assert.rejects(
    aws('elbv2', 'describe-target-groups'),
    /\(TargetGroupNotFound\).*: One or more target groups not found/,
  )
})

test('a rest-xml action gets path and document, and answers with its own status', async () => {
  const answer = await aws('cloudfront', 'create-invalidation', '--distribution-id', 'E1', '--paths', '/*', '/b&c')
  const { input } = asked.get('CreateInvalidation')!
  assert.equal(input['DistributionId'], 'E1')
  assert.deepEqual(input['Paths'], { Quantity: '2', Items: { Path: ['/*', '/b&c'] } })
  const { Invalidation } = answer as { Invalidation: Input }
  assert.deepEqual((Invalidation['InvalidationBatch'] as Input)['Paths'], { Quantity: 2, Items: ['/*', '/b&c'] })
})

test('an error of a rest-xml room keeps its code and message', async () => {
  await assert.rejects(
    aws('cloudfront', 'get-distribution-config', '--id', 'E1'),
    /\(NoSuchDistribution\).*: The specified distribution does not exist\./,
  )
})

for (const [command, code, action] of [
  [['ecs', 'list-attributes', '--target-type', 'container-instance'], 'UnknownOperationException', 'ListAttributes'],
  [['elbv2', 'describe-account-limits'], 'InvalidAction', 'DescribeAccountLimits'],
  [['cloudfront', 'list-distributions'], 'UnknownOperationException', 'GET /2020-05-31/distribution'],
] as const) {
  test(`an action that no room has is refused and logged: ${command[0]} ${action}`, async () => {
    await assert.rejects(aws(...command), new RegExp(`\\(${code}\\)`))
    assert.equal(calls.at(-1)?.action, action)
    assert.equal(calls.at(-1)?.error, code)
  })
}

test('a bug in a room is an InternalFailure, and its stack is in the log', async (context) => {
  const logged = context.mock.method(console, 'error', () => {})
  const answer = await signed('/', { 'x-amz-target': 'ECS.ListServices' }, 'ecs')
  assert.equal(answer.status, 500)
  assert.match(await answer.text(), /"__type":"InternalFailure"/)
  const [, error] = logged.mock.calls[0]!.arguments as [string, Error]
  assert.match(error.stack!, /a bug of ours[\s\S]*gateway\.test\.ts/)
})

test('a request that is not JSON is the caller’s mistake', async () => {
  const answer = await signed('/', { 'x-amz-target': 'ECS.ListClusters' }, 'ecs', '{')
  assert.match(await answer.text(), /"__type":"SerializationException"/)
})

test('a service without a room is moto’s, byte for byte', async () => {
  const sent = Buffer.from(Array.from({ length: 2_000_000 }, (_, index) => (index * 7919) % 256))
  received = []
  upstreamAnswer = { status: 206, headers: { 'x-amz-Meta-Odd': 'yes', etag: '"e"' }, body: sent.subarray(0, 999_999) }
  const answer = await signed('/bucket/a%20key//x?versionId=%2B1', { 'x-amz-meta-own': 'mine' }, 's3', sent, 'PUT')
  assert.equal(received[0]!.url, '/bucket/a%20key//x?versionId=%2B1')
  assert.equal(received[0]!.headers['x-amz-meta-own'], 'mine')
  assert.ok(received[0]!.body.equals(sent))
  assert.equal(answer.status, 206)
  assert.equal(answer.headers.get('x-amz-meta-odd'), 'yes')
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(upstreamAnswer.body))
})

test('an upload that waits for 100-continue goes through', async () => {
  received = []
  upstreamAnswer = { status: 200, headers: { etag: '"e"' }, body: Buffer.alloc(0) }
  await aws('s3api', 'put-object', '--bucket', 'bucket', '--key', 'k', '--body', import.meta.filename)
  assert.equal(received.at(-1)?.method, 'PUT')
})

test('a presigned request goes where its query says', async () => {
  received = []
  upstreamAnswer = { status: 200, headers: {}, body: Buffer.from('hello') }
  const credential = encodeURIComponent(`${accessKeyId}/20260101/us-east-1/s3/aws4_request`)
  const answer = await fetch(`${endpoint}/bucket/k?X-Amz-Credential=${credential}`)
  assert.equal(await answer.text(), 'hello')
})

test('the call log names service, action, resource, caller and outcome', async () => {
  await aws('ecs', 'describe-clusters', '--clusters', 'live-quiz-cluster')
  const { time, ms, ...call } = calls.at(-1)!
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 5_000 && ms >= 0)
  const caller = 'arn:aws:sts::000000000000:user/moto'
  const resource = 'live-quiz-cluster'
  assert.deepEqual(call, { service: 'ecs', action: 'DescribeClusters', resource, status: 200, caller })
})

for (const [resource, command] of [
  ['c/s', ['ecs', 'list-tasks', '--cluster', 'c', '--service-name', 's']],
  ['a&b', ['elbv2', 'describe-target-health', '--target-group-arn', 'a&b']],
  ['E1', ['cloudfront', 'get-distribution-config', '--id', 'E1']],
  ['ledger', ['dynamodb', 'describe-table', '--table-name', 'ledger']],
] as const) {
  test(`the call log says what ${command[0]} ${command[1]} is about: ${resource}`, async () => {
    upstreamAnswer = { status: 400, headers: {}, body: Buffer.alloc(0) }
    await aws(...command).catch(() => {})
    assert.equal(calls.at(-1)?.resource, resource)
  })
}

test('the call log names the actions that moto answers', async () => {
  upstreamAnswer = { status: 200, headers: {}, body: Buffer.alloc(0) }
  await signed('/bucket?list-type=2&prefix=a', {}, 's3', undefined, 'GET')
  await signed('/bucket/a%20key', {}, 's3', undefined, 'GET')
  await signed('/', {}, 'sts', 'Action=GetCallerIdentity&Version=2011-06-15')
  await signed('/', { 'x-amz-target': 'DynamoDB_20120810.PutItem' }, 'dynamodb', '{"TableName": "ledger"}')
  assert.deepEqual(
    calls.slice(-4).map(({ action, resource }) => [action, resource]),
    [
      ['ListObjectsV2', 'bucket'],
      ['GetObject', 'bucket/a key'],
      ['GetCallerIdentity', undefined],
      ['PutItem', 'ledger'],
    ],
  )
})

test('a client that leaves before moto answers is in the call log', { timeout: 60_000 }, async () => {
  let answer = () => {}
  upstreamReady = new Promise((resolve) => (answer = resolve))
  received = []
  const logged = calls.length
  const client = httpRequest(`${endpoint}/bucket/left`, { headers: { authorization: authorizationOf('s3') } })
  client.on('error', () => {}).end()
  while (received.length === 0) await setTimeout(5)
  client.destroy()
  // the gateway has noticed by then
  await setTimeout(100)
  answer()
  while (calls.length === logged) await setTimeout(5)
  const { action, resource, status } = calls.at(-1)!
  assert.deepEqual({ action, resource, status }, { action: 'GetObject', resource: 'bucket/left', status: 0 })
})

test('a foreign access key is refused and reaches no room', async () => {
  received = []
  const foreign = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'theirs' }
  await assert.rejects(awsWith(foreign, 'sts', 'get-caller-identity'), /\(InvalidClientTokenId\)/)
  await assert.rejects(awsWith(foreign, 'ecs', 'list-clusters'), /\(UnrecognizedClientException\)/)
  assert.equal(received.length, 0)
})

test('a request without a signature is refused', async () => {
  const answer = await fetch(`${endpoint}/bucket/key`)
  assert.equal(answer.status, 403)
  assert.match(await answer.text(), /<Code>MissingAuthenticationToken<\/Code>/)
})

test('a key that STS has given out is accepted from then on, under its role’s name', async () => {
  const assumed = 'arn:aws:sts::000000000000:assumed-role/deploy/session'
  const key = `<Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey></Credentials>`
  upstreamAnswer = { status: 200, headers: {}, body: Buffer.from(`<R>${key}<Arn>${assumed}</Arn></R>`) }
  await signed('/', {}, 'sts', 'Action=AssumeRole')
  await awsWith({ AWS_ACCESS_KEY_ID: 'ASIA1', AWS_SECRET_ACCESS_KEY: 's' }, 'ecs', 'list-clusters')
  assert.equal(calls.at(-1)?.caller, assumed)
})

test('a key that S3 stores in an object is not one that STS has given out', async () => {
  const body = Buffer.from('<AccessKeyId>ASIA2</AccessKeyId><SecretAccessKey>s</SecretAccessKey>')
  upstreamAnswer = { status: 200, headers: {}, body }
  await signed('/bucket/key', {}, 's3', undefined, 'GET')
  await assert.rejects(awsWith({ AWS_ACCESS_KEY_ID: 'ASIA2' }, 'ecs', 'list-clusters'), /UnrecognizedClient/)
})

test('docker’s requests go to the registry, which has its own login', async () => {
  const answer = await fetch(`${endpoint}/v2/live-quiz-backend/manifests/latest`)
  assert.equal(answer.status, 401)
  assert.equal(await answer.text(), 'registry /v2/live-quiz-backend/manifests/latest')
})

test('it listens on the given addresses and on no other', async () => {
  assert.equal((await fetch(`http://127.0.0.2:${port}/_local`)).status, 200)
  await assert.rejects(fetch(`http://127.0.0.3:${port}/_local`))
})

test('when one address is taken, the others are let go', async () => {
  const other = {
    rooms: [],
    registry: { answer: () => {}, holderOf: () => undefined },
    motoEndpoint: endpoint,
    keys: createKeys(),
    status: () => ({}),
  }
  await assert.rejects(startGateway({ ...other, hosts: ['127.0.0.4', '127.0.0.1'], port, callLog: () => {} }), {
    code: 'EADDRINUSE',
  })
  await assert.rejects(fetch(`http://127.0.0.4:${port}/_local`))
})

test('while moto is away, its services say so', async (context) => {
  context.mock.method(console, 'error', () => {})
  const lonely = await startGateway({
    rooms: [],
    registry: { answer: () => {}, holderOf: () => undefined },
    keys: createKeys(),
    status: () => ({}),
    callLog: () => {},
    motoEndpoint: 'http://127.0.0.1:9',
    hosts: ['127.0.0.1'],
    port: port + 2,
  })
  const answer = await signed('/', {}, 'sts', 'Action=GetCallerIdentity', 'POST', `http://127.0.0.1:${port + 2}`)
  assert.equal(answer.status, 503)
  assert.match(await answer.text(), /ServiceUnavailable.*moto/s)
  await lonely.close()
})

function note(answer: (call: Call) => unknown) {
  return (input: Input, call: Call): unknown => {
    asked.set(call.action, { input, call })
    return answer(call)
  }
}

function aws(...args: string[]): Promise<unknown> {
  return awsWith({}, ...args)
}

/** The real aws CLI against the gateway; fails with what it prints. */
async function awsWith(variables: Record<string, string>, ...args: string[]): Promise<unknown> {
  const answer = await awsCli(endpoint, args, { AWS_MAX_ATTEMPTS: '1', ...variables })
  return answer ? JSON.parse(answer) : undefined
}

/** A request that carries the local key's signature, as far as the gateway looks at it. */
function signed(
  path: string,
  headers: Record<string, string>,
  service: string,
  body?: string | Buffer<ArrayBuffer>,
  method = 'POST',
  base = endpoint,
): Promise<Response> {
  const authorization = authorizationOf(service)
  return fetch(base + path, { method, headers: { authorization, ...headers }, ...(body !== undefined && { body }) })
}

function authorizationOf(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
}
