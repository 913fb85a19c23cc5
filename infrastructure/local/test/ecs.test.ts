import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { IAM } from '@aws-sdk/client-iam'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { eventually, motoClient, refusal, registryHost, startWorld } from './ecs-world.ts'
import type { World } from './ecs-world.ts'

/** What the image does is chosen by the environment of its task definition. */
const program = `
import { createServer } from 'node:http'
const { MODE = 'good', RELEASE, ADMIN_SECRET, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL } = process.env
console.log('release ' + RELEASE)
console.log('secret ' + ADMIN_SECRET + ', endpoint ' + AWS_ENDPOINT_URL + ', temporary key ' + /^ASIA/.test(AWS_ACCESS_KEY_ID))
if (MODE === 'crash') { console.error('cannot go on'); process.exit(3) }
if (MODE === 'hungry') { const kept = []; for (;;) kept.push(Buffer.alloc(16 << 20, 1)) }
createServer((request, response) => {
  response.statusCode = MODE === 'sick' && request.url === '/health' ? 500 : 200
  response.end(RELEASE)
}).listen(3000)
const self = await (await fetch(process.env.ECS_CONTAINER_METADATA_URI_V4 + '/task')).json()
console.log('task ' + self.TaskARN + ' at ' + self.Containers[0].Networks[0].IPv4Addresses[0])
process.on('SIGTERM', () => { console.log('bye'); process.exit(0) })
`

interface Deployment {
  id: string
  status: string
  taskDefinition: string
  rolloutState: string
  rolloutStateReason: string
  failedTasks: number
  desiredCount: number
  runningCount: number
}
interface Service {
  status: string
  desiredCount: number
  runningCount: number
  pendingCount: number
  taskDefinition: string
  deployments: Deployment[]
  events: { message: string }[]
}
interface Task {
  taskArn: string
  lastStatus: string
  stopCode?: string
  stoppedReason?: string
  startedBy?: string
  containers: {
    imageDigest?: string
    exitCode?: number
    reason?: string
    networkInterfaces: { privateIpv4Address: string }[]
  }[]
}
interface ServiceDeployment {
  serviceDeploymentArn: string
  status: string
  statusReason?: string
  targetServiceRevisionArn: string
}

const cluster = 'live-quiz-cluster'
const name = 'websocket-service'
const family = 'websocket-task'
const repository = `${registryHost}/live-quiz-backend`
const where = ['--cluster', cluster, '--service', name]
const network = 'awsvpcConfiguration={subnets=[subnet-a,subnet-b],securityGroups=[sg-1]}'

let world: World
let secretArn: string
let targetGroupArn: string
let url: string
let digest: string

const logs = new CloudWatchLogs(motoClient)

before(async () => {
  world = await startWorld()
  const create = async (type: string, properties: Record<string, unknown>) =>
    world.elb.resourceTypes[`AWS::ElasticLoadBalancingV2::${type}`]!.create({
      stackName: 'Test',
      stackId: 'arn:aws:cloudformation:stack/Test',
      tags: {},
      logicalId: type,
      properties,
    })
  const loadBalancer = await create('LoadBalancer', { Name: 'live-quiz' })
  const targetGroup = await create('TargetGroup', {
    Name: 'tasks',
    TargetType: 'ip',
    Port: 3000,
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 5,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
  })
  targetGroupArn = targetGroup.physicalId
  await create('Listener', {
    LoadBalancerArn: loadBalancer.physicalId,
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
  })
  url = `http://${String(loadBalancer.attributes['DNSName'])}`

  await logs.createLogGroup({ logGroupName: '/ecs/live-quiz' })
  const iam = new IAM(motoClient)
  for (const RoleName of ['execution', 'task']) await iam.createRole({ RoleName, AssumeRolePolicyDocument: '{}' })
  const secret = await new SecretsManager(motoClient).createSecret({
    Name: 'admin',
    SecretString: JSON.stringify({ password: 'open sesame' }),
  })
  secretArn = secret.ARN!

  await world.ask('ecr', 'CreateRepository', { repositoryName: 'live-quiz-backend' })
  await world.login()
  await world.build(`${repository}:1`, program)
  await world.docker(['push', '--quiet', `${repository}:1`])
  const { imageDetails } = await world.ask<{ imageDetails: { imageDigest: string }[] }>('ecr', 'DescribeImages', {
    repositoryName: 'live-quiz-backend',
  })
  digest = imageDetails[0]!.imageDigest
})
after(() => world?.close())

interface Variant {
  mode?: string
  image?: string
  secret?: string
  logGroup?: string
  executionRole?: string
  architecture?: string
}

let release = 0

/** Registers a task definition, and returns `family:revision`. */
async function register(variant: Variant = {}): Promise<string> {
  release += 1
  const { image = `${repository}@${digest}`, mode = 'good', secret = `${secretArn}:password::` } = variant
  const { taskDefinition } = await world.ask<{ taskDefinition: { revision: number } }>(
    'ecs',
    'RegisterTaskDefinition',
    {
      family,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: `arn:aws:iam::000000000000:role/${variant.executionRole ?? 'execution'}`,
      taskRoleArn: 'arn:aws:iam::000000000000:role/task',
      ...(variant.architecture && { runtimePlatform: { cpuArchitecture: variant.architecture } }),
      containerDefinitions: [
        {
          name: 'websocket-server',
          image,
          stopTimeout: 5,
          portMappings: [{ containerPort: 3000 }],
          environment: [
            { name: 'MODE', value: mode },
            { name: 'RELEASE', value: String(release) },
          ],
          secrets: [{ name: 'ADMIN_SECRET', valueFrom: secret }],
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': variant.logGroup ?? '/ecs/live-quiz', 'awslogs-stream-prefix': 'ecs' },
          },
        },
      ],
    },
  )
  return `${family}:${taskDefinition.revision}`
}

async function service(): Promise<Service> {
  const { services } = await world.ask<{ services: Service[] }>('ecs', 'DescribeServices', {
    cluster,
    services: [name],
  })
  return services[0]!
}

async function tasks(filter: object): Promise<Task[]> {
  const { taskArns } = await world.ask<{ taskArns: string[] }>('ecs', 'ListTasks', { cluster, ...filter })
  return (await world.ask<{ tasks: Task[] }>('ecs', 'DescribeTasks', { cluster, tasks: taskArns })).tasks
}

const update = (taskDefinition: string, ...flags: string[]) =>
  world.aws`aws ecs update-service ${where} --task-definition ${taskDefinition} ${flags}`

const settled = (taskDefinition: string, seconds = 60): Promise<Service> =>
  eventually(
    `${taskDefinition} is deployed`,
    async () => {
      const now = await service()
      const [primary] = now.deployments
      const isMine = primary?.taskDefinition.endsWith(`/${taskDefinition}`) && primary.rolloutState === 'COMPLETED'
      return isMine && now.runningCount === now.desiredCount && now
    },
    seconds,
  )

const serviceDeployments = async (): Promise<ServiceDeployment[]> =>
  (
    await world.ask<{ serviceDeployments: ServiceDeployment[] }>('ecs', 'ListServiceDeployments', {
      cluster,
      service: name,
    })
  ).serviceDeployments

const said = (events: { message: string }[], pattern: RegExp): boolean =>
  events.some(({ message }) => pattern.test(message))

/** Deploys something that cannot work; resolves when the circuit breaker has brought the good release back. */
async function rolledBack(bad: string): Promise<{ last: Service; now: Service; stopped: Task[] }> {
  const last = await service()
  const good = last.taskDefinition.split('/')[1]!
  await update(bad)
  const failed = await eventually(`${bad} fails`, async () => {
    const now = await service()
    return now.deployments.some((deployment) => deployment.rolloutState === 'FAILED') && now
  })
  const gone = failed.deployments.find(({ rolloutState }) => rolloutState === 'FAILED')!
  assert.equal(gone.rolloutStateReason, 'ECS deployment circuit breaker: tasks failed to start.')
  // two tasks start at a time, and may fail at once
  assert.ok(gone.failedTasks >= 3)
  const now = await settled(good)
  const stopped = (await tasks({ desiredStatus: 'STOPPED' })).filter(({ startedBy }) => startedBy === gone.id)
  return { last, now, stopped }
}

describe('a service', () => {
  it('needs a cluster, a network and a target group that exist', async () => {
    const definition = await register()
    const create = (...flags: string[]) =>
      world.aws`aws ecs create-service --cluster ${cluster} --service-name ${name} --task-definition ${definition} --launch-type FARGATE ${flags}`
    assert.match(await refusal(create()), /\(ClusterNotFoundException\).*Cluster not found/)
    await world.aws`aws ecs create-cluster --cluster-name ${cluster}`
    assert.match(await refusal(create()), /\(InvalidParameterException\).*Network Configuration must be provided/)
    const nowhere = `targetGroupArn=${targetGroupArn}0,containerName=websocket-server,containerPort=3000`
    const blocked = 'maximumPercent=100,minimumHealthyPercent=100'
    assert.match(await refusal(create('--deployment-configuration', blocked)), /will block deployments/)
    assert.match(
      await refusal(create('--network-configuration', network, '--load-balancers', nowhere)),
      /\(InvalidParameterException\)/,
    )
  })

  it('starts its tasks behind the load balancer and reaches a steady state', async () => {
    const loadBalancer = `targetGroupArn=${targetGroupArn},containerName=websocket-server,containerPort=3000`
    const breaker = 'deploymentCircuitBreaker={enable=true,rollback=true}'
    await world.aws`aws ecs create-service --cluster ${cluster} --service-name ${name} --task-definition ${family} --desired-count 2 --launch-type FARGATE --network-configuration ${network} --load-balancers ${loadBalancer} --deployment-configuration ${breaker}`
    const now = await settled(`${family}:1`)
    assert.equal(await (await fetch(url)).text(), '1')
    assert.deepEqual(
      now.events.map(({ message }) =>
        message.replaceAll(/\(task \w+\)/g, '(task)').replaceAll(/ecs-svc\/\d{19}/g, 'ecs-svc/N'),
      ),
      [
        `(service ${name}) has reached a steady state.`,
        `(service ${name}) (deployment ecs-svc/N) deployment completed.`,
        `(service ${name}) registered 1 targets in (target-group ${targetGroupArn})`,
        `(service ${name}) registered 1 targets in (target-group ${targetGroupArn})`,
        `(service ${name}) has started 2 tasks: (task) (task).`,
      ],
    )
    assert.match(now.deployments[0]!.rolloutStateReason, /^ECS deployment ecs-svc\/\d{19} completed\.$/)
    await world.aws`aws ecs wait services-stable --cluster ${cluster} --services ${name}`
  })

  it('runs the pushed image, and its containers can be reached at the tasks’ addresses', async () => {
    const running = await tasks({ serviceName: name })
    assert.equal(running.length, 2)
    for (const { containers } of running) {
      assert.equal(containers[0]?.imageDigest, digest)
      const address = containers[0].networkInterfaces[0]?.privateIpv4Address
      assert.equal((await fetch(`http://${address}:3000/health`)).status, 200)
    }
  })

  it('has its containers’ output in CloudWatch Logs; they have their secret, their role, the way to AWS and word of where they are', async () => {
    const [task] = await tasks({ serviceName: name })
    const logStreamName = `ecs/websocket-server/${task!.taskArn.split('/').at(-1)}`
    const lines = await eventually('the log arrives', async () => {
      const { events = [] } = await logs.getLogEvents({
        logGroupName: '/ecs/live-quiz',
        logStreamName,
        startFromHead: true,
      })
      return events.length >= 3 && events.map(({ message }) => message)
    })
    assert.equal(lines[0], 'release 1')
    assert.match(lines[1]!, /^secret open sesame, endpoint http:\/\/\d+\.\d+\.\d+\.\d+:14800, temporary key true$/)
    const address = task!.containers[0]!.networkInterfaces[0]!.privateIpv4Address
    assert.equal(lines[2], `task ${task!.taskArn} at ${address}`)
  })
})

describe('a deployment', () => {
  it('replaces the tasks without a failed request, the old ones after they were drained', async () => {
    const definition = await register()
    let failures = 0
    let requests = 0
    const loop = setInterval(() => {
      requests += 1
      fetch(url).then(
        (response) => void (failures += Number(!response.ok)),
        () => (failures += 1),
      )
    }, 20)
    await update(definition)
    const now = await settled(definition)
    clearInterval(loop)
    assert.ok(requests > 20)
    assert.equal(failures, 0)
    assert.equal(await (await fetch(url)).text(), String(release))

    const sentences = [/has begun draining connections/, /deregistered 1 targets/, /has stopped 1 running tasks/]
    for (const sentence of sentences) assert.ok(said(now.events, sentence), String(sentence))
    const old = await tasks({ desiredStatus: 'STOPPED' })
    assert.equal(old.length, 2)
    for (const task of old) {
      assert.equal(task.stopCode, 'ServiceSchedulerInitiated')
      assert.match(task.stoppedReason!, /^Scaling activity initiated by \(deployment ecs-svc\/\d+\)$/)
      assert.equal(task.containers[0]?.exitCode, 0)
      const logStreamName = `ecs/websocket-server/${task.taskArn.split('/').at(-1)}`
      const { events } = await logs.getLogEvents({ logGroupName: '/ecs/live-quiz', logStreamName })
      assert.equal(events?.at(-1)?.message, 'bye')
    }
    assert.equal((await serviceDeployments())[0]?.status, 'SUCCESSFUL')
  })

  it('of a crashing image is rolled back by the circuit breaker', async () => {
    const { last, now, stopped } = await rolledBack(await register({ mode: 'crash' }))
    assert.equal(now.deployments.length, 1)
    assert.equal(now.deployments[0]!.id, last.deployments[0]!.id)
    assert.ok(said(now.events, /\(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\.$/))
    assert.ok(said(now.events, new RegExp(`rolling back to deployment ${last.deployments[0]!.id}\\.$`)))
    const crashed = stopped.filter(({ stopCode }) => stopCode === 'EssentialContainerExited')
    assert.ok(crashed.length >= 3)
    for (const task of crashed) {
      assert.equal(task.stoppedReason, 'Essential container in task exited')
      assert.equal(task.containers[0]?.exitCode, 3)
    }
    assert.equal(await (await fetch(url)).text(), last.taskDefinition.split(':').at(-1))

    const [mine] = await serviceDeployments()
    assert.equal(mine?.status, 'ROLLBACK_SUCCESSFUL')
    assert.match(mine.statusReason!, /circuit breaker threshold was exceeded\.$/)
    const { serviceDeployments: described } = await world.aws<{
      serviceDeployments: { deploymentCircuitBreaker: { status: string; threshold: number } }[]
    }>`aws ecs describe-service-deployments --service-deployment-arns ${mine.serviceDeploymentArn}`
    const { status, threshold } = described[0]!.deploymentCircuitBreaker
    assert.deepEqual([status, threshold], ['TRIGGERED', 3])
    const { serviceRevisions } = await world.aws<{
      serviceRevisions: { taskDefinition: string }[]
    }>`aws ecs describe-service-revisions --service-revision-arns ${mine.targetServiceRevisionArn}`
    assert.equal(serviceRevisions[0]?.taskDefinition.split(':').at(-1), String(release))
  })

  const failures: [name: string, variant: () => Variant, reason: RegExp][] = [
    [
      'of a tag that was never pushed',
      () => ({ image: `${repository}:none` }),
      /^CannotPullContainerError: pull image manifest has been retried 1 time\(s\): failed to resolve ref .*\/live-quiz-backend:none: .*: not found$/,
    ],
    [
      'for another architecture',
      () => ({ architecture: process.arch === 'arm64' ? 'X86_64' : 'ARM64' }),
      /^CannotPullContainerError: .*image Manifest does not contain descriptor matching platform 'linux\/\w+'$/,
    ],
    [
      'with a missing secret',
      () => ({ secret: `${secretArn}x` }),
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*ResourceNotFoundException: Secrets Manager can't find the specified secret/,
    ],
    [
      'with a secret that lacks the member',
      () => ({ secret: `${secretArn}:pin::` }),
      /^ResourceInitializationError: .*did not contain json key pin$/,
    ],
    [
      'with a missing log group',
      () => ({ logGroup: '/ecs/none' }),
      /^ResourceInitializationError: failed to validate logger args: .*The specified log group does not exist/,
    ],
    [
      'with a missing role',
      () => ({ executionRole: 'none' }),
      /^ECS was unable to assume the role 'arn:aws:iam::000000000000:role\/none'/,
    ],
  ]
  for (const [what, variant, reason] of failures) {
    it(`${what} is rolled back with AWS’s reason`, async () => {
      const { now, stopped } = await rolledBack(await register(variant()))
      const failed = stopped.filter(({ stopCode }) => stopCode === 'TaskFailedToStart')
      assert.ok(failed.length >= 3)
      for (const task of failed) assert.match(task.stoppedReason!, reason)
      assert.ok(said(now.events, /was unable to place a task\. Reason: /))
    })
  }

  it('of an unhealthy image is rolled back, and says which target group found it so', async () => {
    const { now, stopped } = await rolledBack(await register({ mode: 'sick' }))
    const judged = stopped.filter(({ stoppedReason }) => stoppedReason?.startsWith('Task failed'))
    assert.ok(judged.length >= 3)
    for (const task of judged) {
      assert.equal(task.stopCode, 'ServiceSchedulerInitiated')
      assert.equal(task.stoppedReason, `Task failed ELB health checks in (target-group ${targetGroupArn})`)
    }
    const group = targetGroupArn.replaceAll('/', '\\/')
    const sentence = new RegExp(
      `\\(task \\w+\\) \\(port 3000\\) is unhealthy in \\(target-group ${group}\\) due to \\(reason Health checks failed with these codes: \\[500\\]\\)`,
    )
    assert.ok(said(now.events, sentence))
  })

  it('of a task that needs more memory than it has tells so', async () => {
    const { stopped } = await rolledBack(await register({ mode: 'hungry' }))
    const crashed = stopped.filter(({ stopCode }) => stopCode === 'EssentialContainerExited')
    assert.ok(crashed.length >= 3)
    for (const { containers } of crashed) {
      assert.equal(containers[0]?.exitCode, 137)
      assert.equal(containers[0].reason, 'OutOfMemoryError: Container killed due to memory usage')
    }
  })

  it('is superseded by a newer one', async () => {
    const [first, second] = [await register({ mode: 'sick' }), await register()]
    await update(first)
    await update(second)
    const now = await settled(second)
    assert.equal(now.deployments.length, 1)
    const [last, stopped] = await serviceDeployments()
    assert.deepEqual([last?.status, stopped?.status], ['SUCCESSFUL', 'STOPPED'])
  })

  it('can be stopped, which rolls it back; a finished one cannot', async () => {
    const good = (await service()).taskDefinition.split('/')[1]!
    await update(await register({ mode: 'sick' }))
    const [current] = await serviceDeployments()
    const stop = () =>
      world.aws`aws ecs stop-service-deployment --service-deployment-arn ${current!.serviceDeploymentArn}`
    await stop()
    await settled(good)
    assert.equal((await serviceDeployments())[0]?.status, 'ROLLBACK_SUCCESSFUL')
    assert.match(await refusal(stop()), /\(ConflictException\)/)
  })

  it('of the same task definition happens only when it is forced', async () => {
    const { taskDefinition, deployments } = await service()
    const definition = taskDefinition.split('/')[1]!
    await update(definition)
    assert.equal((await service()).deployments[0]?.id, deployments[0]?.id)
    await update(definition, '--force-new-deployment')
    assert.notEqual((await service()).deployments[0]?.id, deployments[0]?.id)
    await settled(definition)
  })

  it('of an unknown or deregistered task definition is refused', async () => {
    assert.match(await refusal(update(`${family}:999`)), /\(ClientException\).*TaskDefinition not found/)
    const definition = await register()
    await world.aws`aws ecs deregister-task-definition --task-definition ${definition}`
    assert.match(await refusal(update(definition)), /\(ClientException\).*TaskDefinition is inactive/)
  })
})

describe('tasks', () => {
  it('that are killed are replaced', async () => {
    const [victim] = await tasks({ serviceName: name })
    const id = victim!.taskArn.split('/').at(-1)!
    const containers = (await world.containers()).split('\n')
    await world.docker(['kill', containers.find((container) => container.endsWith(id))!])
    await eventually('the task is replaced', async () => {
      const running = await tasks({ serviceName: name })
      return (
        running.length === 2 &&
        running.every((task) => task.taskArn !== victim!.taskArn && task.lastStatus === 'RUNNING')
      )
    })
    await eventually('a steady state', async () =>
      (await service()).events[0]?.message.endsWith('has reached a steady state.'),
    )
  })

  it('can be stopped by hand, and are replaced too', async () => {
    const [victim] = await tasks({ serviceName: name })
    await world.aws`aws ecs stop-task --cluster ${cluster} --task ${victim!.taskArn} --reason ${'just so'}`
    const stopped = await eventually('it stops', async () => {
      const found = (await tasks({ desiredStatus: 'STOPPED' })).find(({ taskArn }) => taskArn === victim!.taskArn)
      return found?.lastStatus === 'STOPPED' && found
    })
    assert.deepEqual([stopped.stopCode, stopped.stoppedReason], ['UserInitiated', 'just so'])
  })

  it('become more and fewer with the desired count, without a deployment', async () => {
    const [deployment] = (await service()).deployments
    for (const count of [3, 1]) {
      await world.aws`aws ecs update-service ${where} --desired-count ${String(count)}`
      await eventually(`${count} tasks`, async () => {
        const now = await service()
        return (
          now.runningCount === count &&
          now.pendingCount === 0 &&
          (await world.containers()).split('\n').length === count
        )
      })
      assert.equal((await service()).deployments[0]?.id, deployment?.id)
    }
  })

  it('can be run on their own', async () => {
    const definition = await register({ mode: 'crash' })
    const environment = [{ name: 'MODE', value: 'good' }]
    const overrides = JSON.stringify({ containerOverrides: [{ name: 'websocket-server', environment }] })
    const { tasks: started } = await world.aws<{
      tasks: Task[]
    }>`aws ecs run-task --cluster ${cluster} --task-definition ${definition} --network-configuration ${network} --overrides ${overrides}`
    const arn = started[0]!.taskArn
    await world.aws`aws ecs wait tasks-running --cluster ${cluster} --tasks ${arn}`
    await world.aws`aws ecs stop-task --cluster ${cluster} --task ${arn}`
    await world.aws`aws ecs wait tasks-stopped --cluster ${cluster} --tasks ${arn}`
  })
})

describe('deleting', () => {
  it('a cluster is refused while a service lives', async () => {
    assert.match(
      await refusal(world.aws`aws ecs delete-cluster --cluster ${cluster}`),
      /\(ClusterContainsServicesException\).*The Cluster cannot be deleted while Services are active/,
    )
  })

  it('a service is refused while it has tasks, unless forced; then it drains and becomes inactive', async () => {
    assert.match(
      await refusal(world.aws`aws ecs delete-service ${where}`),
      /\(InvalidParameterException\).*The service cannot be stopped while it is scaled above 0/,
    )
    const { service: draining } = await world.aws<{ service: Service }>`aws ecs delete-service ${where} --force`
    assert.equal(draining.status, 'DRAINING')
    assert.match(await refusal(update(family)), /\(ServiceNotActiveException\)/)
    await world.aws`aws ecs wait services-inactive --cluster ${cluster} --services ${name}`
    assert.deepEqual((await service()).deployments, [])
  })

  it('leaves no container', async () => {
    await world.aws`aws ecs delete-cluster --cluster ${cluster}`
    assert.equal(await world.containers(), '')
  })
})
