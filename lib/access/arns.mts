import { environmentNames, type EnvironmentNames } from '../environment/environments.mts'

/** Where ARNs are: an environment by its names, in a region of an account. */
export interface Scope {
  names: EnvironmentNames
  /** The environment that is promoted to this one. */
  source?: EnvironmentNames | undefined
  partition: string
  account: string
  region: string
}

/** What `cdk bootstrap` puts into the names of what it makes. */
const bootstrapQualifier = 'hnb659fds'

/** The ARNs of everything that a permission is about. */
export function arnsOf(scope: Scope) {
  const { names, source, partition, account, region } = scope
  const global = (service: string, resource: string) => `arn:${partition}:${service}::${account}:${resource}`
  const role = (name: string) => global('iam', `role/${name}`)
  const regional = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`
  const own = ofEnvironment(names, partition, regional)
  return {
    ...own,
    cdkRole: (kind: string) => role(`cdk-${bootstrapQualifier}-${kind}-role-${account}-${region}`),
    bootstrapVersion: regional('ssm', `parameter/cdk-bootstrap/${bootstrapQualifier}/version`),
    toolkitStack: regional('cloudformation', 'stack/CDKToolkit/*'),
    taskRoles: [role(`${names.prefix}-task`), role(`${names.prefix}-task-execution`)],
    distributions: global('cloudfront', 'distribution/*'),
    // where CloudFront's have to be
    certificates: `arn:${partition}:acm:us-east-1:${account}:certificate/*`,
    source: source && ofEnvironment(source, partition, regional),
  }
}

function ofEnvironment(
  names: EnvironmentNames,
  partition: string,
  regional: (service: string, resource: string) => string,
) {
  const { prefix, stack, repository, cluster, service, family, logGroup, ledger, restoredTablePrefix } = names
  // CloudFormation names the buckets: the stack, the logical id, and letters of its own
  const bucket = (logicalId: string) => `arn:${partition}:s3:::${stack.toLowerCase()}-${logicalId}-*`
  const [siteBucket, logBucket] = [bucket('sitebucket'), bucket('logbucket')]
  return {
    stack: regional('cloudformation', `stack/${stack}/*`),
    repository: regional('ecr', `repository/${repository}`),
    cluster: regional('ecs', `cluster/${cluster}`),
    service: regional('ecs', `service/${cluster}/${service}`),
    serviceRevisions: regional('ecs', `service-revision/${cluster}/${service}/*`),
    serviceDeployments: regional('ecs', `service-deployment/${cluster}/${service}/*`),
    taskDefinitions: regional('ecs', `task-definition/${family}:*`),
    tasks: regional('ecs', `task/${cluster}/*`),
    // also the streams in it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    logGroup: regional('logs', `log-group:${logGroup}:*`),
    alarmTopic: regional('sns', `${prefix}-alarms`),
    eventRules: ['failed-deployments', 'stopped-tasks'].map((rule) => regional('events', `rule/${prefix}-${rule}`)),
    siteBucket,
    siteFiles: `${siteBucket}/*`,
    logBucket,
    logFiles: `${logBucket}/*`,
    ledger: regional('dynamodb', `table/${ledger}`),
    application: regional('dynamodb', `table/${prefix}-application`),
    restoredTables: regional('dynamodb', `table/${restoredTablePrefix}*`),
    // AWS adds six characters to the name
    adminSecret: regional('secretsmanager', `secret:${prefix}-admin-secret-??????`),
    slackWebhook: regional('ssm', `parameter/${prefix}/slack-webhook-url`),
  }
}

/** The scope of an environment, with the one that is promoted to it. */
export function scopeOf(
  environment: EnvironmentNames['environment'],
  source: EnvironmentNames['environment'] | undefined,
  place: Pick<Scope, 'partition' | 'account' | 'region'>,
): Scope {
  return { names: environmentNames(environment), source: source && environmentNames(source), ...place }
}
