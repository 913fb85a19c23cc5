import assert from 'node:assert/strict'
import { after } from 'node:test'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { IAM } from '@aws-sdk/client-iam'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { motoClient, registryHost, startWorld, type EcsWorld } from '../ecs-world.ts'
import { eventually } from '../expectations.ts'

/*
 * A service behind a load balancer: what the tests of ECS deploy to. The end of the file that imports this takes the world
 * away.
 */

/** What the image does is chosen by the environment of its task definition. */
const program = `
import { createServer } from 'node:http'
const { MODE = 'good', RELEASE, ADMIN_SECRET, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL } = process.env
console.log('release ' + RELEASE)
console.log('secret ' + ADMIN_SECRET + ', endpoint ' + AWS_ENDPOINT_URL)
if (MODE === 'crash') { console.error('cannot continue'); process.exit(3) }
if (MODE === 'hungry') { const kept = []; for (;;) kept.push(Buffer.alloc(16 << 20, 1)) }
const listeningSince = Date.now()
const isWell = () => MODE !== 'sick' && (MODE !== 'late' || Date.now() - listeningSince > 3000)
createServer((request, response) => {
  response.statusCode = request.url === '/health' && !isWell() ? 500 : 200
  setTimeout(() => response.end(RELEASE), request.url === '/slow' ? 300 : 0)
}).listen(3000)
const self = await (await fetch(process.env.ECS_CONTAINER_METADATA_URI_V4 + '/task')).json()
console.log('task ' + self.TaskARN + ' at ' + self.Containers[0].Networks[0].IPv4Addresses[0])
process.on('SIGTERM', () => { console.log('bye'); if (MODE !== 'stubborn') process.exit(0) })
const scope = AWS_ACCESS_KEY_ID + '/20260101/us-east-1/sts/aws4_request'
const caller = await fetch(AWS_ENDPOINT_URL, {
  method: 'POST',
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
  headers: { authorization: 'AWS4-HMAC-SHA256 Credential=' + scope + ', SignedHeaders=host, Signature=0' },
})
console.log('as ' + /<Arn>(.*)<.Arn>/.exec(await caller.text())[1])
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
export interface DescribedService {
  status: string
  desiredCount: number
  runningCount: number
  pendingCount: number
  taskDefinition: string
  deployments: Deployment[]
  events: { message: string; createdAt: Date }[]
}
export interface DescribedTask {
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
export interface DescribedServiceDeployment {
  serviceDeploymentArn: string
  status: string
  statusReason?: string
  targetServiceRevisionArn: string
}

export const cluster = 'live-quiz-cluster'
export const name = 'websocket-service'
export const family = 'websocket-task'
export const repository = `${registryHost}/live-quiz-backend`
export const where = ['--cluster', cluster, '--service', name]
export const network = 'awsvpcConfiguration={subnets=[subnet-a,subnet-b],securityGroups=[sg-1]}'

export let world: EcsWorld
export let secretArn: string
export let targetGroupArn: string
export let url: string
export let digest: string

export const logs = new CloudWatchLogs(motoClient)

export async function openWorld(): Promise<void> {
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
  const secret = await new SecretsManager(motoClient).createSecret({ Name: 'admin', SecretString: 'open sesame' })
  secretArn = secret.ARN!

  await world.ask('ecr', 'CreateRepository', { repositoryName: 'live-quiz-backend' })
  await world.login()
  await world.build(`${repository}:1`, program)
  await world.docker(['push', '--quiet', `${repository}:1`])
  const { imageDetails } = await world.ask<{ imageDetails: { imageDigest: string }[] }>('ecr', 'DescribeImages', {
    repositoryName: 'live-quiz-backend',
  })
  digest = imageDetails[0]!.imageDigest
}
after(() => world?.close())

export interface Variant {
  mode?: string
  image?: string
  secret?: string
  logGroup?: string
  executionRole?: string
  architecture?: string
  /** Seconds. */
  stopTimeout?: number
}

/** Of the last task definition that was registered. */
export let release = 0

/** What RegisterTaskDefinition takes. */
export function definitionOf(image: string, environment: Record<string, string>, variant: Variant = {}) {
  return {
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
        stopTimeout: variant.stopTimeout ?? 5,
        portMappings: [{ containerPort: 3000 }],
        environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
        secrets: [{ name: 'ADMIN_SECRET', valueFrom: variant.secret ?? secretArn }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': variant.logGroup ?? '/ecs/live-quiz',
            'awslogs-region': 'us-east-1',
            'awslogs-stream-prefix': 'ecs',
          },
        },
      },
    ],
  }
}

/** Registers a task definition, and returns `family:revision`. */
export async function register(variant: Variant = {}): Promise<string> {
  release += 1
  const { image = `${repository}@${digest}`, mode = 'good' } = variant
  const environment = { MODE: mode, RELEASE: String(release) }
  const { taskDefinition } = await world.ask<{ taskDefinition: { revision: number } }>(
    'ecs',
    'RegisterTaskDefinition',
    definitionOf(image, environment, variant),
  )
  return `${family}:${taskDefinition.revision}`
}

/** Creates the service of two tasks, with a circuit breaker that rolls back, and resolves when they run. */
export async function startService(taskDefinition: string): Promise<DescribedService> {
  const loadBalancer = `targetGroupArn=${targetGroupArn},containerName=websocket-server,containerPort=3000`
  const breaker = 'deploymentCircuitBreaker={enable=true,rollback=true}'
  await world.aws`aws ecs create-service --cluster ${cluster} --service-name ${name} --task-definition ${taskDefinition} --desired-count 2 --launch-type FARGATE --network-configuration ${network} --load-balancers ${loadBalancer} --deployment-configuration ${breaker}`
  return settled(taskDefinition)
}

const clusterRequest = {
  stackName: 'Test',
  stackId: 'arn:aws:cloudformation:stack/Test',
  tags: {},
  logicalId: 'Cluster',
  properties: { ClusterName: cluster },
}

/** As CloudFormation does it. */
export async function createCluster(): Promise<void> {
  await world.ecs.resourceTypes['AWS::ECS::Cluster']!.create(clusterRequest)
}

export async function deleteCluster(): Promise<void> {
  await world.ecs.resourceTypes['AWS::ECS::Cluster']!.delete({ physicalId: cluster, attributes: {} }, {})
}

/** The cluster and a service that runs. */
export async function createService(): Promise<void> {
  await createCluster()
  await startService(await register())
}

export async function removeService(): Promise<void> {
  await world.ask('ecs', 'DeleteService', { cluster, service: name, force: true })
  await eventually('the service is gone', async () => (await service()).status === 'INACTIVE')
}

export async function service(): Promise<DescribedService> {
  const { services } = await world.ask<{ services: DescribedService[] }>('ecs', 'DescribeServices', {
    cluster,
    services: [name],
  })
  return services[0]!
}

export async function tasks(filter: object): Promise<DescribedTask[]> {
  const { taskArns } = await world.ask<{ taskArns: string[] }>('ecs', 'ListTasks', { cluster, ...filter })
  return (await world.ask<{ tasks: DescribedTask[] }>('ecs', 'DescribeTasks', { cluster, tasks: taskArns })).tasks
}

const runningTasks = async (): Promise<string[]> => (await tasks({})).map(({ taskArn }) => taskArn).toSorted()

/** What UpdateService answers, without the second that the CLI takes. */
export const update = (taskDefinition: string, settings: object = {}) =>
  world.ask<{ service: DescribedService }>('ecs', 'UpdateService', {
    cluster,
    service: name,
    taskDefinition,
    ...settings,
  })

export const settled = (taskDefinition: string, seconds = 60): Promise<DescribedService> =>
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

export const serviceDeployments = async (): Promise<DescribedServiceDeployment[]> =>
  (
    await world.ask<{ serviceDeployments: DescribedServiceDeployment[] }>('ecs', 'ListServiceDeployments', {
      cluster,
      service: name,
    })
  ).serviceDeployments

export const hasEvent = (events: { message: string }[], pattern: RegExp): boolean =>
  events.some(({ message }) => pattern.test(message))

/** Deploys something that cannot work; resolves when the circuit breaker has ended it, and the same tasks run as before. */
export async function rolledBack(
  bad: string,
): Promise<{ last: DescribedService; now: DescribedService; stopped: DescribedTask[] }> {
  const last = await service()
  const good = last.taskDefinition.split('/')[1]!
  const running = await runningTasks()
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
  assert.deepEqual(await runningTasks(), running)
  const stopped = (await tasks({ desiredStatus: 'STOPPED' })).filter(({ startedBy }) => startedBy === gone.id)
  return { last, now, stopped }
}
