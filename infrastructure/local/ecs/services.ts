import { isDeepStrictEqual } from 'node:util'
import type { Targets } from '../elb/targets.ts'
import type { Action, Input } from '../gateway/room.ts'
import { account } from '../settings.ts'
import { beginDeployment, currentServiceDeployment, finish } from './deployment.ts'
import { invalidParameter, serviceNotActive, serviceNotFound } from './errors.ts'
import type { Cluster, DeploymentConfiguration, Revision, Service, TaskDefinition } from './model.ts'
import { arn, nameIn, revisionId } from './names.ts'
import type { Records } from './records.ts'
import { describeService } from './service-description.ts'
import { checkKind, checkLoadBalancer, checkPercentages, type ServiceInput } from './service-input.ts'
import { checkNetwork, usableDefinition } from './task-actions.ts'

interface Parts {
  records: Records
  targets: Targets
}

const defaultConfiguration: DeploymentConfiguration = {
  deploymentCircuitBreaker: { enable: false, rollback: false },
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  strategy: 'ROLLING',
  bakeTimeInMinutes: 0,
}

export function serviceActions(records: Records, targets: Targets): Record<string, Action> {
  const parts = { records, targets }
  return {
    CreateService: (input) => createService(parts, input),
    UpdateService: (input) => updateService(parts, input),
    DeleteService: (input) => deleteService(parts, input),
    DescribeServices: (input) => describeServices(parts, input),
  }
}

function createService(parts: Parts, input: Input) {
  const { records } = parts
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
  const revision = newRevision(parts, cluster, name, definition, given)
  const service: Service = {
    arn: arn('service', cluster.name, name),
    name,
    cluster,
    status: 'ACTIVE',
    desiredCount: given.desiredCount ?? 1,
    deploymentConfiguration,
    healthCheckGracePeriodSeconds: given.healthCheckGracePeriodSeconds ?? 0,
    availabilityZoneRebalancing: given.availabilityZoneRebalancing ?? 'ENABLED',
    enableECSManagedTags: given.enableECSManagedTags ?? false,
    propagateTags: given.propagateTags ?? 'NONE',
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
}

function updateService(parts: Parts, input: Input) {
  const { records } = parts
  const { service: name, ...given } = input as unknown as ServiceInput & { service: string }
  const cluster = records.cluster(given.cluster)
  const service = findService(records, cluster, name)
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
  const revision = redeploy ? newRevision(parts, cluster, service.name, definition, wanted) : undefined

  service.desiredCount = given.desiredCount ?? service.desiredCount
  service.healthCheckGracePeriodSeconds = given.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds
  service.availabilityZoneRebalancing = given.availabilityZoneRebalancing ?? service.availabilityZoneRebalancing
  Object.assign(service.deploymentConfiguration, given.deploymentConfiguration)
  service.enableECSManagedTags = given.enableECSManagedTags ?? service.enableECSManagedTags
  service.propagateTags = given.propagateTags ?? service.propagateTags
  if (revision) beginDeployment(service, revision)
  return { service: describeService(service, records) }
}

function deleteService({ records }: Parts, input: Input) {
  const { cluster, service: name, force } = input as unknown as { cluster?: string; service: string; force?: boolean }
  const service = findService(records, records.cluster(cluster), name)
  if (service.status === 'INACTIVE') throw serviceNotFound()
  if (service.desiredCount > 0 && !force) {
    throw invalidParameter('The service cannot be stopped while it is scaled above 0.')
  }
  service.status = 'DRAINING'
  service.desiredCount = 0
  const current = currentServiceDeployment(service)
  if (current) finish(current, 'STOPPED', 'Service deployment stopped because the service was deleted.')
  return { service: describeService(service, records) }
}

function describeServices({ records }: Parts, input: Input) {
  const {
    cluster: clusterName,
    services: wanted = [],
    include = [],
  } = input as { cluster?: string; services?: string[]; include?: string[] }
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
}

function newRevision(
  { targets }: Parts,
  cluster: Cluster,
  name: string,
  definition: TaskDefinition,
  given: ServiceInput,
): Revision {
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

function findService(records: Records, cluster: Cluster, name: string): Service {
  const service = records.findService(cluster, name)
  if (!service) throw serviceNotFound()
  return service
}
