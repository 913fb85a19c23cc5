import { failureThreshold } from './circuit-breaker.ts'
import { addEvent, events } from './events.ts'
import { arn, deploymentId, serviceDeploymentId } from './names.ts'
import type { Deployment, Revision, Service, ServiceDeployment, ServiceDeploymentStatus } from './model.ts'

/** Statuses of a service deployment that is still under way. */
const underWay: readonly ServiceDeploymentStatus[] = ['PENDING', 'IN_PROGRESS', 'ROLLBACK_IN_PROGRESS']

/** The service deployment that is under way, if one is. */
export function currentServiceDeployment(service: Service): ServiceDeployment | undefined {
  return service.serviceDeployments.find(({ status }) => underWay.includes(status))
}

/** Makes a revision the PRIMARY one and begins to roll it out; what was under way is superseded. */
export function beginDeployment(service: Service, revision: Revision): Deployment {
  const source = service.deployments.map((deployment) => deployment.revision)
  const superseded = currentServiceDeployment(service)
  if (superseded) {
    finish(superseded, 'STOPPED', 'Service deployment stopped because a newer service deployment was started.')
  }
  const now = new Date()
  service.revisions.push(revision)
  const { deploymentCircuitBreaker, alarms } = service.deploymentConfiguration
  service.serviceDeployments.unshift({
    arn: arn('service-deployment', service.cluster.name, service.name, serviceDeploymentId()),
    service,
    source,
    target: revision,
    status: 'PENDING',
    breaker: {
      status: deploymentCircuitBreaker.enable ? 'MONITORING' : 'DISABLED',
      failureCount: 0,
      threshold: failureThreshold(service.desiredCount),
    },
    alarms: {
      status: alarms?.enable ? 'MONITORING' : 'DISABLED',
      alarmNames: alarms?.alarmNames ?? [],
      triggeredAlarmNames: [],
    },
    bake: { duration: 0 },
    createdAt: now,
    updatedAt: now,
  })
  return makePrimary(service, newDeployment(revision))
}

/** All tasks of the PRIMARY deployment are healthy, and the others' are gone. */
export function completeDeployment(service: Service): void {
  const [primary] = service.deployments
  if (!primary || primary.rolloutState !== 'IN_PROGRESS') return
  change(primary, 'COMPLETED', `ECS deployment ${primary.id} completed.`)
  service.lastCompleted = primary.revision
  addEvent(service, events.completed(primary.id))
  const current = currentServiceDeployment(service)
  if (!current) return
  if (current.status === 'ROLLBACK_IN_PROGRESS') finish(current, 'ROLLBACK_SUCCESSFUL', current.rollback?.reason)
  else finish(current, 'SUCCESSFUL')
}

/** Who says that a deployment has failed, and how ECS words it. */
const monitors = {
  breaker: {
    setting: 'deploymentCircuitBreaker',
    name: 'ECS deployment circuit breaker',
    why: 'tasks failed to start',
    because: 'the circuit breaker threshold was exceeded',
  },
  alarms: {
    setting: 'alarms',
    name: 'ECS deployment alarms',
    why: 'alarm detected',
    because: 'a CloudWatch alarm of the deployment was in ALARM',
  },
} as const

/** The PRIMARY deployment has failed, and is rolled back where that was asked for of the one that found it. */
export function failDeployment(service: Service, monitor: keyof typeof monitors): void {
  const [primary] = service.deployments
  if (!primary) return
  const { setting, name, why, because } = monitors[monitor]
  change(primary, 'FAILED', `${name}: ${why}.`)
  addEvent(service, events.failed(primary.id, why))
  const current = currentServiceDeployment(service)
  if (current) current[monitor].status = 'TRIGGERED'
  if (!service.deploymentConfiguration[setting]?.rollback) {
    if (current) finish(current, 'STOPPED', `Service deployment stopped because ${because}.`)
    return
  }
  rollBack(
    service,
    `Service deployment rolled back because ${because}.`,
    (id) => `${name}: rolling back to deploymentId ${id}.`,
  )
}

/**
 * Goes back to the last revision that was completely rolled out. Its deployment keeps its id: ECS shows the old
 * deployment as PRIMARY again.
 * @returns false when there is none to go back to
 */
export function rollBack(service: Service, reason: string, stateReason: (deploymentId: string) => string): boolean {
  const current = currentServiceDeployment(service)
  const target = service.lastCompleted
  if (!target || service.deployments[0]?.revision === target) {
    if (current) finish(current, 'ROLLBACK_FAILED', `${reason} No rollback candidate was found to run the rollback.`)
    return false
  }
  const known = service.deployments.find(({ revision }) => revision === target)
  const primary = makePrimary(service, known ?? newDeployment(target))
  // it was proven when it was completed; now it has to prove itself again
  Object.assign(primary, { proven: false, failedTasks: 0, setbacks: 0, launchAfter: 0 })
  change(primary, 'IN_PROGRESS', stateReason(primary.id))
  addEvent(service, events.rollingBack(primary.id))
  if (current) {
    current.rollback = { reason, startedAt: new Date(), serviceRevisionArn: target.arn }
    setStatus(current, 'ROLLBACK_IN_PROGRESS')
    current.statusReason = reason
  }
  return true
}

/** Moves a service deployment on; `finish` ends it. */
export function setStatus(deployment: ServiceDeployment, status: ServiceDeploymentStatus): void {
  deployment.status = status
  deployment.updatedAt = new Date()
}

export function finish(deployment: ServiceDeployment, status: ServiceDeploymentStatus, reason?: string): void {
  setStatus(deployment, status)
  if (reason !== undefined) deployment.statusReason = reason
  deployment.finishedAt = deployment.updatedAt
  if (status === 'STOPPED') deployment.stoppedAt = deployment.updatedAt
  for (const monitor of [deployment.breaker, deployment.alarms]) {
    if (monitor.status === 'MONITORING') monitor.status = 'MONITORING_COMPLETE'
  }
}

function newDeployment(revision: Revision): Deployment {
  const now = new Date()
  const id = deploymentId(revision)
  return {
    id,
    revision,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    proven: false,
    setbacks: 0,
    lastSetback: 0,
    launchAfter: 0,
    createdAt: now,
    updatedAt: now,
  }
}

function makePrimary(service: Service, deployment: Deployment): Deployment {
  const others = service.deployments.filter((other) => other !== deployment)
  for (const other of others) other.status = 'ACTIVE'
  deployment.status = 'PRIMARY'
  service.deployments = [deployment, ...others]
  service.steady = false
  return deployment
}

function change(deployment: Deployment, state: Deployment['rolloutState'], reason: string): void {
  deployment.rolloutState = state
  deployment.rolloutStateReason = reason
  deployment.updatedAt = new Date()
}
