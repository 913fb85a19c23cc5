import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { exclusively } from '../cli/lock.mts'
import { provideVirtualenv, python } from '../cli/virtualenv.mts'
import { createKeys } from '../gateway/keys.ts'
import { startGateway } from '../gateway/server.ts'
import type { Gateway } from '../gateway/server.ts'
import { accessKeyId, secretAccessKey } from '../settings.ts'
import { managed, openCloudFront } from './cloudfront-fixtures.ts'
import { loadBalance, startTarget, until } from './elb-fixtures.ts'

const port = 14_960
let gateway: Gateway
let balanced: Awaited<ReturnType<typeof loadBalance>>
let cloudFront: ReturnType<typeof openCloudFront>
let distributionId: string

before(async () => {
  await exclusively(provideVirtualenv)
  balanced = await loadBalance()
  cloudFront = openCloudFront()
  const distribution = await cloudFront.distributeServer(balanced.url.slice('http://'.length), {
    OriginRequestPolicyId: managed.allViewerExceptHost,
  })
  distributionId = distribution.id
  gateway = await startGateway({
    rooms: [balanced.elb.room, cloudFront.room],
    registry: (_, response) => void response.end(),
    motoEndpoint: 'http://127.0.0.1:9',
    keys: createKeys(),
    status: () => ({}),
    hosts: ['127.0.0.1'],
    port,
    callLog: () => {},
  })
})

after(() => gateway.close())

/** The real CLI. Its output as JSON; nothing where it prints nothing. */
async function aws(...args: string[]): Promise<Record<string, never>> {
  const { stdout } = await promisify(execFile)(python, ['-m', 'awscli', ...args, '--output', 'json'], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      NO_PROXY: '127.0.0.1',
    },
  })
  return (stdout.trim() === '' ? {} : JSON.parse(stdout)) as Record<string, never>
}

async function refusal(...args: string[]): Promise<string> {
  try {
    await aws(...args)
  } catch (error) {
    return (error as { stderr: string }).stderr.trim()
  }
  return 'no error'
}

describe('aws cloudfront', () => {
  it('lists distributions', async () => {
    const { DistributionList: list } = (await aws('cloudfront', 'list-distributions')) as unknown as {
      DistributionList: { Items: { Id: string; DomainName: string; Origins: { Items: unknown[] } }[] }
    }
    assert.equal(list.Items[0]!.Id, distributionId)
    assert.match(list.Items[0]!.DomainName, /^127\.0\.0\.1:\d+$/)
    assert.equal(list.Items[0]!.Origins.Items.length, 1)
  })

  it('invalidates, waits with its own waiter, and shows the invalidation', async () => {
    const of = ['--distribution-id', distributionId]
    const created = (await aws(
      'cloudfront',
      'create-invalidation',
      ...of,
      '--paths',
      '/*',
      '/index.html',
    )) as unknown as {
      Location: string
      Invalidation: { Id: string; Status: string }
    }
    assert.equal(created.Invalidation.Status, 'InProgress')
    assert.ok(created.Location.endsWith(`/invalidation/${created.Invalidation.Id}`))
    const id = ['--id', created.Invalidation.Id]
    await aws('cloudfront', 'wait', 'invalidation-completed', ...of, ...id)
    const { Invalidation } = await aws('cloudfront', 'get-invalidation', ...of, ...id)
    const { Status, InvalidationBatch } = Invalidation as unknown as {
      Status: string
      InvalidationBatch: { Paths: unknown }
    }
    assert.equal(Status, 'Completed')
    assert.deepEqual(InvalidationBatch.Paths, { Quantity: 2, Items: ['/*', '/index.html'] })
    const { InvalidationList } = await aws('cloudfront', 'list-invalidations', ...of)
    assert.equal((InvalidationList as unknown as { Items: { Id: string }[] }).Items[0]!.Id, created.Invalidation.Id)
  })

  const refusals: [args: string[], words: RegExp][] = [
    [
      ['create-invalidation', '--distribution-id', 'ENONE', '--paths', '/*'],
      /\(NoSuchDistribution\).*: The specified distribution does not exist\.$/,
    ],
    [['get-distribution', '--id', 'ENONE'], /\(UnknownOperationException\)/],
  ]
  for (const [args, words] of refusals) {
    it(`refuses ${args.join(' ')} in AWS's words`, async () => {
      assert.match(await refusal('cloudfront', ...args), words)
    })
  }

  it("refuses an invalidation that is not there, and a path without a slash, in AWS's words", async () => {
    const of = ['--distribution-id', distributionId]
    assert.match(
      await refusal('cloudfront', 'get-invalidation', ...of, '--id', 'INONE'),
      /\(NoSuchInvalidation\).*: The specified invalidation does not exist\.$/,
    )
    assert.match(
      await refusal('cloudfront', 'create-invalidation', ...of, '--paths', 'index.html'),
      /\(InvalidArgument\).*: Your request contains one or more invalid invalidation paths\.$/,
    )
  })
})

describe('aws elbv2', () => {
  const names = ['--names', 'live-quiz']

  it('shows load balancer, listener and target group as they are', async () => {
    const { LoadBalancers } = (await aws('elbv2', 'describe-load-balancers', ...names)) as unknown as {
      LoadBalancers: { LoadBalancerArn: string; DNSName: string; State: { Code: string } }[]
    }
    const [loadBalancer] = LoadBalancers
    assert.equal(`http://${loadBalancer!.DNSName}`, balanced.url)
    assert.equal(loadBalancer!.State.Code, 'active')
    const ofLoadBalancer = ['--load-balancer-arn', loadBalancer!.LoadBalancerArn]
    const { Listeners } = (await aws('elbv2', 'describe-listeners', ...ofLoadBalancer)) as unknown as {
      Listeners: { ListenerArn: string; Port: number; DefaultActions: { TargetGroupArn: string }[] }[]
    }
    assert.equal(Listeners[0]!.Port, 80)
    assert.equal(Listeners[0]!.DefaultActions[0]!.TargetGroupArn, balanced.targetGroup.physicalId)
    const { TargetGroups } = (await aws('elbv2', 'describe-target-groups', ...ofLoadBalancer)) as unknown as {
      TargetGroups: { TargetGroupName: string; TargetType: string; HealthyThresholdCount: number }[]
    }
    assert.deepEqual(
      TargetGroups.map(({ TargetGroupName, TargetType, HealthyThresholdCount }) => [
        TargetGroupName,
        TargetType,
        HealthyThresholdCount,
      ]),
      [['tasks', 'ip', 2]],
    )
  })

  it('registers a target, waits until it is in service, and takes it out again', async () => {
    const registered = await startTarget((_, response) => response.end())
    const group = ['--target-group-arn', balanced.targetGroup.physicalId]
    const target = ['--targets', `Id=127.0.0.1,Port=${registered.port}`]
    const stateNow = async () => {
      const answer = await aws('elbv2', 'describe-target-health', ...group, ...target)
      return (answer as unknown as { TargetHealthDescriptions: { TargetHealth: Record<string, string> }[] })
        .TargetHealthDescriptions[0]!.TargetHealth
    }
    assert.deepEqual(await stateNow(), {
      State: 'unused',
      Reason: 'Target.NotRegistered',
      Description: 'Target is not registered to the target group',
    })
    await aws('elbv2', 'register-targets', ...group, ...target)
    // the waiters ask every 15 s: let each find at once what it waits for
    await until(() => balanced.stateOf(registered)?.state === 'healthy')
    await aws('elbv2', 'wait', 'target-in-service', ...group, ...target)
    assert.deepEqual(await stateNow(), { State: 'healthy' })
    await aws('elbv2', 'deregister-targets', ...group, ...target)
    await until(() => balanced.stateOf(registered) === undefined)
    await aws('elbv2', 'wait', 'target-deregistered', ...group, ...target)
  })

  const refusals: [args: string[], words: RegExp][] = [
    [
      ['describe-load-balancers', '--names', 'none'],
      /\(LoadBalancerNotFound\).*: Load balancers '\[none\]' not found$/,
    ],
    [['describe-target-groups', '--names', 'none'], /\(TargetGroupNotFound\).*: One or more target groups not found$/],
    [['describe-target-health', '--target-group-arn', 'arn:none'], /\(TargetGroupNotFound\)/],
    [['describe-listeners', '--load-balancer-arn', 'arn:none'], /\(LoadBalancerNotFound\)/],
    [['describe-ssl-policies'], /\(InvalidAction\)/],
  ]
  for (const [args, words] of refusals) {
    it(`refuses ${args.join(' ')} in AWS's words`, async () => {
      assert.match(await refusal('elbv2', ...args), words)
    })
  }
})
