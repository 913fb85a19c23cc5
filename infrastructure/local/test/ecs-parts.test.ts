import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asRegistered } from '../../../lib/service/task-definition.mts'
import { AwsError } from '../gateway/room.ts'
import { createFrameReader } from '../ecs/log-frames.ts'
import { takeBatch } from '../ecs/log-stream.ts'
import type { TaskDefinition } from '../ecs/model.ts'
import { serviceDeploymentActions } from '../ecs/service-deployments.ts'
import { checkKind, checkLoadBalancer } from '../ecs/service-input.ts'
import { checkTaskDefinition, type TaskDefinitionInput } from '../ecs/task-definition-check.ts'
import { createRecords } from '../ecs/records.ts'
import { taskDefinitionActions } from '../ecs/task-definitions.ts'

const call = { action: '', accessKeyId: '', requestId: '', reply: { status: 200, headers: {} } }

const valid: TaskDefinitionInput = {
  family: 'websocket-task',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
  containerDefinitions: [{ name: 'websocket-server', image: 'x@sha256:0', portMappings: [{ containerPort: 3000 }] }],
}

function withContainer(change: object, task: Partial<TaskDefinitionInput> = {}): TaskDefinitionInput {
  return { ...valid, ...task, containerDefinitions: [{ ...valid.containerDefinitions![0]!, ...change }] }
}

const checked = (healthCheck: object) => ({ healthCheck: { command: ['a'], ...healthCheck } })
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:admin-AbCdEf'
const secret = (valueFrom: string) => ({ secrets: [{ name: 'A', valueFrom }] })
const logged = (options: object) => ({ logConfiguration: { logDriver: 'awslogs', options } })

describe('a task definition', () => {
  it('that Fargate can run is accepted', () => {
    checkTaskDefinition(valid)
    checkTaskDefinition({ ...valid, cpu: '4096', memory: '30720' })
    checkTaskDefinition(withContainer({ ...checked({ interval: 5 }), ...secret(secretArn) }))
  })

  const refusals: [name: string, given: TaskDefinitionInput, message: RegExp][] = [
    [
      'with a size that Fargate does not have',
      { ...valid, memory: '768' },
      /No Fargate configuration exists for given values: 256 CPU, 768 memory/,
    ],
    ['without CPU', { ...valid, cpu: '' }, /'cpu' be defined at the task level/],
    ['with another network mode', { ...valid, networkMode: 'bridge' }, /only supports network mode ‘awsvpc’/],
    ['for EC2', { ...valid, requiresCompatibilities: ['EC2'] }, /Fargate tasks only/],
    ['with a bad family', { ...valid, family: 'a/b' }, /Family contains invalid characters/],
    ['without a container', { ...valid, containerDefinitions: [] }, /Container list cannot be empty/],
    ['with a role that is no ARN', { ...valid, taskRoleArn: 'role' }, /Role is not valid/],
    ['without an image', withContainer({ image: '' }), /Container.image should not be null or empty/],
    ['with another host port', withContainer({ portMappings: [{ containerPort: 1, hostPort: 2 }] }), /must match/],
    ['with a stop timeout beyond Fargate’s', withContainer({ stopTimeout: 121 }), /stopTimeout/],
    [
      'with secrets but no execution role',
      withContainer(secret(secretArn), { executionRoleArn: '' }),
      /execution role ARN to support secrets/,
    ],
    [
      'with our registry but no execution role',
      withContainer({ image: '127.0.0.1:4566/a:1' }, { executionRoleArn: '' }),
      /execution role ARN to support ECR images/,
    ],
    [
      'with checks that are too frequent',
      withContainer(checked({ interval: 4 })),
      /interval must be between 5 and 300/,
    ],
    ['with checks that take too long', withContainer(checked({ timeout: 61 })), /timeout must be between 2 and 60/],
    ['with checks that fail at once', withContainer(checked({ retries: 0 })), /retries must be between 1 and 10/],
    ['with checks that begin too late', withContainer(checked({ startPeriod: 301 })), /must be between 0 and 300/],
    [
      'with a secret that has the name of a variable',
      withContainer({ environment: [{ name: 'A', value: 'a' }], ...secret(secretArn) }),
      /secret name must be unique and not shared .*, such as 'A'/,
    ],
    [
      'with a member of a secret',
      withContainer(secret(`${secretArn}:password::`)),
      /no secrets but whole ones of Secrets Manager, by ARN, not arn:.*:password::\.$/,
    ],
    [
      'with a parameter as a secret',
      withContainer(secret('/quiz/key')),
      /no secrets but whole ones .*, not \/quiz\/key/,
    ],
    ['with a log driver that is not here', withContainer({ logConfiguration: { logDriver: 'splunk' } }), /splunk/],
    [
      'with a log of no region',
      withContainer(logged({ 'awslogs-group': 'a', 'awslogs-stream-prefix': 'a' })),
      /^Log driver awslogs requires options: awslogs-region$/,
    ],
    [
      'with a log of no prefix',
      withContainer(logged({ 'awslogs-group': 'a', 'awslogs-region': 'a' })),
      /to include awslogs-stream-prefix to support log driver awslogs/,
    ],
    [
      'with what is not here',
      withContainer({ entryPoint: ['a'], dependsOn: [{ containerName: 'a' }] }),
      /does not have containerDefinitions.entryPoint, containerDefinitions.dependsOn\./,
    ],
    [
      'with two containers',
      { ...valid, containerDefinitions: [...valid.containerDefinitions!, { name: 'b', image: 'b' }] },
      /one container only/,
    ],
  ]
  for (const [name, given, message] of refusals) {
    it(`${name} is refused`, () =>
      assert.throws(
        () => checkTaskDefinition(given),
        (error: unknown) =>
          error instanceof AwsError && error.code === 'ClientException' && message.test(error.message),
      ))
  }

  it('is registered again as it was described, which has empty lists', async () => {
    const { RegisterTaskDefinition: register } = taskDefinitionActions(createRecords())
    const { taskDefinition } = (await register!(valid, call)) as { taskDefinition: object }
    await register!(asRegistered(taskDefinition), call)
  })

  it('is listed by the full name of its family, and not once deregistered', async () => {
    const actions = taskDefinitionActions(createRecords())
    for (const family of ['web', 'web', 'web-staging', 'web'])
      await actions['RegisterTaskDefinition']!({ ...valid, family }, call)
    const list = async (input: object) =>
      (
        (await actions['ListTaskDefinitions']!({ ...input }, call)) as { taskDefinitionArns: string[] }
      ).taskDefinitionArns.map((arn) => arn.split('/')[1])
    assert.deepEqual(await list({ familyPrefix: 'web', sort: 'DESC' }), ['web:3', 'web:2', 'web:1'])
    await actions['DeregisterTaskDefinition']!({ taskDefinition: 'web:2' }, call)
    assert.deepEqual(await list({ familyPrefix: 'web' }), ['web:1', 'web:3'])
    assert.deepEqual(await list({ familyPrefix: 'web', status: 'INACTIVE' }), ['web:2'])
    // a number is never used twice
    const { taskDefinition } = (await actions['RegisterTaskDefinition']!({ ...valid, family: 'web' }, call)) as {
      taskDefinition: { revision: number }
    }
    assert.equal(taskDefinition.revision, 4)
  })
})

describe('a service', () => {
  it('of a kind that is not here is refused', () => {
    const known: object = { launchType: 'FARGATE', enableExecuteCommand: false, serviceRegistries: [] }
    checkKind(known)
    const refusals: [given: object, what: string][] = [
      [{ launchType: 'EC2' }, 'launchType EC2'],
      [{ capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] }, 'capacityProviderStrategy'],
      [{ enableExecuteCommand: true }, 'enableExecuteCommand'],
      [{ serviceConnectConfiguration: { enabled: true } }, 'serviceConnectConfiguration'],
    ]
    for (const [given, what] of refusals)
      assert.throws(
        () => checkKind(given),
        new AwsError('UnsupportedFeatureException', `The local AWS does not have ${what}.`),
      )
  })

  it('behind a target group of instances is refused', () => {
    const group = { targetGroupArn: 'group', containerName: 'websocket-server', containerPort: 3000 }
    const targets = { targetType: () => 'instance' }
    assert.throws(
      () => checkLoadBalancer(group, valid as TaskDefinition, targets),
      /The provided target group group has target type instance, which is incompatible with the awsvpc network mode/,
    )
  })

  it('has twenty revisions described at once, and no more', () => {
    const { DescribeServiceRevisions } = serviceDeploymentActions(createRecords())
    assert.throws(
      () => DescribeServiceRevisions!({ serviceRevisionArns: Array(21).fill('a') }, call),
      /at most 20 items/,
    )
  })
})

const frame = (kind: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header.writeUInt8(kind, 0)
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}
const read = (bytes: Buffer, size: number): string[] => {
  const lines: string[] = []
  const frames = createFrameReader((timestamp, message) => lines.push(`${timestamp} ${message}`))
  for (let start = 0; start < bytes.length; start += size) frames.read(bytes.subarray(start, start + size))
  frames.end()
  return lines
}

describe('the output of a container', () => {
  const time = '2026-11-23T00:00:00.123456789Z'
  const at = Date.parse('2026-11-23T00:00:00.123Z')

  it('is read line by line with its time, however the stream is cut', () => {
    const bytes = Buffer.concat([frame(1, `${time} one\n`), frame(2, `${time} zwölf\r\n`), frame(1, `${time} \n`)])
    for (const size of [1, 7, 1000]) assert.deepEqual(read(bytes, size), [`${at} one`, `${at} zwölf`])
  })
  it('has long lines put together again, and a last one without its newline', () => {
    const bytes = Buffer.concat([
      frame(1, `${time} a`),
      frame(2, `${time} err\n`),
      frame(1, `${time} b\n`),
      frame(1, `${time} end`),
    ])
    assert.deepEqual(read(bytes, 1000), [`${at} err`, `${at} ab`, `${at} end`])
  })
  it('is sent in batches that PutLogEvents takes', () => {
    const many = Array.from({ length: 10_001 }, () => ({ timestamp: 0, message: 'x' }))
    assert.deepEqual([takeBatch(many).length, takeBatch(many).length, takeBatch(many).length], [10_000, 1, 0])
    const large = Array.from({ length: 5 }, () => ({ timestamp: 0, message: 'x'.repeat(250_000) }))
    assert.deepEqual([takeBatch(large).length, takeBatch(large).length], [4, 1])
  })
})
