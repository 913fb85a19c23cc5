import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../expectations.ts'
import type { FidelityWorld } from './world.ts'

const service = 'websocket-service'
const family = 'websocket-task-local'

/** Runs a service behind the stack's load balancer. */
export function ecsTests(world: FidelityWorld): void {
  const { valid, refused, made } = world

  test('ECS: task definitions', async () => {
    await valid('ecs', 'RegisterTaskDefinition', { ...definition(), tags: [{ key: 'project', value: 'live-quiz' }] })
    await valid('ecs', 'RegisterTaskDefinition', definition())
    await valid('ecs', 'DescribeTaskDefinition', { taskDefinition: `${family}:1`, include: ['TAGS'] })
    await valid('ecs', 'ListTaskDefinitions', { familyPrefix: family, sort: 'DESC' })
    const missing = { taskDefinition: 'missing' }
    assert.match(await refused('ecs', 'DescribeTaskDefinition', missing), /^ClientException: /)
    const noMemory = { ...definition(), memory: '1' }
    assert.match(await refused('ecs', 'RegisterTaskDefinition', noMemory), /^ClientException: /)
  })

  test('ECS: a service that becomes steady behind the load balancer', async () => {
    await valid('ecs', 'CreateService', {
      cluster: made.cluster,
      serviceName: service,
      taskDefinition: family,
      desiredCount: 1,
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      networkConfiguration: network(),
      loadBalancers: [{ targetGroupArn: made.outputs.TargetGroupArn, containerName: 'app', containerPort: 3000 }],
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: true, rollback: true },
        alarms: { alarmNames: ['errors'], enable: true, rollback: true },
        minimumHealthyPercent: 100,
        maximumPercent: 200,
      },
      healthCheckGracePeriodSeconds: 30,
      tags: [{ key: 'project', value: 'live-quiz' }],
      propagateTags: 'SERVICE',
      enableECSManagedTags: true,
    })
    await valid('elbv2', 'DescribeTargetHealth', { TargetGroupArn: made.outputs.TargetGroupArn })
    await steady()
    await valid('ecs', 'DescribeServices', { cluster: made.cluster, services: [service, 'missing'], include: ['TAGS'] })
    const { taskArns } = await valid<{ taskArns: string[] }>('ecs', 'ListTasks', {
      cluster: made.cluster,
      serviceName: service,
    })
    await valid('ecs', 'DescribeTasks', { cluster: made.cluster, tasks: [...taskArns, 'missing'], include: ['TAGS'] })
    await describedDeployments()
  })

  test('ECS: an update', async () => {
    await valid('ecs', 'UpdateService', { cluster: made.cluster, service, taskDefinition: `${family}:1` })
    await describedDeployments()
    await steady()
    const { taskArns } = await valid<{ taskArns: string[] }>('ecs', 'ListTasks', {
      cluster: made.cluster,
      desiredStatus: 'STOPPED',
    })
    assert.ok(taskArns.length > 0)
    await valid('ecs', 'DescribeTasks', { cluster: made.cluster, tasks: taskArns })
    await valid('ecs', 'UpdateService', { cluster: made.cluster, service, forceNewDeployment: true, desiredCount: 2 })
    await steady()
    await describedDeployments()
  })

  test('ECS: what it refuses, it refuses with the errors of the operation', async () => {
    for (const [operation, input] of [
      ['CreateService', { serviceName: service, taskDefinition: family }],
      ['UpdateService', { service }],
      ['DeleteService', { service }],
      ['ListTasks', {}],
    ] as const) {
      const lost = { ...input, cluster: 'missing' }
      assert.match(await refused('ecs', operation, lost), /^ClusterNotFoundException: /)
    }
    const absent = { cluster: made.cluster, service: 'missing' }
    for (const operation of ['UpdateService', 'DeleteService', 'ListServiceDeployments'] as const) {
      assert.match(await refused('ecs', operation, absent), /^ServiceNotFoundException: /)
    }
    assert.match(
      await refused('ecs', 'DeleteService', { cluster: made.cluster, service }),
      /^InvalidParameterException: /,
    )
  })

  function definition() {
    return {
      family,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
      executionRoleArn: made.outputs.TaskExecutionRoleArn,
      taskRoleArn: made.outputs.TaskRoleArn,
      containerDefinitions: [
        {
          name: 'app',
          image: made.image,
          essential: true,
          readonlyRootFilesystem: true,
          portMappings: [{ containerPort: 3000, protocol: 'tcp' }],
          environment: [{ name: 'PORT', value: '3000' }],
          secrets: [{ name: 'ADMIN_SECRET', valueFrom: made.outputs.AdminSecretArn }],
          healthCheck: { command: ['CMD', 'node', '--version'], interval: 5, timeout: 3, retries: 3, startPeriod: 1 },
          stopTimeout: 2,
        },
      ],
    }
  }

  function network() {
    const subnets = made.outputs.TaskSubnetIds.split(',')
    return {
      awsvpcConfiguration: { subnets, securityGroups: [made.outputs.TaskSecurityGroupId], assignPublicIp: 'DISABLED' },
    }
  }

  async function describedDeployments() {
    const listed = await valid<{
      serviceDeployments: { serviceDeploymentArn: string; targetServiceRevisionArn: string }[]
    }>('ecs', 'ListServiceDeployments', { cluster: made.cluster, service })
    const arns = listed.serviceDeployments.map(({ serviceDeploymentArn }) => serviceDeploymentArn)
    await valid('ecs', 'DescribeServiceDeployments', { serviceDeploymentArns: arns })
    const revisions = listed.serviceDeployments.map(({ targetServiceRevisionArn }) => targetServiceRevisionArn)
    await valid('ecs', 'DescribeServiceRevisions', { serviceRevisionArns: revisions })
  }

  async function steady(): Promise<void> {
    await eventually('the service is steady', async () => {
      const { services } = await valid<{ services: { deployments: { rolloutState: string }[] }[] }>(
        'ecs',
        'DescribeServices',
        { cluster: made.cluster, services: [service] },
      )
      const { deployments } = services[0]!
      return deployments.length === 1 && deployments[0]!.rolloutState === 'COMPLETED'
    })
  }
}

export function serviceRemovalTests({ valid, refused, made }: FidelityWorld): void {
  test('ECS: a service and its task definitions are removed', async () => {
    const { cluster } = made
    await valid('ecs', 'UpdateService', { cluster, service, desiredCount: 0 })
    await valid('ecs', 'DeleteService', { cluster, service, force: true })
    await eventually('the service is gone', async () => {
      const { services } = await valid<{ services: { status: string }[] }>('ecs', 'DescribeServices', {
        cluster,
        services: [service],
      })
      return services[0]!.status === 'INACTIVE'
    })
    assert.match(await refused('ecs', 'UpdateService', { cluster, service }), /^ServiceNotActiveException: /)
    await valid('ecs', 'DeregisterTaskDefinition', { taskDefinition: `${family}:1` })
    await valid('ecs', 'ListTaskDefinitions', { status: 'INACTIVE' })
  })
}
