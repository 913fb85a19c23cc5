import type { Scope } from './arns.mts'
import {
  bucketActions,
  budgetActions,
  cdnActions,
  domainActions,
  loadBalancerActions,
  logActions,
  lookingActions,
  networkActions,
  notificationActions,
  tableActions,
  taskTableActions,
} from './execution-actions.mts'
import { executionPolicy, taskBoundary } from './names.mts'
import type { Policy, Statement } from './policies.mts'

type Place = Pick<Scope, 'partition' | 'account'>

/**
 * What CloudFormation may do with the role that it deploys with, instead of everything: the calls that the schemas of our
 * templates' resource types name, but for features that we do not use (replicas, S3 tables and the like), on resources
 * with our names where AWS knows such a limit. A role gets no more than the task boundary allows. The local AWS does not
 * enforce it: infrastructure/local/test/execution-policy.slow.test.ts compares it with the schemas, and has each exception's
 * reason. It is the boundary of that role too, hence one policy: a second would not fit.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
 */
export function cloudFormationPolicy({ partition, account }: Place): Policy {
  const regional = (service: string, resource: string) => `arn:${partition}:${service}:*:${account}:${resource}`
  const boundary = policyArn(taskBoundary, { partition, account })
  // never the roles of this stack of roles
  const taskRoles = ['live-quiz*-task', 'live-quiz*-task-execution'].map((role) =>
    iamArn(`role/${role}`, { partition, account }),
  )
  const allow = (Sid: string, Action: string[], Resource: string[], Condition?: Statement['Condition']): Statement => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
    ...(Condition && { Condition }),
  })
  return {
    Version: '2012-10-17',
    Statement: [
      allow('Look', lookingActions, ['*']),
      // ids that nobody knows beforehand
      allow('Network', networkActions, ['*']),
      allow('Cdn', cdnActions, ['*']),
      // AWS names it
      allow('Budget', budgetActions, [`arn:${partition}:budgets::${account}:budget/*`]),
      // the address of the site's own domain, and no record of mail or of another kind. A call that changes no records has no
      // such key, and ForAllValues holds then
      allow(
        'DomainRecords',
        domainActions,
        [`arn:${partition}:route53:::hostedzone/*`, `arn:${partition}:route53:::change/*`],
        { 'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA'] } },
      ),
      allow('LoadBalancer', loadBalancerActions, [
        regional('elasticloadbalancing', 'loadbalancer/app/live-quiz*'),
        regional('elasticloadbalancing', 'listener/app/live-quiz*'),
        regional('elasticloadbalancing', 'listener-rule/app/live-quiz*'),
        regional('elasticloadbalancing', 'targetgroup/live-quiz*'),
      ]),
      allow(
        'Cluster',
        [
          'ecs:*Resource',
          'ecs:CreateCluster',
          'ecs:DeleteCluster',
          'ecs:PutClusterCapacityProviders',
          'ecs:UpdateCluster',
          'ecs:UpdateClusterSettings',
        ],
        [regional('ecs', 'cluster/live-quiz*')],
      ),
      allow('Tables', tableActions, [regional('dynamodb', 'table/live-quiz*')]),
      allow('Buckets', bucketActions, [`arn:${partition}:s3:::livequizeventstack*`]),
      // also the file that cdk uploaded: CloudFormation reads the template
      allow('Template', ['s3:GetObject'], [`arn:${partition}:s3:::cdk-*-assets-${account}-*/*`]),
      allow('BootstrapVersion', ['ssm:GetParameters'], [regional('ssm', 'parameter/cdk-bootstrap/*')]),
      allow('Logs', logActions, [regional('logs', 'log-group:/ecs/live-quiz*')]),
      allow(
        'Secrets',
        ['secretsmanager:*Resource', 'secretsmanager:*Secret', 'secretsmanager:GetSecretValue'],
        // CloudFormation names the second
        [regional('secretsmanager', 'secret:live-quiz*'), regional('secretsmanager', 'secret:OriginSecret*')],
      ),
      allow(
        'Alarms',
        [
          'cloudwatch:*Resource',
          'cloudwatch:DeleteAlarms',
          'cloudwatch:DeleteDashboards',
          'cloudwatch:GetDashboard',
          'cloudwatch:PutDashboard',
          'cloudwatch:PutMetricAlarm',
        ],
        [regional('cloudwatch', 'alarm:live-quiz*'), `arn:${partition}:cloudwatch::${account}:dashboard/live-quiz*`],
      ),
      allow('Notifications', notificationActions, [
        regional('sns', 'live-quiz*'),
        regional('events', 'rule/live-quiz*'),
      ]),
      allow('MakeTaskRoles', ['iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'], taskRoles, {
        StringEquals: { 'iam:PermissionsBoundary': boundary },
      }),
      allow(
        'ChangeTaskRoles',
        [
          'iam:DeleteRole',
          'iam:DeleteRolePolicy',
          'iam:GetRole',
          'iam:GetRolePolicy',
          'iam:ListAttachedRolePolicies',
          'iam:ListRolePolicies',
          'iam:TagRole',
          'iam:UntagRole',
          'iam:UpdateAssumeRolePolicy',
          'iam:UpdateRole',
          'iam:UpdateRoleDescription',
        ],
        taskRoles,
      ),
      allow(
        'ServiceRoles',
        ['iam:CreateServiceLinkedRole'],
        [iamArn('role/aws-service-role/*', { partition, account })],
      ),
    ],
  }
}

/** The most that a task of ours may ever do, whatever policy its role gets. */
export function taskBoundaryPolicy({ partition, account }: Place): Policy {
  const regional = (service: string, resource: string) => `arn:${partition}:${service}:*:${account}:${resource}`
  const statement = (Sid: string, Action: string[], Resource: string[]): Statement => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
  })
  return {
    Version: '2012-10-17',
    Statement: [
      statement('ApplicationTables', taskTableActions, [
        regional('dynamodb', 'table/live-quiz*-application'),
        regional('dynamodb', 'table/live-quiz*-application-restored-*'),
      ]),
      statement(
        'PullImages',
        ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        [regional('ecr', 'repository/live-quiz-backend*')],
      ),
      statement(
        'WriteLogs',
        ['logs:CreateLogStream', 'logs:PutLogEvents'],
        [regional('logs', 'log-group:/ecs/live-quiz*')],
      ),
      statement('ReadSecrets', ['secretsmanager:GetSecretValue'], [regional('secretsmanager', 'secret:live-quiz*')]),
      statement('OfNoResource', ['ecr:GetAuthorizationToken', 'elasticloadbalancing:DescribeTargetHealth'], ['*']),
    ],
  }
}

export function executionPolicyArn(place: Place): string {
  return policyArn(executionPolicy, place)
}

function policyArn(name: string, place: Place): string {
  return iamArn(`policy/${name}`, place)
}

function iamArn(resource: string, { partition, account }: Place): string {
  return `arn:${partition}:iam::${account}:${resource}`
}

/** https://docs.aws.amazon.com/general/latest/gr/rande.html */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
