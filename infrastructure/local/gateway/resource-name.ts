import type { IncomingMessage } from 'node:http'
import { decoded } from '../http/percent-encoding.ts'
import { locate } from './request.ts'

/** Members that name what a call is about, by service: of each list the first that is there, joined by a slash. */
const naming: Record<string, string[][]> = {
  cloudformation: [['StackName', 'ChangeSetName']],
  dynamodb: [['TableName']],
  ecr: [['repositoryName', 'repositoryNames']],
  ecs: [
    ['cluster', 'clusters'],
    ['service', 'serviceName', 'services', 'task', 'tasks', 'taskDefinition', 'family', 'familyPrefix'],
    ['serviceDeploymentArns', 'serviceRevisionArns'],
  ],
  elasticloadbalancing: [['TargetGroupArn']],
  iam: [['RoleName', 'PolicyArn', 'PolicyName', 'UserName']],
  logs: [
    ['logGroupName', 'logGroupIdentifier', 'logGroupNamePrefix'],
    ['logStreamName', 'logStreamNames'],
  ],
  secretsmanager: [['SecretId', 'Name']],
  sns: [['TopicArn', 'Name']],
  ssm: [['Name', 'Names', 'Path']],
  sts: [['RoleArn']],
}

/**
 * What a call is about, for the call log: a name or an ARN, as the caller wrote it; of several the first. Nothing where
 * the beginning of the request names nothing.
 */
export function resourceName(service: string, request: IncomingMessage, requestHead: string): { resource?: string } {
  const { path } = locate(request)
  const resource =
    service === 's3'
      ? decoded(path.slice(1))
      : service === 'cloudfront'
        ? /\/distribution\/([^/]+)/.exec(path)?.[1]
        : namedIn(requestHead, naming[service] ?? [])
  return resource ? { resource } : {}
}

function namedIn(requestHead: string, parts: string[][]): string {
  const found = parts.map((members) => members.map((member) => valueOf(member, requestHead)).find(Boolean))
  return found.filter(Boolean).join('/')
}

/** `"service":"a"`, `"services":["a","b"]`; `StackName=a`. */
function valueOf(member: string, requestHead: string): string | undefined {
  const inJson = new RegExp(`"${member}"\\s*:\\s*\\[?\\s*"([^"]+)"`).exec(requestHead)?.[1]
  if (inJson !== undefined) return inJson
  const inForm = new RegExp(`(?:^|&)${member}=([^&]+)`).exec(requestHead)?.[1]
  return inForm && decoded(inForm)
}
