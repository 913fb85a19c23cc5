import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { ArnFormat, Stack, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { taskTableActions } from '../../lib/access/execution-actions.mts'
import type { Configuration } from './configuration.ts'
import { fixLogicalId } from './fixed-logical-id.ts'

interface Reach {
  applicationTable: ITable
  adminSecret: ISecret
  logGroup: ILogGroup
}

/** Who a task is (task role) and who starts it (execution role). Each may do what is listed here and nothing else. */
export class TaskRoles extends Construct {
  readonly taskRole: Role
  readonly executionRole: Role

  constructor(
    scope: Construct,
    id: string,
    { names }: Configuration,
    { applicationTable, adminSecret, logGroup }: Reach,
  ) {
    super(scope, id)
    const ecsTasks = new ServicePrincipal('ecs-tasks.amazonaws.com')
    // for tasks of this account only: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    const ownTasks = new ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
        ArnLike: {
          'aws:SourceArn': Stack.of(this).formatArn({
            service: 'ecs',
            resource: '*',
            arnFormat: ArnFormat.NO_RESOURCE_NAME,
          }),
        },
      },
    })
    // the repository is the backend stage's: known by name only
    const repositoryArn = Stack.of(this).formatArn({
      service: 'ecr',
      resource: 'repository',
      resourceName: names.repository,
    })

    // `make restore` makes them: known by the beginning of their name only
    const restoredTables = Stack.of(this).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: `${names.restoredTablePrefix}*`,
    })

    this.taskRole = new Role(this, 'TaskRole', {
      roleName: `${names.prefix}-task`,
      description: 'What the backend may do while it runs',
      assumedBy: ownTasks,
      inlinePolicies: {
        backend: policy({
          ApplicationTable: {
            actions: taskTableActions,
            resources: [applicationTable.tableArn, restoredTables],
          },
          // a task reads it to learn that it is draining; the action cannot be limited to a resource
          OwnTargetHealth: { actions: ['elasticloadbalancing:DescribeTargetHealth'], resources: ['*'] },
        }),
      },
    })
    this.executionRole = new Role(this, 'TaskExecutionRole', {
      roleName: `${names.prefix}-task-execution`,
      description: 'What ECS may do to start a task of the backend',
      assumedBy: ecsTasks,
      inlinePolicies: {
        start: policy({
          // the action cannot be limited to a resource
          SignInToRegistry: { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
          PullImage: {
            actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
            resources: [repositoryArn],
          },
          WriteLogs: {
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [logGroup.logGroupArn],
          },
          ReadAdminSecret: { actions: ['secretsmanager:GetSecretValue'], resources: [adminSecret.secretArn] },
        }),
      },
    })
    fixLogicalId(this.taskRole, 'TaskRole')
    fixLogicalId(this.executionRole, 'TaskExecutionRole')

    const anyResource = 'AwsSolutions-IAM5[Resource::*]'
    Validations.of(this.taskRole).acknowledge({
      id: anyResource,
      reason: 'elasticloadbalancing:DescribeTargetHealth cannot be limited to a target group',
    })
    Validations.of(this.taskRole).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/${names.restoredTablePrefix}*]`,
      reason: 'A restored table is named after the moment that it was restored to',
    })
    Validations.of(this.executionRole).acknowledge({
      id: anyResource,
      reason: 'ecr:GetAuthorizationToken cannot be limited to a repository',
    })
  }
}

function policy(statements: Record<string, { actions: string[]; resources: string[] }>): PolicyDocument {
  return new PolicyDocument({
    statements: Object.entries(statements).map(
      ([sid, { actions, resources }]) => new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources }),
    ),
  })
}
