import { parseForm } from '../gateway/protocols.ts'
import { account, region } from '../settings.ts'
import type { Need } from './evaluation.ts'
import type { NamedCall } from './named-call.ts'
import { s3Needs } from './s3-needs.ts'

type Input = Record<string, unknown>

/** Tags of a resource, by its ARN. */
export type TagsOf = (arn: string) => Record<string, string>

export function arnOf(service: string, resource: string, place = region): string {
  return `arn:aws:${service}:${place}:${account}:${resource}`
}

/**
 * The actions and resources that a call needs, as the service authorization reference names them
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html). A call of a service that is not
 * listed here needs its own name on `*`: only a policy that names no resource allows it.
 */
export function needsOf(call: NamedCall, tagsOf: TagsOf): Need[] {
  const { service, action } = call
  if (service === 's3') return s3Needs(call)
  const prefix = service === 'monitoring' ? 'cloudwatch' : service
  const input = inputOf(call)
  const resources = resourcesOf[service]?.(action, input, call) ?? ['*']
  const needs = resources.map((resource): Need => ({ action: `${prefix}:${action}`, resource }))
  if (service === 'cloudfront') return needs.map((need) => ({ ...need, context: tagContext(tagsOf(need.resource)) }))
  if (service === 'ecs' && action === 'ListTasks') {
    return needs.map((need) => ({ ...need, context: { 'ecs:cluster': arnOf('ecs', `cluster/${clusterIn(input)}`) } }))
  }
  if (service === 'dynamodb') return [...needs, ...restoring(action, input)]
  if (action === 'DetectStackDrift') return [...needs, ...detecting(resources)]
  return [...needs, ...tagged(prefix, input, resources), ...passedRoles(service, input)]
}

/** To make something with tags is to tag it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html */
function tagged(prefix: string, input: Input, resources: string[]): Need[] {
  const { tags } = input
  const isTagged = ['ecs', 'ecr'].includes(prefix) && Array.isArray(tags) && tags.length > 0
  return isTagged ? resources.map((resource) => ({ action: `${prefix}:TagResource`, resource })) : []
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_IAM.html */
function restoring(action: string, input: Input): Need[] {
  if (action !== 'RestoreTableToPointInTime') return []
  const [resource = '*'] = named(input['TargetTableName'], (table) => arnOf('dynamodb', `table/${table}`))
  return ['BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'].map((each) => ({
    action: `dynamodb:${each}`,
    resource,
  }))
}

/**
 * Besides the reading of each resource, which is not asked for here:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 */
function detecting(stacks: string[]): Need[] {
  const ofResources = stacks.map((resource) => ({ action: 'cloudformation:DetectStackResourceDrift', resource }))
  return [...ofResources, { action: 'cloudformation:BatchDescribeTypeConfigurations', resource: '*' }]
}

/** Nobody calls iam:PassRole: it is needed by each call that gives a service a role. */
function passedRoles(service: string, input: Input): Need[] {
  const [roles, receiver] =
    service === 'ecs'
      ? [[input['taskRoleArn'], input['executionRoleArn']], 'ecs-tasks.amazonaws.com']
      : service === 'cloudformation'
        ? [[input['RoleARN']], 'cloudformation.amazonaws.com']
        : [[], '']
  return roles
    .filter((role): role is string => typeof role === 'string' && role !== '')
    .map((role) => ({
      action: 'iam:PassRole',
      resource: role.startsWith('arn:') ? role : arnOf('iam', `role/${role}`, ''),
      context: { 'iam:PassedToService': receiver },
    }))
}

const resourcesOf: Record<string, (action: string, input: Input, call: NamedCall) => string[]> = {
  acm: (_, input) => named(input['CertificateArn'], (certificate) => certificate),
  cloudformation: (_, input) => named(input['StackName'], (stack) => arnOf('cloudformation', `stack/${stack}/*`)),
  cloudfront: (_, __, { path }) =>
    named(/\/distribution\/([^/]+)/.exec(path)?.[1], (id) => arnOf('cloudfront', `distribution/${id}`, '')),
  dynamodb: (_, input) =>
    named(
      input['TableName'] ??
        input['SourceTableName'] ??
        input['ResourceArn'] ??
        Object.keys((input['RequestItems'] as object | undefined) ?? {}),
      (table) => arnOf('dynamodb', `table/${table}`),
    ),
  ecr: (action, input) =>
    action === 'GetAuthorizationToken'
      ? ['*']
      : named(input['repositoryName'] ?? input['repositoryNames'] ?? '*', repositoryArn),
  ecs: ecsResources,
  // every action that only describes
  elasticloadbalancing: () => ['*'],
  iam: (_, input) =>
    typeof input['PolicyArn'] === 'string'
      ? [input['PolicyArn']]
      : named(input['RoleName'], (role) => arnOf('iam', `role/${role}`, '')),
  // AWS puts the stream behind the group, also where there is none
  logs: (_, input) => {
    const group = textIn(input, 'logGroupName') || textIn(input, 'logGroupIdentifier')
    if (group.startsWith('arn:')) return [group]
    return [arnOf('logs', `log-group:${group}:log-stream:${textIn(input, 'logStreamName')}`)]
  },
  // AWS adds six characters to a secret's name
  secretsmanager: (_, input) =>
    named(input['SecretId'] ?? input['Name'], (secret) => arnOf('secretsmanager', `secret:${secret}-AbCdEf`)),
  sns: (_, input) => named(input['TopicArn'], (topic) => topic),
  ssm: (_, input) =>
    named(input['Name'] ?? input['Names'], (name) => arnOf('ssm', `parameter/${name.replace(/^\//, '')}`)),
  sts: (_, input) => named(input['RoleArn'], (role) => role),
}

export function repositoryArn(repository: string): string {
  return arnOf('ecr', `repository/${repository}`)
}

function ecsResources(action: string, input: Input): string[] {
  const cluster = clusterIn(input)
  switch (action) {
    case 'RegisterTaskDefinition':
      return [arnOf('ecs', `task-definition/${textIn(input, 'family')}:*`)]
    case 'CreateService':
    case 'DeleteService':
    case 'DescribeServices':
    case 'ListServiceDeployments':
    case 'UpdateService':
      return named(input['services'] ?? input['service'] ?? input['serviceName'], (service) =>
        arnOf('ecs', `service/${cluster}/${service}`),
      )
    case 'DescribeServiceDeployments':
    case 'DescribeServiceRevisions':
      return named(input['serviceDeploymentArns'] ?? input['serviceRevisionArns'], (arn) => arn).flatMap((arn) => [
        arn.replace(/:service-[a-z]+\/(.+)\/.*/, ':service/$1'),
        arn,
      ])
    case 'DescribeTasks':
      return named(input['tasks'], (task) => arnOf('ecs', `task/${cluster}/${task}`))
    default:
      return ['*']
  }
}

function clusterIn(input: Input): string {
  return (textIn(input, 'cluster') || 'default').replace(/^.*:cluster\//, '')
}

function textIn(input: Input, member: string): string {
  const value = input[member]
  return typeof value === 'string' ? value : ''
}

/** One ARN for each name; what already is an ARN stays. `*` where nothing is named. */
function named(names: unknown, toArn: (name: string) => string): string[] {
  const list = (Array.isArray(names) ? names : [names]).filter((name) => typeof name === 'string' && name !== '')
  if (list.length === 0) return ['*']
  return (list as string[]).map((name) => (name.startsWith('arn:') ? name : toArn(name)))
}

function tagContext(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]))
}

export function inputOf({ body, query, headers }: Pick<NamedCall, 'body' | 'query' | 'headers'>): Input {
  if ('x-amz-target' in headers) return (body ? JSON.parse(body) : {}) as Input
  const form = new URLSearchParams(body.startsWith('<') ? '' : body)
  for (const [name, value] of query) form.append(name, value)
  return parseForm(form)
}
