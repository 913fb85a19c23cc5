import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { environmentNames, environments } from '../../lib/environment/environments.mts'
import { readSettings } from '../../lib/environment/settings.mts'
import { outputKeys } from '../../lib/stack/stack.mts'
import { createApp, only, templateOf } from './synthesis.ts'

for (const environment of environments) {
  const { stack: stackName, prefix, repository } = environmentNames(environment)
  const settings = readSettings(environment)
  const template = templateOf(environment)
  const resources = Object.values(template.toJSON().Resources as Record<string, { Type: string }>)

  test(`${environment}: the stack is named after the environment`, () => {
    assert.equal(createApp(environment).stack.stackName, stackName)
  })

  test(`${environment}: it has the outputs that scripts read, and no others`, () => {
    const optional =
      environment === 'staging' || environment === 'production'
        ? ['DeploymentAlarmNames', 'LogBucketName', 'WatchedTableName']
        : []
    assert.deepEqual(
      Object.keys(template.toJSON().Outputs).toSorted(),
      [...outputKeys, ...optional, 'RestoredTablePrefix'].toSorted(),
    )
  })

  test(`${environment}: outputs have no scheme`, () => {
    const outputs = template.toJSON().Outputs
    assert.deepEqual(outputs.LoadBalancerDnsName.Value, { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] })
    assert.deepEqual(outputs.DistributionDomainName.Value, { 'Fn::GetAtt': ['Distribution', 'DomainName'] })
    assert.deepEqual(outputs.TaskSubnetIds.Value, {
      'Fn::Join': ['', [{ Ref: 'TaskSubnet1' }, ',', { Ref: 'TaskSubnet2' }]],
    })
  })

  test(`${environment}: the stack has no task definition, service, image or task count`, () => {
    const types = new Set(resources.map(({ Type }) => Type))
    assert.ok(
      !types.has('AWS::ECS::TaskDefinition') && !types.has('AWS::ECS::Service') && !types.has('AWS::ECR::Repository'),
    )
    assert.doesNotMatch(JSON.stringify(template.toJSON()), /ContainerDefinitions|DesiredCount|dkr\.ecr|:latest/)
  })

  test(`${environment}: no resource needs a Lambda function to exist`, () => {
    assert.deepEqual(
      resources.filter(({ Type }) => Type.startsWith('Custom::') || Type === 'AWS::Lambda::Function'),
      [],
    )
  })

  test(`${environment}: two availability zones, and NAT gateways as its file says`, () => {
    template.resourceCountIs('AWS::EC2::Subnet', 4)
    template.resourceCountIs('AWS::EC2::NatGateway', Number(settings.NAT_GATEWAYS))
  })

  test(`${environment}: logs are kept as long as its file says`, () => {
    assert.equal(only(template, 'AWS::Logs::LogGroup')['RetentionInDays'], Number(settings.LOG_RETENTION_DAYS))
  })

  test(`${environment}: targets are addresses, checked at /health as its file says`, () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetType: 'ip',
      Port: 3000,
      Protocol: 'HTTP',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: Number(settings.HEALTH_CHECK_INTERVAL_SECONDS),
      TargetGroupAttributes: Match.arrayWith([
        { Key: 'deregistration_delay.timeout_seconds', Value: settings.DEREGISTRATION_DELAY_SECONDS },
      ]),
    })
  })

  test(`${environment}: the load balancer is public and outlasts a heartbeat`, () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internet-facing',
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'idle_timeout.timeout_seconds', Value: '60' }]),
    })
    assert.ok(Number(settings.HEARTBEAT_SECONDS) < 60)
  })

  test(`${environment}: only the load balancer reaches the tasks, on port 3000`, () => {
    const [loadBalancer, tasks] = ['LoadBalancerSecurityGroup', 'TaskSecurityGroup'].map((logicalId) => ({
      'Fn::GetAtt': [logicalId, 'GroupId'],
    }))
    const onTaskPort = { IpProtocol: 'tcp', FromPort: 3000, ToPort: 3000 }
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 1)
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      GroupId: loadBalancer,
      DestinationSecurityGroupId: tasks,
      ...onTaskPort,
    })
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1)
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: tasks,
      SourceSecurityGroupId: loadBalancer,
      ...onTaskPort,
    })
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupName: `${prefix}-tasks`,
      SecurityGroupIngress: Match.absent(),
    })
  })

  test(`${environment}: tables, bucket and logs survive the stack, not a failed create`, () => {
    for (const logicalId of ['ApplicationTable', 'LedgerTable', 'SiteBucket', 'LogGroup']) {
      const { DeletionPolicy, UpdateReplacePolicy } = template.toJSON().Resources[logicalId]
      assert.deepEqual(
        { DeletionPolicy, UpdateReplacePolicy },
        {
          DeletionPolicy: 'RetainExceptOnCreate',
          UpdateReplacePolicy: 'Retain',
        },
      )
    }
  })

  test(`${environment}: both tables have pk, sk, an expiry, and pay per request`, () => {
    template.allResourcesProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
    })
  })

  test(`${environment}: the admin secret is generated and not in the template`, () => {
    // CloudFormation makes a new secret whenever one of these values changes
    assert.deepEqual(template.toJSON().Resources['AdminSecret'].Properties.GenerateSecretString, {
      PasswordLength: 32,
      ExcludePunctuation: true,
    })
  })

  test(`${environment}: a task may only use its table and read target health`, () => {
    assert.deepEqual(allowed('TaskRole'), {
      ApplicationTable: [
        'dynamodb:BatchWriteItem',
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      ],
      '*': ['elasticloadbalancing:DescribeTargetHealth'],
    })
  })

  test(`${environment}: ECS may only pull the image, write logs and read the secret`, () => {
    assert.deepEqual(allowed('TaskExecutionRole'), {
      '*': ['ecr:GetAuthorizationToken'],
      [`repository/${repository}`]: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:GetDownloadUrlForLayer',
      ],
      LogGroup: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      AdminSecret: ['secretsmanager:GetSecretValue'],
    })
  })

  test(`${environment}: ECS gives the task role to tasks of this account only`, () => {
    const { AssumeRolePolicyDocument: trust } = template.toJSON().Resources['TaskRole'].Properties
    assert.deepEqual(trust.Statement, [
      {
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: {
            'aws:SourceArn': {
              'Fn::Join': [
                '',
                [
                  'arn:',
                  { Ref: 'AWS::Partition' },
                  ':ecs:',
                  { Ref: 'AWS::Region' },
                  ':',
                  { Ref: 'AWS::AccountId' },
                  ':*',
                ],
              ],
            },
          },
        },
        Effect: 'Allow',
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
      },
    ])
  })

  /** What a role may do, by what it may do it to. */
  function allowed(role: string): Record<string, string[]> {
    interface Statement {
      Action: string | string[]
      Resource: unknown
    }
    const { Policies, ManagedPolicyArns } = template.toJSON().Resources[role].Properties
    assert.equal(ManagedPolicyArns, undefined)
    template.resourceCountIs('AWS::IAM::Policy', 0)
    const statements = (Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    )
    return Object.fromEntries(
      statements.map(({ Action, Resource }) => [
        /repository\/[a-z-]+|(?<="Fn::GetAtt":\[")\w+|(?<="Ref":")[A-Z]\w+(?="\}$)|\*/.exec(
          JSON.stringify(Resource),
        )?.[0],
        [Action].flat(),
      ]),
    )
  }
}

test('the backend calls exactly what its role may do to the table', () => {
  const folder = join(import.meta.dirname, '../../backend/src')
  const called = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/(?<=new )[A-Z]\w+(?=Command\()/g) ?? [])
    .filter((command) => command !== 'DescribeTargetHealth')
    .map((command) => `dynamodb:${command === 'Query' ? command : `${command}Item`}`)
  const role = templateOf('production').toJSON().Resources['TaskRole'].Properties
  const statements: { Sid: string; Action: string[] }[] = role.Policies[0].PolicyDocument.Statement
  const actions = statements.find(({ Sid }) => Sid === 'ApplicationTable')?.Action
  assert.deepEqual([...new Set(called)].toSorted(), actions)
})

test('the network is in the zones that are named', () => {
  const { stack } = createApp('development', { AVAILABILITY_ZONES: 'us-east-1b,us-east-1d' })
  const subnets = Object.values(Template.fromStack(stack).findResources('AWS::EC2::Subnet'))
  assert.deepEqual(
    subnets.map(({ Properties }) => Properties.AvailabilityZone),
    ['us-east-1b', 'us-east-1d', 'us-east-1b', 'us-east-1d'],
  )
})

test('production has a NAT gateway in each zone, development and local have one', () => {
  templateOf('production').resourceCountIs('AWS::EC2::NatGateway', 2)
  templateOf('development').resourceCountIs('AWS::EC2::NatGateway', 1)
  templateOf('local').resourceCountIs('AWS::EC2::NatGateway', 1)
})

test('only production refuses to be deleted', () => {
  assert.deepEqual(
    environments.filter((environment) => createApp(environment).stack.terminationProtection),
    ['production'],
  )
})

test('staging and production have point-in-time recovery', () => {
  for (const environment of environments) {
    templateOf(environment).allResourcesProperties('AWS::DynamoDB::Table', {
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: environment === 'staging' || environment === 'production',
      },
    })
  }
})

test('the shortest health check interval still has a shorter timeout', () => {
  templateOf('production', { HEALTH_CHECK_INTERVAL_SECONDS: '5' }).hasResourceProperties(
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 4 },
  )
})
