import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { readSettings } from '../../../lib/environment/settings.mts'
import { root } from '../../../lib/script/files.mts'
import { outputKeys, type StackOutputs } from '../../../lib/stack/stack.mts'
import { sameTasks, taskDefinition } from '../../../lib/service/task-definition.mts'

const outputs = Object.fromEntries(outputKeys.map((key) => [key, `the-${key}`])) as StackOutputs
const target = { names: environmentNames('staging'), settings: readSettings('staging'), region: 'us-east-1' }
const revision = { image: 'repository@sha256:1', platform: 'linux/amd64', release: 'one' } as const
const wanted = taskDefinition(target, outputs, revision)

/** As ECS answers what was registered. */
function described(definition: typeof wanted) {
  return {
    ...definition,
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:7',
    revision: 7,
    status: 'ACTIVE',
    volumes: [],
    placementConstraints: [],
    compatibilities: ['EC2', 'FARGATE'],
    requiresAttributes: [{ name: 'com.amazonaws.ecs.capability.logging-driver.awslogs' }],
    registeredAt: 1795000000,
    registeredBy: 'arn:aws:iam::123456789012:user/ana',
    enableFaultInjection: false,
    containerDefinitions: definition.containerDefinitions.map((container) => ({
      ...container,
      cpu: 0,
      portMappings: container.portMappings.map((mapping) => ({ ...mapping, hostPort: mapping.containerPort })),
      environment: container.environment.toReversed(),
      mountPoints: [],
      volumesFrom: [],
      systemControls: [],
    })),
  }
}

describe('a task definition', () => {
  it('is the same as what ECS makes of it, whatever its release is called', () => {
    const other = taskDefinition(target, outputs, { ...revision, release: 'two' })
    assert.ok(sameTasks(described(wanted), other))
  })

  const changes: [string, object][] = [
    ['another image', taskDefinition(target, outputs, { ...revision, image: 'repository@sha256:2' })],
    ['another platform', taskDefinition(target, outputs, { ...revision, platform: 'linux/arm64' })],
    [
      'another size',
      taskDefinition({ ...target, settings: { ...target.settings, TASK_CPU: '1024' } }, outputs, revision),
    ],
    [
      'another setting of the task',
      taskDefinition({ ...target, settings: { ...target.settings, LOG_LEVEL: 'debug' } }, outputs, revision),
    ],
    ['another target group', taskDefinition(target, { ...outputs, TargetGroupArn: 'other' }, revision)],
    [
      'another limit of open files',
      {
        ...wanted,
        containerDefinitions: [
          { ...wanted.containerDefinitions[0], ulimits: [{ name: 'nofile', softLimit: 1_024, hardLimit: 4_096 }] },
        ],
      },
    ],
    ['another role', taskDefinition(target, { ...outputs, TaskRoleArn: 'other' }, revision)],
    [
      'a variable less',
      {
        ...wanted,
        containerDefinitions: [{ ...wanted.containerDefinitions[0], environment: [] }],
      },
    ],
    [
      'a field less',
      { ...wanted, containerDefinitions: [{ ...wanted.containerDefinitions[0], healthCheck: undefined }] },
    ],
  ]
  for (const [what, other] of changes) {
    it(`is not the same with ${what}`, () => {
      assert.ok(!sameTasks(described(wanted), other))
    })
  }

  it('is checked as its image says: ECS looks at the one, docker at the other', () => {
    const dockerfile = readFileSync(join(root, 'backend', 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, '')
    const [, flags = '', command = ''] = /^HEALTHCHECK ((?:--\S+ )+)CMD (.*) \|\| exit 1$/m.exec(dockerfile) ?? []
    const { interval, timeout, startPeriod, retries, command: own } = wanted.containerDefinitions[0]!.healthCheck
    assert.equal(
      flags.trim(),
      `--interval=${interval}s --timeout=${timeout}s --start-period=${startPeriod}s --retries=${retries}`,
    )
    assert.deepEqual(['CMD', ...command.replace('${PORT:-3000}', '3000').split(' ')], own)
  })

  it('carries the values of its own readers only', () => {
    const names = wanted.containerDefinitions[0]!.environment.map(({ name }) => name)
    assert.deepEqual(names.toSorted(), [
      'ALLOWED_ORIGINS',
      'APPLICATION_TABLE',
      'AWS_REGION',
      'DRAIN_SECONDS',
      'HEARTBEAT_SECONDS',
      'LOG_LEVEL',
      'MAX_PLAYERS',
      'PORT',
      'RELEASE_ID',
      'RETENTION_DAYS',
      'STOP_SECONDS',
      'TARGET_GROUP_ARN',
    ])
  })

  it('tells the task how long it may drain and stop, as load balancer and ECS do', () => {
    const settings = { ...target.settings, DEREGISTRATION_DELAY_SECONDS: '60', STOP_TIMEOUT_SECONDS: '45' }
    const [container] = taskDefinition({ ...target, settings }, outputs, revision).containerDefinitions
    const given = Object.fromEntries(container!.environment.map(({ name, value }) => [name, value]))
    assert.equal(given['TARGET_GROUP_ARN'], outputs.TargetGroupArn)
    assert.equal(given['DRAIN_SECONDS'], '60')
    assert.equal(given['STOP_SECONDS'], String(container!.stopTimeout))
  })

  it('may have as many sockets open as a large event needs', () => {
    assert.deepEqual(wanted.containerDefinitions[0]!.ulimits, [
      { name: 'nofile', softLimit: 65_535, hardLimit: 65_535 },
    ])
  })
})
