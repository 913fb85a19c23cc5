import { isDeepStrictEqual } from 'node:util'
import type { Targets } from '../elb/targets.ts'
import { AwsError, type Action } from '../gateway/room.ts'
import { account } from '../settings.ts'
import { beginDeployment, currentServiceDeployment, finish } from './deployment.ts'
import { invalidParameter, serviceNotActive, serviceNotFound } from './errors.ts'
import { arn, nameIn, revisionId } from './names.ts'
import type {
  Cluster,
  DeploymentConfiguration,
  LoadBalancer,
  NetworkConfiguration,
  Revision,
  Service,
  Tag,
  TaskDefinition,
} from './model.ts'
import type { Records } from './records.ts'
import { describeService } from './service-description.ts'
import { checkNetwork, usableDefinition } from './task-actions.ts'

interface ServiceInput {
  cluster?: string
  taskDefinition?: string
  desiredCount?: number
  deploymentConfiguration?: Partial<DeploymentConfiguration>
  networkConfiguration?: NetworkConfiguration
  loadBalancers?: LoadBalancer[]
  healthCheckGracePeriodSeconds?: number
  platformVersion?: string
  forceNewDeployment?: boolean
  launchType?: string
  schedulingStrategy?: string
  deploymentController?: { type?: string }
  enableECSManagedTags?: boolean
  enableExecuteCommand?: boolean
  propagateTags?: string
  availabilityZoneRebalancing?: string
  placementConstraints?: unknown[]
  placementStrategy?: unknown[]
  serviceRegistries?: unknown[]
  capacityProviderStrategy?: unknown[]
  tags?: Tag[]
}

interface DescribeInput {
  cluster?: string
  services?: string[]
  include?: string[]
}

/** Kept as they are given. */
const keptSettings = [
  'enableECSManagedTags',
  'enableExecuteCommand',
  'propagateTags',
  'availabilityZoneRebalancing',
  'placementConstraints',
  'placementStrategy',
  'serviceRegistries',
  'capacityProviderStrategy',
] as const

const defaultConfiguration: DeploymentConfiguration = {
  deploymentCircuitBreaker: { enable: false, rollback: false },
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  strategy: 'ROLLING',
  bakeTimeInMinutes: 0,
}

export function serviceActions(records: Records, targets: Targets): Record<string, Action> {
  const find = (cluster: Cluster, name: string): Service => {
    const service = records.findService(cluster, name)
    if (!service) throw serviceNotFound()
    return service
  }

  function newRevision(cluster: Cluster, name: string, definition: TaskDefinition, given: ServiceInput): Revision {
    checkNetwork(given.networkConfiguration)
    for (const loadBalancer of given.loadBalancers ?? []) checkLoadBalancer(loadBalancer, definition, targets)
    const id = revisionId()
    return {
      arn: arn('service-revision', cluster.name, name, id),
      id,
      taskDefinition: definition.taskDefinitionArn,
      networkConfiguration: given.networkConfiguration ?? {},
      loadBalancers: given.loadBalancers ?? [],
      platformVersion: given.platformVersion ?? 'LATEST',
      createdAt: new Date(),
    }
  }

  return {
    CreateService(input) {
      const { serviceName: name, ...given } = input as unknown as ServiceInput & { serviceName: string }
      const cluster = records.cluster(given.cluster)
      if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw invalidParameter('Invalid service name.')
      checkKind(given)
      const deploymentConfiguration = { ...defaultConfiguration, ...given.deploymentConfiguration }
      checkPercentages(deploymentConfiguration)
      const existing = records.findService(cluster, name)
      if (existing?.status === 'ACTIVE') throw invalidParameter('Creation of service was not idempotent.')
      if (existing?.status === 'DRAINING') throw invalidParameter('Unable to Start a service that is still Draining.')
      const definition = usableDefinition(records, given.taskDefinition ?? '')
      const revision = newRevision(cluster, name, definition, given)
      const service: Service = {
        arn: arn('service', cluster.name, name),
        name,
        cluster,
        status: 'ACTIVE',
        desiredCount: given.desiredCount ?? 1,
        deploymentConfiguration,
        healthCheckGracePeriodSeconds: given.healthCheckGracePeriodSeconds ?? 0,
        settings: pickSettings(given),
        tags: given.tags ?? [],
        createdAt: new Date(),
        createdBy: `arn:aws:iam::${account}:root`,
        deployments: [],
        events: [],
        revisions: [],
        serviceDeployments: [],
        steady: false,
      }
      records.addService(service)
      beginDeployment(service, revision)
      return { service: describeService(service, records, true) }
    },
    UpdateService(input) {
      const { service: name, ...given } = input as unknown as ServiceInput & { service: string }
      const cluster = records.cluster(given.cluster)
      const service = find(cluster, name)
      if (service.status !== 'ACTIVE') throw serviceNotActive()
      checkKind(given)
      checkPercentages({ ...service.deploymentConfiguration, ...given.deploymentConfiguration })
      const current = service.deployments[0]!.revision
      const wanted = {
        networkConfiguration: given.networkConfiguration ?? current.networkConfiguration,
        loadBalancers: given.loadBalancers ?? current.loadBalancers,
        platformVersion: given.platformVersion ?? current.platformVersion,
      }
      const definition =
        given.taskDefinition === undefined
          ? records.taskDefinition(current.taskDefinition)
          : usableDefinition(records, given.taskDefinition)
      const changed = !isDeepStrictEqual(wanted, {
        networkConfiguration: current.networkConfiguration,
        loadBalancers: current.loadBalancers,
        platformVersion: current.platformVersion,
      })
      const redeploy = given.forceNewDeployment || changed || definition.taskDefinitionArn !== current.taskDefinition
      const revision = redeploy ? newRevision(cluster, service.name, definition, wanted) : undefined

      service.desiredCount = given.desiredCount ?? service.desiredCount
      service.healthCheckGracePeriodSeconds =
        given.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds
      Object.assign(service.deploymentConfiguration, given.deploymentConfiguration)
      Object.assign(service.settings, pickSettings(given))
      if (revision) beginDeployment(service, revision)
      return { service: describeService(service, records) }
    },
    DeleteService(input) {
      const {
        cluster,
        service: name,
        force,
      } = input as unknown as { cluster?: string; service: string; force?: boolean }
      const service = find(records.cluster(cluster), name)
      if (service.status === 'INACTIVE') throw serviceNotFound()
      if (service.desiredCount > 0 && !force) {
        throw invalidParameter('The service cannot be stopped while it is scaled above 0.')
      }
      service.status = 'DRAINING'
      service.desiredCount = 0
      const current = currentServiceDeployment(service)
      if (current) finish(current, 'STOPPED', 'Service deployment stopped because the service was deleted.')
      return { service: describeService(service, records) }
    },
    DescribeServices(input) {
      const { cluster: clusterName, services: wanted = [], include = [] } = input as DescribeInput
      const cluster = records.cluster(clusterName)
      const withTags = include.includes('TAGS')
      if (wanted.length === 0) throw invalidParameter('Services cannot be empty.')
      if (wanted.length > 10) throw invalidParameter('Services can have at most 10 items.')
      const found = wanted.map((name) => ({ name, service: records.findService(cluster, name) }))
      return {
        services: found.flatMap(({ service }) => (service ? describeService(service, records, withTags) : [])),
        failures: found.flatMap(({ name, service }) =>
          service ? [] : { arn: arn('service', cluster.name, nameIn(name)), reason: 'MISSING' },
        ),
      }
    },
  }
}

/** What AWS has and this scheduler has not is refused rather than done differently. */
function checkKind({
  launchType,
  schedulingStrategy,
  deploymentController,
  deploymentConfiguration,
}: ServiceInput): void {
  const unsupported = [
    launchType && launchType !== 'FARGATE' && `launchType ${launchType}`,
    schedulingStrategy && schedulingStrategy !== 'REPLICA' && `schedulingStrategy ${schedulingStrategy}`,
    deploymentController?.type &&
      deploymentController.type !== 'ECS' &&
      `deploymentController ${deploymentController.type}`,
    (deploymentConfiguration?.strategy ?? 'ROLLING') !== 'ROLLING' &&
      `the deployment strategy ${deploymentConfiguration?.strategy}`,
  ].filter(Boolean)
  if (unsupported.length > 0) {
    throw new AwsError('UnsupportedFeatureException', `The local AWS does not have ${unsupported.join(', ')}.`)
  }
}

function checkPercentages({ maximumPercent, minimumHealthyPercent }: DeploymentConfiguration): void {
  if (maximumPercent <= 100 && minimumHealthyPercent >= 100) {
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    )
  }
}

/** @throws AwsError InvalidParameterException when the target group or the container's port does not exist */
function checkLoadBalancer(
  { targetGroupArn, containerName, containerPort }: LoadBalancer,
  definition: TaskDefinition,
  targets: Targets,
): void {
  const container = definition.containerDefinitions.find(({ name }) => name === containerName)
  if (!container) throw invalidParameter(`The container ${containerName} does not exist in the task definition.`)
  if (!container.portMappings.some((mapping) => mapping.containerPort === containerPort)) {
    throw invalidParameter(`The container ${containerName} did not have a container port ${containerPort} defined.`)
  }
  try {
    targets.health(targetGroupArn)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw invalidParameter(`The target group with targetGroupArn ${targetGroupArn} does not exist.`)
  }
}

function pickSettings(given: ServiceInput): Record<string, unknown> {
  return Object.fromEntries(keptSettings.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])))
}
