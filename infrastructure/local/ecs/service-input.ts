import type { Targets } from '../elb/targets.ts'
import { AwsError } from '../gateway/room.ts'
import { invalidParameter } from './errors.ts'
import type {
  DeploymentConfiguration,
  ServiceLoadBalancer,
  NetworkConfiguration,
  EcsTag,
  TaskDefinition,
} from './model.ts'
import { unsupportedMembers } from './unsupported.ts'

/** What CreateService and UpdateService have in common. */
export interface ServiceInput {
  cluster?: string
  taskDefinition?: string
  desiredCount?: number
  deploymentConfiguration?: Partial<DeploymentConfiguration>
  networkConfiguration?: NetworkConfiguration
  loadBalancers?: ServiceLoadBalancer[]
  healthCheckGracePeriodSeconds?: number
  platformVersion?: string
  availabilityZoneRebalancing?: string
  forceNewDeployment?: boolean
  launchType?: string
  schedulingStrategy?: string
  deploymentController?: { type?: string }
  enableECSManagedTags?: boolean
  enableExecuteCommand?: boolean
  propagateTags?: string
  tags?: EcsTag[]
}

/** What a request may have here. */
const known = [
  'availabilityZoneRebalancing',
  'cluster',
  'deploymentConfiguration.alarms',
  'deploymentConfiguration.bakeTimeInMinutes',
  'deploymentConfiguration.deploymentCircuitBreaker',
  'deploymentConfiguration.maximumPercent',
  'deploymentConfiguration.minimumHealthyPercent',
  'deploymentConfiguration.strategy',
  'deploymentController.type',
  'desiredCount',
  'enableECSManagedTags',
  'enableExecuteCommand',
  'forceNewDeployment',
  'healthCheckGracePeriodSeconds',
  'launchType',
  'loadBalancers.containerName',
  'loadBalancers.containerPort',
  'loadBalancers.targetGroupArn',
  'networkConfiguration',
  'platformVersion',
  'propagateTags',
  'schedulingStrategy',
  'tags',
  'taskDefinition',
]

/** What AWS has and this scheduler has not is refused rather than done differently. */
export function checkKind(given: ServiceInput): void {
  const { launchType, schedulingStrategy, deploymentController, deploymentConfiguration } = given
  const unsupported = [
    launchType && launchType !== 'FARGATE' && `launchType ${launchType}`,
    schedulingStrategy && schedulingStrategy !== 'REPLICA' && `schedulingStrategy ${schedulingStrategy}`,
    deploymentController?.type &&
      deploymentController.type !== 'ECS' &&
      `deploymentController ${deploymentController.type}`,
    (deploymentConfiguration?.strategy ?? 'ROLLING') !== 'ROLLING' &&
      `the deployment strategy ${deploymentConfiguration?.strategy}`,
    given.enableExecuteCommand && 'enableExecuteCommand',
    ...unsupportedMembers(given, known),
  ].filter(Boolean)
  if (unsupported.length > 0) {
    throw new AwsError('UnsupportedFeatureException', `The local AWS does not have ${unsupported.join(', ')}.`)
  }
}

export function checkPercentages({ maximumPercent, minimumHealthyPercent }: DeploymentConfiguration): void {
  if (maximumPercent <= 100 && minimumHealthyPercent >= 100) {
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    )
  }
}

/** @throws AwsError InvalidParameterException when target group or port does not exist, or the group takes no addresses */
export function checkLoadBalancer(
  { targetGroupArn, containerName, containerPort }: ServiceLoadBalancer,
  definition: TaskDefinition,
  targets: Pick<Targets, 'targetType'>,
): void {
  const container = definition.containerDefinitions.find(({ name }) => name === containerName)
  if (!container) throw invalidParameter(`The container ${containerName} does not exist in the task definition.`)
  if (!container.portMappings.some((mapping) => mapping.containerPort === containerPort)) {
    throw invalidParameter(`The container ${containerName} did not have a container port ${containerPort} defined.`)
  }
  let targetType: string
  try {
    targetType = targets.targetType(targetGroupArn)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw invalidParameter(`The target group with targetGroupArn ${targetGroupArn} does not exist.`)
  }
  if (targetType !== 'ip') {
    throw invalidParameter(
      `The provided target group ${targetGroupArn} has target type ${targetType}, which is incompatible with the awsvpc network mode specified in the task definition.`,
    )
  }
}
