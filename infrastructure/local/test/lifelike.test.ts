import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/* Life-like timings, asked for as `make local-up` is asked for them: what is quick by default takes its time. */
process.env['LOCAL_AWS_PORT'] = '15900'
process.env['LOCAL_AWS_TIMINGS'] = 'lifelike'
const { endpoint, motoEndpoint, port } = await import('../settings.ts')
const { provideVirtualenvOnce } = await import('../cli/virtualenv.mts')
const { createCloudFront } = await import('../cloudfront/room.ts')
const { createEcr } = await import('../ecr/room.ts')
const { createEcs } = await import('../ecs/room.ts')
const { createElb } = await import('../elb/room.ts')
const { createKeys } = await import('../gateway/keys.ts')
const { startGateway } = await import('../gateway/server.ts')
const { awsCli } = await import('./aws-cli.ts')
const { eventually } = await import('./expectations.ts')
const { openWebSocket, stack, startEcho, startTarget, until } = await import('./elb-fixtures.ts')

const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
const elb = createElb()
const cloudFront = createCloudFront({ s3Endpoint: motoEndpoint })
const ecr = createEcr({ directory: join(directory, 'ecr') })
const ecs = createEcs({ ecr, targets: elb.targets, taskEndpoint: endpoint })
const types = { ...elb.resourceTypes, ...cloudFront.resourceTypes, ...ecs.resourceTypes }
const create = async (type: string, properties: Record<string, unknown>) =>
  types[type]!.create({ ...stack, logicalId: type.split('::')[2]!, properties })

async function aws<Output>(...args: string[]): Promise<Output> {
  return JSON.parse(await awsCli(endpoint, args)) as Output
}

let gateway: Awaited<ReturnType<typeof startGateway>>
before(async () => {
  await provideVirtualenvOnce()
  gateway = await startGateway({
    rooms: [elb.room, cloudFront.room, ecs.room],
    registry: ecr.registry,
    // nothing here is moto's
    motoEndpoint,
    keys: createKeys(),
    status: () => ({}),
    hosts: ['127.0.0.1'],
    port,
    callLog: () => {},
  })
})
after(async () => {
  for (const room of [gateway, ecs, elb, cloudFront]) await room?.close()
  rmSync(directory, { recursive: true })
})

/** A load balancer in front of one target group; their address and ARN. */
async function balance(name: string, attributes: Record<string, string> = {}) {
  const loadBalancer = await create('AWS::ElasticLoadBalancingV2::LoadBalancer', { Name: name })
  const { physicalId: arn } = await create('AWS::ElasticLoadBalancingV2::TargetGroup', {
    Name: name,
    TargetType: 'ip',
    Port: 3000,
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 3,
    TargetGroupAttributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
  })
  await create('AWS::ElasticLoadBalancingV2::Listener', {
    LoadBalancerArn: loadBalancer.physicalId,
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
  })
  return { arn, url: `http://${String(loadBalancer.attributes['DNSName'])}` }
}

describe('with life-like timings', { concurrency: true }, () => {
  it('a target is checked as often as its group says', async () => {
    const { arn } = await balance('checked')
    const { server, ...target } = await startTarget(() => {})
    const checks: number[] = []
    server.on('request', () => checks.push(Date.now()))
    elb.targets.register(arn, target)
    await until(() => checks.length >= 2)
    assert.ok(checks[1]! - checks[0]! >= 2_000, `checked again after ${checks[1]! - checks[0]!} ms`)
  })

  it('a WebSocket of a deregistered target lives as long as its group says', async () => {
    const { arn, url } = await balance('drained', { 'deregistration_delay.timeout_seconds': '3' })
    const target = await startEcho('old')
    elb.targets.register(arn, target)
    await until(() => elb.targets.health(arn)[0]?.state === 'healthy')
    const socket = await openWebSocket(url)
    const closed = once(socket, 'close')
    const begun = Date.now()
    void elb.targets.deregister(arn, target)
    await closed
    assert.ok(Date.now() - begun >= 2_900, `closed after ${Date.now() - begun} ms`)
  })

  it('an invalidation stays InProgress', async () => {
    const { physicalId: id } = await create('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Enabled: true,
        Origins: [{ Id: 'a', DomainName: 'a.test', CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } }],
        DefaultCacheBehavior: { TargetOriginId: 'a', CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad' },
      },
    })
    interface Answer {
      Invalidation: { Id: string; Status: string }
    }
    const of = ['--distribution-id', id]
    const { Invalidation } = await aws<Answer>('cloudfront', 'create-invalidation', ...of, '--paths', '/*')
    await sleep(1_500)
    const later = await aws<Answer>('cloudfront', 'get-invalidation', ...of, '--id', Invalidation.Id)
    assert.equal(later.Invalidation.Status, 'InProgress')
  })

  it('a task is PROVISIONING for a while', async () => {
    await create('AWS::ECS::Cluster', { ClusterName: 'quiz' })
    const size = ['--requires-compatibilities', 'FARGATE', '--network-mode', 'awsvpc', '--cpu', '256']
    const container = ['--memory', '512', '--container-definitions', '[{"name":"web","image":"web"}]']
    await aws('ecs', 'register-task-definition', '--family', 'web', ...size, ...container)
    const network = ['--network-configuration', 'awsvpcConfiguration={subnets=[subnet-a]}']
    const of = ['--cluster', 'quiz']
    const runs = ['--service-name', 'web', '--task-definition', 'web', '--desired-count', '1']
    await aws('ecs', 'create-service', ...of, ...runs, ...network)
    const begun = await eventually('a task is there', async () => {
      const { taskArns } = await aws<{ taskArns: string[] }>('ecs', 'list-tasks', ...of)
      return taskArns[0]
    })
    await sleep(200)
    const { tasks } = await aws<{ tasks: { lastStatus: string }[] }>('ecs', 'describe-tasks', ...of, '--tasks', begun)
    assert.equal(tasks[0]!.lastStatus, 'PROVISIONING')
  })
})
