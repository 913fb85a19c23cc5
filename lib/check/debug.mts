import type { Place } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { addresses, backendAddresses, type StackOutputs } from '../stack/stack.mts'

interface DebugCommand {
  purpose: string
  command: string
}

interface Installed {
  /** Id of the CDN's latest invalidation. */
  invalidation: string | undefined
  /** Version 1 of the aws CLI does not have `logs tail`; the one of the local AWS does. */
  awsHasTail: boolean
}

/** The commands of docs/DEPLOYMENT_WORKFLOW.md ("Watching", "When something fails") with real names. */
export function debugCommands(
  { environment, names }: Place,
  outputs: StackOutputs,
  { invalidation, awsHasTail }: Installed,
): DebugCommand[] {
  const { cluster, service, logGroup } = names
  const { site } = addresses(outputs)
  const { backend, backendWebSocket } = backendAddresses(outputs)
  const services = `aws ecs describe-services --cluster ${cluster} --services ${service}`
  const stopped = `aws ecs list-tasks --cluster ${cluster} --service-name ${service} --desired-status STOPPED`
  return [
    {
      purpose: 'Watch the ECS deployment (watch is in the package procps; macOS: brew install watch)',
      command: `watch -n 5 '${services} --query "services[0].deployments"'`,
    },
    {
      purpose: 'Follow the logs',
      command: awsHasTail ? `aws logs tail ${logGroup} --follow` : invocation('logs', environment),
    },
    ...(invalidation === undefined
      ? []
      : [
          {
            purpose: 'Check the latest CloudFront invalidation',
            command: `aws cloudfront get-invalidation --distribution-id ${outputs.DistributionId} --id ${invalidation}`,
          },
        ]),
    { purpose: 'Backend health', command: `curl ${backend}/health` },
    { purpose: 'Frontend health', command: `curl ${site}/` },
    { purpose: 'WebSocket connection', command: `npx wscat -c ${backendWebSocket}` },
    { purpose: 'Check Docker', command: 'docker ps\ndocker images' },
    { purpose: 'Check the service', command: services },
    {
      purpose: 'Check why tasks stopped (ECS forgets within the hour)',
      command: `${stopped}\naws ecs describe-tasks --cluster ${cluster} --tasks $(${stopped} --query 'taskArns[:20]' --output text) --query 'tasks[].[stoppedReason,containers[].reason]'`,
    },
    {
      purpose: 'Check the targets',
      command: `aws elbv2 describe-target-health --target-group-arn ${outputs.TargetGroupArn}`,
    },
    { purpose: 'Check the site', command: `aws s3 ls s3://${outputs.SiteBucketName}/` },
    ...(outputs.LogBucketName
      ? [{ purpose: 'Check who asked what', command: `aws s3 ls s3://${outputs.LogBucketName}/` }]
      : []),
    {
      // the whole answer shows what CloudFront shows the load balancer: infrastructure/lib/origin-secret.ts
      purpose: 'Check the CDN (as an administrator)',
      command: "aws cloudfront list-distributions --query 'DistributionList.Items[].[Id,DomainName,Status]'",
    },
    {
      purpose: 'Revisions to roll back to',
      command: `aws ecs list-task-definitions --family-prefix ${names.family} --sort DESC`,
    },
  ]
}
