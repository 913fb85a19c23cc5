import type { Time } from './service.mts'
import { probe, read } from '../script/shell.mts'
import type { Target } from '../environment/target.mts'

/** A deployment of a service as ECS remembers it for 90 days, whatever came after it. */
export interface ServiceDeployment {
  status:
    | 'PENDING'
    | 'IN_PROGRESS'
    | 'STOP_REQUESTED'
    | 'STOPPED'
    | 'ROLLBACK_REQUESTED'
    | 'ROLLBACK_IN_PROGRESS'
    | 'ROLLBACK_SUCCESSFUL'
    | 'ROLLBACK_FAILED'
    | 'SUCCESSFUL'
  statusReason?: string
  createdAt: Time
  /** ARN. */
  taskDefinition: string
}

type Listed = Omit<ServiceDeployment, 'taskDefinition'> & { targetServiceRevisionArn: string }

/**
 * The service's deployments since a moment, newest first; none where the aws at hand does not know the API, or its user
 * may not ask (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html).
 */
export async function serviceDeployments({ names }: Pick<Target, 'names'>, since: Date): Promise<ServiceDeployment[]> {
  const answer =
    await probe`aws ecs list-service-deployments --cluster ${names.cluster} --service ${names.service} --created-at after=${since.toISOString()}`
  if (/invalid choice|AccessDenied/i.test(answer.stderr)) return []
  if (answer.exitCode !== 0) throw answer.failed()
  const listed = (JSON.parse(answer.stdout) as { serviceDeployments: Listed[] }).serviceDeployments
  if (listed.length === 0) return []
  const revisions = [...new Set(listed.map(({ targetServiceRevisionArn }) => targetServiceRevisionArn))]
  const { serviceRevisions } = await read<{
    serviceRevisions: { serviceRevisionArn: string; taskDefinition: string }[]
  }>`aws ecs describe-service-revisions --service-revision-arns ${revisions.slice(0, 20)}`
  const known = new Map(serviceRevisions.map((revision) => [revision.serviceRevisionArn, revision.taskDefinition]))
  return listed.map((deployment) => ({
    ...deployment,
    taskDefinition: known.get(deployment.targetServiceRevisionArn) ?? '',
  }))
}
