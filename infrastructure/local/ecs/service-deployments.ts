import type { Action } from '../gateway/room.ts'
import { failureThreshold } from './circuit-breaker.ts'
import { invalidParameter, serviceNotFound } from './errors.ts'
import type { Revision, Service, ServiceDeployment } from './model.ts'
import { deploymentId } from './names.ts'
import { paginate } from './pages.ts'
import type { Records } from './records.ts'
import { countTasks } from './service-description.ts'

interface ListInput {
  cluster?: string
  service: string
  createdAt?: { after?: number }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html */
export function serviceDeploymentActions(records: Records): Record<string, Action> {
  const find = (arn: string): ServiceDeployment | undefined =>
    records
      .services()
      .flatMap(({ serviceDeployments }) => serviceDeployments)
      .find((deployment) => deployment.arn === arn)

  return {
    ListServiceDeployments(input) {
      const { cluster, service: name, createdAt } = input as unknown as ListInput
      const service = records.findService(records.cluster(cluster), name)
      if (!service) throw serviceNotFound()
      const { after = -Infinity } = createdAt ?? {}
      const found = service.serviceDeployments.filter((deployment) => deployment.createdAt.getTime() / 1000 > after)
      const { page, nextToken } = paginate(found, input)
      return { serviceDeployments: page.map(brief), nextToken }
    },
    DescribeServiceDeployments(input) {
      const arns = input['serviceDeploymentArns'] as string[]
      if (arns.length > 20) throw invalidParameter('serviceDeploymentArns can have at most 20 items.')
      return {
        serviceDeployments: arns.flatMap((arn) => {
          const found = find(arn)
          return found ? describe(found, records) : []
        }),
        failures: arns.flatMap((arn) => (find(arn) ? [] : { arn, reason: 'MISSING' })),
      }
    },
    DescribeServiceRevisions(input) {
      const arns = input['serviceRevisionArns'] as string[]
      if (arns.length > 20) throw invalidParameter('serviceRevisionArns can have at most 20 items.')
      const revisions = arns.map((arn) => ({ arn, found: findRevision(records, arn) }))
      return {
        serviceRevisions: revisions.flatMap(({ found }) =>
          found ? describeRevision(found.revision, found.service, records) : [],
        ),
        failures: revisions.flatMap(({ arn, found }) => (found ? [] : { arn, reason: 'MISSING' })),
      }
    },
  }
}

function findRevision(records: Records, arn: string): { revision: Revision; service: Service } | undefined {
  for (const service of records.services()) {
    const revision = service.revisions.find((candidate) => candidate.arn === arn)
    if (revision) return { revision, service }
  }
  return undefined
}

function brief(deployment: ServiceDeployment) {
  return {
    serviceDeploymentArn: deployment.arn,
    serviceArn: deployment.service.arn,
    clusterArn: deployment.service.cluster.arn,
    createdAt: deployment.createdAt,
    startedAt: deployment.startedAt,
    finishedAt: deployment.finishedAt,
    targetServiceRevisionArn: deployment.target.arn,
    status: deployment.status,
    statusReason: deployment.statusReason,
  }
}

function describe(deployment: ServiceDeployment, records: Records) {
  const { targetServiceRevisionArn: _, ...known } = brief(deployment)
  const { service, breaker } = deployment
  const summary = (revision: Revision) => {
    const id = deploymentId(revision)
    const { running, pending, wanted } = countTasks(
      records.tasksOf(service).filter((task) => task.service.deploymentId === id),
    )
    const isPrimary = service.deployments[0]?.id === id
    return {
      arn: revision.arn,
      requestedTaskCount: isPrimary ? service.desiredCount : wanted,
      runningTaskCount: running,
      pendingTaskCount: pending,
    }
  }
  return {
    ...known,
    updatedAt: deployment.updatedAt,
    stoppedAt: deployment.stoppedAt,
    sourceServiceRevisions: deployment.source.map(summary),
    targetServiceRevision: summary(deployment.target),
    deploymentConfiguration: service.deploymentConfiguration,
    rollback: deployment.rollback,
    deploymentCircuitBreaker: { ...breaker, threshold: failureThreshold(service.desiredCount) },
    alarms: deployment.alarms,
  }
}

function describeRevision(revision: Revision, service: Service, records: Records) {
  const definition = records.taskDefinition(revision.taskDefinition)
  const ran = records.tasksOf(service).find((task) => task.service.deploymentId === deploymentId(revision))
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: revision.taskDefinition,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    loadBalancers: revision.loadBalancers,
    serviceRegistries: [],
    networkConfiguration: revision.networkConfiguration,
    containerImages: definition.containerDefinitions.map(({ name, image }) => ({
      containerName: name,
      image,
      imageDigest: ran?.imageDigest ?? /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1],
    })),
    guardDutyEnabled: false,
    createdAt: revision.createdAt,
  }
}
