import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { provideVirtualenvOnce } from '../cli/virtualenv.mts'
import { createKeys } from '../gateway/keys.ts'
import { type Gateway, startGateway } from '../gateway/server.ts'
import { awsCli } from './aws-cli.ts'
import { eventually, refusal } from './expectations.ts'
import { managed, openCloudFront } from './cloudfront-fixtures.ts'
import { loadBalance, startTarget, until } from './elb-fixtures.ts'

const port = 14_960
let gateway: Gateway
let balanced: Awaited<ReturnType<typeof loadBalance>>
let cloudFront: ReturnType<typeof openCloudFront>
let distributionId: string

before(async () => {
  await provideVirtualenvOnce()
  balanced = await loadBalance()
  cloudFront = openCloudFront()
  const distribution = await cloudFront.distributeServer(balanced.url.slice('http://'.length), {
    OriginRequestPolicyId: managed.allViewerExceptHost,
  })
  distributionId = distribution.id
  gateway = await startGateway({
    rooms: [balanced.elb.room, cloudFront.room],
    registry: { answer: (_, response) => void response.end(), holderOf: () => undefined },
    motoEndpoint: 'http://127.0.0.1:9',
    keys: createKeys(),
    status: () => ({}),
    hosts: ['127.0.0.1'],
    port,
    callLog: () => {},
  })
})

after(() => gateway.close())

async function aws<Output>(...args: string[]): Promise<Output> {
  return JSON.parse((await awsCli(`http://127.0.0.1:${port}`, args)) || '{}') as Output
}

describe('aws cloudfront', () => {
  it('lists distributions', async () => {
    const { DistributionList: list } = await aws<{
      DistributionList: { Items: { Id: string; DomainName: string; Origins: { Items: unknown[] } }[] }
    }>('cloudfront', 'list-distributions')
    assert.equal(list.Items[0]!.Id, distributionId)
    assert.match(list.Items[0]!.DomainName, /^127\.0\.0\.1:\d+$/)
    assert.equal(list.Items[0]!.Origins.Items.length, 1)
  })

  it('prints nothing where a distribution has no invalidation, as its pager does with the answer of AWS', async () => {
    const list = ['cloudfront', 'list-invalidations', '--distribution-id', distributionId]
    assert.equal(await awsCli(`http://127.0.0.1:${port}`, list), '')
    assert.equal(await awsCli(`http://127.0.0.1:${port}`, [...list, '--max-items', '1']), '')
  })

  it('invalidates, waits with its own waiter, and shows the invalidation', async () => {
    const of = ['--distribution-id', distributionId]
    interface Created {
      Location: string
      Invalidation: { Id: string; Status: string }
    }
    const created = await aws<Created>('cloudfront', 'create-invalidation', ...of, '--paths', '/*', '/index.html')
    assert.equal(created.Invalidation.Status, 'InProgress')
    assert.ok(created.Location.endsWith(`/invalidation/${created.Invalidation.Id}`))
    const id = ['--id', created.Invalidation.Id]
    interface Found {
      Invalidation: { Status: string; InvalidationBatch: { Paths: unknown } }
    }
    const find = async () => (await aws<Found>('cloudfront', 'get-invalidation', ...of, ...id)).Invalidation
    // the waiter asks every 20 s: let it find at once what it waits for
    await eventually('the invalidation is completed', async () => (await find()).Status === 'Completed')
    await aws('cloudfront', 'wait', 'invalidation-completed', ...of, ...id)
    const found = await find()
    assert.equal(found.Status, 'Completed')
    assert.deepEqual(found.InvalidationBatch.Paths, { Quantity: 2, Items: ['/*', '/index.html'] })
    const { InvalidationList } = await aws<{ InvalidationList: { Items: { Id: string }[] } }>(
      'cloudfront',
      'list-invalidations',
      ...of,
    )
    assert.equal(InvalidationList.Items[0]!.Id, created.Invalidation.Id)
  })

  const some = ['--distribution-id', 'ENONE']
  const refusals: [what: string, args: () => string[], words: RegExp][] = [
    [
      'an unknown distribution',
      () => ['create-invalidation', ...some, '--paths', '/*'],
      /\(NoSuchDistribution\).*: The specified distribution does not exist\.$/,
    ],
    ['an unknown action', () => ['get-distribution', '--id', 'ENONE'], /\(UnknownOperationException\)/],
    [
      'an unknown invalidation',
      () => ['get-invalidation', '--distribution-id', distributionId, '--id', 'INONE'],
      /\(NoSuchInvalidation\).*: The specified invalidation does not exist\.$/,
    ],
    [
      'a path without a slash',
      () => ['create-invalidation', '--distribution-id', distributionId, '--paths', 'index.html'],
      /\(InvalidArgument\).*: Your request contains one or more invalid invalidation paths\.$/,
    ],
  ]
  for (const [what, args, words] of refusals) {
    it(`refuses ${what} in the words of AWS`, async () => {
      assert.match((await refusal(aws('cloudfront', ...args()))).trim(), words)
    })
  }
})

describe('aws elbv2', () => {
  it('shows a target before, in and after its service, and its waiters find it', async () => {
    const registered = await startTarget((_, response) => response.end())
    const group = ['--target-group-arn', balanced.targetGroup.physicalId]
    const target = ['--targets', `Id=127.0.0.1,Port=${registered.port}`]
    const stateNow = async () => {
      const answer = await aws<{ TargetHealthDescriptions: { TargetHealth: Record<string, string> }[] }>(
        'elbv2',
        'describe-target-health',
        ...group,
        ...target,
      )
      return answer.TargetHealthDescriptions[0]!.TargetHealth
    }
    assert.deepEqual(await stateNow(), {
      State: 'unused',
      Reason: 'Target.NotRegistered',
      Description: 'Target is not registered to the target group',
    })
    // the waiters ask every 15 s: let each find at once what it waits for
    await balanced.serve(registered)
    await aws('elbv2', 'wait', 'target-in-service', ...group, ...target)
    assert.deepEqual(await stateNow(), { State: 'healthy' })
    await balanced.deregister(registered)
    await until(() => balanced.stateOf(registered) === undefined)
    await aws('elbv2', 'wait', 'target-deregistered', ...group, ...target)
  })

  it('refuses an unknown target group and an unknown action in the words of AWS', async () => {
    const none = aws('elbv2', 'describe-target-health', '--target-group-arn', 'arn:none')
    assert.match(await refusal(none), /\(TargetGroupNotFound\)/)
    assert.match(await refusal(aws('elbv2', 'describe-ssl-policies')), /\(InvalidAction\)/)
  })
})
