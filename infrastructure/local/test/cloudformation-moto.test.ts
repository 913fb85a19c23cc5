import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { provideVirtualenvOnce, python } from '../cli/virtualenv.mts'
import { createClients } from '../cloudformation/resources/clients.ts'
import { createCloudFormation } from '../cloudformation/room.ts'
import { createElb } from '../elb/room.ts'
import type { Input } from '../gateway/room.ts'
import { startMoto, type Moto } from '../moto.ts'

/* Every resource type that moto keeps, through creation, change, failed change and deletion. */
const port = 14720
const motoEndpoint = `http://127.0.0.1:${port}`
const clients = createClients(motoEndpoint)
const elb = createElb({ firstPort: port + 10, s3Endpoint: motoEndpoint })
const { room, close } = createCloudFormation({ resourceTypes: elb.resourceTypes, motoEndpoint })
let moto: Moto

before(async () => {
  await provideVirtualenvOnce()
  moto = await startMoto(python, port)
})

after(async () => {
  await close()
  await elb.close()
  clients.close()
  await moto.close()
})

const ref = (id: string) => ({ Ref: id })
const resource = (type: string, properties: object, others: object = {}) => ({
  Type: `AWS::${type}`,
  Properties: properties,
  ...others,
})
const policy = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
})

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } }],
}

/** Each type once; `changed` differs in whatever can change in place. */
function template(changed: boolean) {
  const either = <Value>(first: Value, second: Value): Value => (changed ? second : first)
  const Tags = [{ Key: either('old', 'new'), Value: 'x' }]
  return {
    Role: resource('IAM::Role', {
      AssumeRolePolicyDocument: trust,
      Description: either('before', 'later'),
      ManagedPolicyArns: either([], ['arn:aws:iam::aws:policy/ReadOnlyAccess']),
      Policies: [{ PolicyName: either('first', 'second'), PolicyDocument: policy(either('s3:Get*', 's3:List*')) }],
      Tags,
    }),
    Inline: resource('IAM::Policy', {
      PolicyName: 'inline',
      PolicyDocument: policy(either('sns:Publish', 'sns:List*')),
      Roles: [ref('Role')],
    }),
    Managed: resource('IAM::ManagedPolicy', {
      PolicyDocument: policy(either('logs:Get*', 'logs:Put*')),
      Roles: either<unknown[]>([ref('Role')], []),
    }),
    Bucket: resource('S3::Bucket', {
      ...either<object>({ VersioningConfiguration: { Status: 'Enabled' } }, {}),
      ...either<object>(
        {},
        { LifecycleConfiguration: { Rules: [{ Id: 'x', Status: 'Enabled', ExpirationInDays: 3 }] } },
      ),
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: either('true', 'false') },
      Tags,
    }),
    BucketPolicy: resource('S3::BucketPolicy', {
      Bucket: ref('Bucket'),
      PolicyDocument: policy(either('s3:Get*', 's3:Put*')),
    }),
    Table: resource('DynamoDB::Table', {
      TableName: 'table',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: either(true, false) },
      ...either<object>({ TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } }, {}),
      Tags,
    }),
    Logs: resource('Logs::LogGroup', { RetentionInDays: either(7, 30), Tags }),
    Alarm: resource('CloudWatch::Alarm', {
      Namespace: 'AWS/ECS',
      MetricName: 'CPUUtilization',
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: either(1, 2),
      Threshold: 80,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: ['arn:aws:sns:us-east-1:000000000000:alarms'],
      Tags,
    }),
    Dashboard: resource('CloudWatch::Dashboard', {
      DashboardBody: { 'Fn::Sub': `{"widgets":[],"start":"-PT${either(1, 2)}H","periodOverride":"inherit"}` },
    }),
    Secret: resource('SecretsManager::Secret', {
      Description: either('before', 'later'),
      GenerateSecretString: { PasswordLength: 20, ExcludePunctuation: true },
      Tags,
    }),
    Parameter: resource('SSM::Parameter', {
      Name: '/parameter',
      Type: 'String',
      Value: either('before', 'later'),
      Tags: { [either('old', 'new')]: 'x' },
    }),
  }
}

async function call(action: string, input: Input): Promise<Input> {
  const context = { action, accessKeyId: 'test', requestId: 'test', reply: { status: 200, headers: {} } }
  return ((await room.actions[action]!(input, context)) ?? {}) as Input
}

/** Runs one operation to its end; the head start of four seconds is more than any of them takes. */
async function deploy(
  action: string,
  Resources: object,
  StackName = 'Every',
): Promise<{ status: unknown; reasons: unknown[] }> {
  const Tags = [{ Key: 'stack', Value: 'tag' }]
  const { StackId } = await call(action, {
    StackName,
    TemplateBody: JSON.stringify({ Resources }),
    Capabilities: ['CAPABILITY_IAM'],
    Tags,
  })
  for (let waited = 0; waited < 300; waited += 1) {
    const { Stacks } = (await call('DescribeStacks', { StackName: StackId })) as { Stacks: [Input] }
    const status = String(Stacks[0]['StackStatus'])
    if (status.endsWith('_IN_PROGRESS')) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      continue
    }
    const { StackEvents } = (await call('DescribeStackEvents', { StackName: StackId })) as { StackEvents: Input[] }
    const failed = StackEvents.filter((event) => String(event['ResourceStatus']).endsWith('_FAILED'))
    return { status, reasons: failed.map((event) => event['ResourceStatusReason']) }
  }
  return assert.fail('the operation does not end')
}

/** What moto holds of all this, without moments in time. */
async function held(): Promise<unknown> {
  const { Roles } = await clients.iam().listRoles({})
  const { Policies } = await clients.iam().listPolicies({ Scope: 'Local' })
  const { Buckets } = await clients.s3().listBuckets({})
  const { TableNames } = await clients.dynamoDb().listTables({})
  const { SecretList } = await clients.secretsManager().listSecrets({})
  const { Parameters } = await clients.ssm().describeParameters({})
  const parts = await Promise.all([
    ...Roles!.map(async ({ RoleName }) => [
      (await clients.iam().getRole({ RoleName })).Role,
      (await clients.iam().listAttachedRolePolicies({ RoleName })).AttachedPolicies,
      (await clients.iam().listRolePolicies({ RoleName })).PolicyNames?.toSorted(),
    ]),
    ...Policies!.map(async ({ Arn, DefaultVersionId }) => {
      const { PolicyVersion } = await clients.iam().getPolicyVersion({ PolicyArn: Arn, VersionId: DefaultVersionId })
      return PolicyVersion?.Document
    }),
    ...Buckets!
      .flatMap(({ Name: Bucket }) => [
        clients.s3().getBucketVersioning({ Bucket }),
        clients.s3().getBucketLifecycleConfiguration({ Bucket }),
        clients.s3().getPublicAccessBlock({ Bucket }),
        clients.s3().getBucketPolicy({ Bucket }),
        clients.s3().getBucketTagging({ Bucket }),
      ])
      .map((answer) => answer.catch((error: Error) => error.name)),
    ...TableNames!.map(async (TableName) => [
      (await clients.dynamoDb().describeTimeToLive({ TableName })).TimeToLiveDescription?.TimeToLiveStatus,
      (await clients.dynamoDb().describeContinuousBackups({ TableName })).ContinuousBackupsDescription
        ?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
    ]),
    clients.logs().describeLogGroups({}),
    clients.cloudWatch().describeAlarms({}),
    clients
      .cloudWatch()
      .listDashboards({})
      .then(({ DashboardEntries }) => DashboardEntries?.map(({ DashboardName }) => DashboardName)),
    Promise.resolve(SecretList?.map(({ ARN, Description, Tags }) => [ARN, Description, Tags])),
    ...Parameters!.map(async ({ Name }) => [
      (await clients.ssm().getParameter({ Name })).Parameter?.Value,
      (await clients.ssm().listTagsForResource({ ResourceType: 'Parameter', ResourceId: Name })).TagList,
    ]),
  ])
  const moments = ['$metadata', 'AlarmConfigurationUpdatedTimestamp', 'StateUpdatedTimestamp', 'RoleLastUsed']
  return JSON.parse(JSON.stringify(parts, (name, value: unknown) => (moments.includes(name) ? undefined : value)))
}

let empty: unknown
let original: unknown

test('every type is created', async () => {
  empty = await held()
  assert.deepEqual(await deploy('CreateStack', template(false)), { status: 'CREATE_COMPLETE', reasons: [] })
  original = await held()
})

test('a change of every type is undone when the last of it fails', async () => {
  const last = resource(
    'SSM::Parameter',
    { Name: '/parameter', Type: 'String', Value: 'mine' },
    { DependsOn: Object.keys(template(true)) },
  )
  const { status, reasons } = await deploy('UpdateStack', { ...template(true), Last: last })
  assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE', reasons.join('\n'))
  assert.equal(reasons.length, 1, reasons.join('\n'))
  assert.match(String(reasons[0]), /HandlerErrorCode: AlreadyExists/)
  assert.deepEqual(await held(), original)
})

test('a change of every type arrives, and the way back leads to where it began', async () => {
  assert.deepEqual((await deploy('UpdateStack', template(true))).status, 'UPDATE_COMPLETE')
  assert.notDeepEqual(await held(), original)
  assert.deepEqual((await deploy('UpdateStack', template(false))).status, 'UPDATE_COMPLETE')
  assert.deepEqual(await held(), original)
})

test('what is changed by hand is drift, and nothing else is', async () => {
  const Bucket = (await clients.s3().listBuckets({})).Buckets?.[0]?.Name
  const [group] = (await clients.logs().describeLogGroups({})).logGroups!
  const [alarm] = (await clients.cloudWatch().describeAlarms({})).MetricAlarms!
  assert.deepEqual(await drifted(), { Alarm: 'IN_SYNC', Bucket: 'IN_SYNC', Logs: 'IN_SYNC', Table: 'IN_SYNC' })
  await clients.s3().deletePublicAccessBlock({ Bucket })
  await clients.s3().putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })
  await clients.logs().putRetentionPolicy({ logGroupName: group!.logGroupName, retentionInDays: 1 })
  await clients.cloudWatch().putMetricAlarm({ ...alarm!, AlarmName: alarm!.AlarmName, Threshold: 99 })
  await clients.dynamoDb().updateContinuousBackups({
    TableName: 'table',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
  })
  assert.deepEqual(await drifted(), {
    Alarm: '/Threshold: 80 → 99',
    Bucket:
      '/VersioningConfiguration/Status: Enabled → Suspended, /PublicAccessBlockConfiguration: {"BlockPublicAcls":true,"BlockPublicPolicy":"true"} → null',
    Logs: '/RetentionInDays: 7 → 1',
    Table: '/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled: true → false',
  })
})

async function drifted(): Promise<Record<string, string>> {
  const { StackDriftDetectionId } = await call('DetectStackDrift', { StackName: 'Every' })
  let status: unknown
  while (status !== 'DETECTION_COMPLETE') {
    const detection = await call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId })
    status = detection['DetectionStatus']
    assert.notEqual(status, 'DETECTION_FAILED', JSON.stringify(detection))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { StackResourceDrifts } = await call('DescribeStackResourceDrifts', { StackName: 'Every' })
  const found = (StackResourceDrifts as { LogicalResourceId: string; [name: string]: unknown }[]).map((drift) => {
    const differences = drift['PropertyDifferences'] as Record<string, string>[]
    const lines = differences.map(
      (each) => `${each['PropertyPath']}: ${each['ExpectedValue']} → ${each['ActualValue']}`,
    )
    return [drift.LogicalResourceId, lines.join(', ') || drift['StackResourceDriftStatus']] as const
  })
  return Object.fromEntries(found) as Record<string, string>
}

test('a property that is not carried over is refused', async () => {
  for (const [type, properties, unknown] of [
    ['DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST', TableClass: 'STANDARD' }, 'TableClass'],
    ['Logs::LogGroup', { RetentionInDays: 7, FieldIndexPolicies: [] }, 'FieldIndexPolicies'],
    [
      'ElasticLoadBalancingV2::TargetGroup',
      { Port: 1, Matcher: { HttpCode: '200', GrpcCode: '0' } },
      'Matcher.GrpcCode',
    ],
  ] as const) {
    const { status, reasons } = await deploy('UpdateStack', { ...template(false), Another: resource(type, properties) })
    assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE', reasons.join('\n'))
    assert.ok(reasons.includes(`Encountered unsupported property ${unknown}`))
  }
})

test('a table that is not paid by request is refused', async () => {
  const { status, reasons } = await deploy('UpdateStack', {
    ...template(false),
    Another: resource('DynamoDB::Table', {}),
  })
  assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE')
  assert.equal(reasons[0], 'the local AWS has no tables with the billing mode PROVISIONED')
})

test('a reference to a secret is resolved for the resource, and shown nowhere', async () => {
  const SecretString = 'open sesame'
  const { ARN: SecretId } = await clients.secretsManager().createSecret({ Name: 'login', SecretString })
  const Name = '/whole'
  const Value = { 'Fn::Join': ['', ['<{{resolve:secretsmanager:', SecretId, ':SecretString:::}}>']] }
  const referring = { Whole: resource('SSM::Parameter', { Name, Type: 'String', Value }) }
  assert.deepEqual((await deploy('UpdateStack', referring)).status, 'UPDATE_COMPLETE')
  assert.equal((await clients.ssm().getParameter({ Name })).Parameter?.Value, `<${SecretString}>`)
  const shown = await Promise.all(
    ['DescribeStackEvents', 'DescribeStackResources', 'GetTemplate', 'DescribeStacks'].map((action) =>
      call(action, { StackName: 'Every' }),
    ),
  )
  assert.ok(!JSON.stringify(shown).includes(SecretString))
  await clients.secretsManager().deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true })
})

for (const [what, named, reason] of [
  [
    'a secret that is not there',
    'secretsmanager:none:SecretString:::',
    "Secrets Manager can't find the specified secret.",
  ],
  [
    'a member of a secret',
    'secretsmanager:none:SecretString:pin::',
    'the local AWS cannot resolve {{resolve:secretsmanager:none:SecretString:pin::}}',
  ],
  ['another service', 'ssm:/parameter:1', 'the local AWS cannot resolve {{resolve:ssm:/parameter:1}}'],
]) {
  test(`a reference to ${what} is refused`, async () => {
    const Value = `{{resolve:${named}}}`
    const Name = resource('SSM::Parameter', { Name: '/name', Type: 'String', Value })
    const { status, reasons } = await deploy('UpdateStack', { Name })
    assert.equal(status, 'UPDATE_ROLLBACK_COMPLETE')
    // newest first
    assert.equal(reasons[0], reason)
  })
}

for (const [kept, end] of [
  ['RetainExceptOnCreate', 'ROLLBACK_FAILED'],
  ['Retain', 'ROLLBACK_COMPLETE'],
] as const) {
  test(`a failed creation of a load balancer that logs to a bucket with ${kept} ends in ${end}`, async () => {
    const logging = { enabled: 'true', bucket: ref('LogBucket'), prefix: 'load-balancer' }
    const LoadBalancerAttributes = Object.entries(logging).map(([key, Value]) => ({
      Key: `access_logs.s3.${key}`,
      Value,
    }))
    const resources = {
      LogBucket: resource('S3::Bucket', {}, { DeletionPolicy: kept }),
      LoadBalancer: resource('ElasticLoadBalancingV2::LoadBalancer', { LoadBalancerAttributes }),
      Last: resource('S3::Bucket', { AccessControl: 'PublicRead' }, { DependsOn: 'LoadBalancer' }),
    }
    const { status, reasons } = await deploy('CreateStack', resources, kept)
    assert.equal(status, end, reasons.join('\n'))
    const Bucket = (await clients.s3().listBuckets({})).Buckets?.find(({ Name }) => Name?.includes('logbucket'))?.Name
    const Key = 'load-balancer/AWSLogs/000000000000/ELBAccessLogTestFile'
    await clients.s3().deleteObject({ Bucket, Key })
    await clients.s3().deleteBucket({ Bucket })
  })
}

test('a load balancer does not log to a bucket that is not there', async () => {
  const LoadBalancerAttributes = [
    { Key: 'access_logs.s3.enabled', Value: 'true' },
    { Key: 'access_logs.s3.bucket', Value: 'none' },
  ]
  const lonely = { LoadBalancer: resource('ElasticLoadBalancingV2::LoadBalancer', { LoadBalancerAttributes }) }
  const { status, reasons } = await deploy('CreateStack', lonely, 'Lonely')
  assert.equal(status, 'ROLLBACK_COMPLETE')
  assert.match(reasons.join('\n'), /Access Denied for bucket: none/)
})

test('everything is deleted', async () => {
  const { Stacks } = (await call('DescribeStacks', { StackName: 'Every' })) as { Stacks: [Input] }
  await call('DeleteStack', { StackName: 'Every' })
  const { StackId } = Stacks[0]
  for (let waited = 0; waited < 300; waited += 1) {
    const { Stacks: deleted } = (await call('DescribeStacks', { StackName: StackId })) as { Stacks: [Input] }
    if (deleted[0]['StackStatus'] !== 'DELETE_IN_PROGRESS') break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.deepEqual(await held(), empty)
})
