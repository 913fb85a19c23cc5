import { setTimeout as sleep } from 'node:timers/promises'
import type { Targets } from '../elb/targets.ts'
import { isWatched, mayComplete, watchAlarms, type AlarmStates } from './alarms.ts'
import { isTripped } from './circuit-breaker.ts'
import { completeDeployment, currentServiceDeployment, failDeployment, setStatus } from './deployment.ts'
import { addEvent, events } from './events.ts'
import type { Deployment, Service, Task } from './model.ts'
import { isSettled, planTasks, type PlannedTask } from './plan.ts'
import type { Records } from './records.ts'
import { countFailure, serviceObserver } from './service-observer.ts'
import { createTask } from './task.ts'
import { taskHealth, type TaskHealth } from './task-health.ts'
import type { Tasks } from './tasks.ts'

interface SchedulerOptions {
  records: Records
  tasks: Tasks
  targets: Targets
  /** Milliseconds between two looks at every service. */
  tick: number
  /** Milliseconds; caps the services' own grace periods. */
  healthCheckGrace: number | undefined
  /** Milliseconds that a task without any health check must have run to count as healthy. */
  settle: number
  alarmStates: AlarmStates
  /** Milliseconds; caps how long alarms are watched after the last old task has gone. */
  bake: number | undefined
}

/** Looks at every service again and again, and brings its tasks nearer to what is wanted. */
export function startScheduler(options: SchedulerOptions): { close(): Promise<void> } {
  const { records, tasks, targets } = options
  const closing = new AbortController()

  function reconcile(service: Service): void {
    const [primary] = service.deployments
    if (!primary) return
    const present = records.tasksOf(service).filter(({ lastStatus }) => lastStatus !== 'STOPPED')
    const wanted = present.filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
    const health = new Map(wanted.map((task) => [task.id, healthOf(service, task)]))

    startServiceDeployment(service)
    prove(service, wanted, health)
    if (isTripped(primary, service.desiredCount, service.deploymentConfiguration.deploymentCircuitBreaker)) {
      return failDeployment(service, 'breaker')
    }
    const situation = {
      desiredCount: service.desiredCount,
      minimumHealthyPercent: service.deploymentConfiguration.minimumHealthyPercent,
      maximumPercent: service.deploymentConfiguration.maximumPercent,
      mayStart: primary.rolloutState !== 'FAILED' && Date.now() >= primary.launchAfter,
      tasks: wanted.map((task): PlannedTask => ({
        id: task.id,
        primary: task.service.deploymentId === primary.id,
        state: health.get(task.id)!.state,
      })),
    }
    const plan = planTasks(situation)
    for (const task of named(wanted, plan.replace)) replace(service, task, health.get(task.id)!)
    retire(service, primary, named(wanted, plan.retire))
    start(service, primary, plan.start)
    service.deployments = service.deployments.filter(
      (deployment) =>
        deployment === primary ||
        isWatched(service) ||
        present.some((task) => task.service.deploymentId === deployment.id),
    )
    settle(service, isSettled(situation, present.length - wanted.length))
  }

  function healthOf(service: Service, task: Task): TaskHealth {
    const behind = task.loadBalancers.map(({ targetGroupArn, containerPort: port }) => ({
      targetGroupArn,
      port,
      health: healthOfTargets(targetGroupArn).find(({ id, port: other }) => id === task.ip && other === port),
    }))
    const own = service.healthCheckGracePeriodSeconds * 1000
    const grace = Math.min(own, options.healthCheckGrace ?? own)
    return taskHealth(task, behind, { grace, settle: options.settle }, Date.now())
  }

  /** A target group that was deleted under its service has no healthy target. */
  function healthOfTargets(targetGroupArn: string) {
    try {
      return targets.health(targetGroupArn)
    } catch {
      return []
    }
  }

  function start(service: Service, deployment: Deployment, count: number): void {
    if (count === 0) return
    const definition = records.taskDefinition(deployment.revision.taskDefinition)
    const started = Array.from({ length: count }, () => createTask(service, deployment, definition))
    addEvent(service, events.started(started))
    for (const task of started) tasks.begin(task, serviceObserver(service))
  }

  function replace(service: Service, task: Task, health: TaskHealth): void {
    if (health.state !== 'unhealthy') return
    const { targetGroupArn, port, description } = health
    if (targetGroupArn) {
      addEvent(service, events.unhealthyTarget(task, port ?? 0, targetGroupArn, description ?? 'Health checks failed'))
    } else {
      addEvent(service, events.unhealthyContainer(task))
    }
    const reason = targetGroupArn
      ? `Task failed ELB health checks in (target-group ${targetGroupArn})`
      : 'Task failed container health checks'
    countFailure(service, task)
    addEvent(service, events.stopped([task]))
    tasks.stop(task, { reason, code: 'ServiceSchedulerInitiated' })
  }

  function retire(service: Service, primary: Deployment, retired: Task[]): void {
    const running = retired.filter(({ lastStatus }) => lastStatus === 'RUNNING')
    if (running.length > 0) addEvent(service, events.stopped(running))
    if (retired.length > running.length) addEvent(service, events.stoppedPending(retired.length - running.length))
    const reason = `Scaling activity initiated by (deployment ${primary.id})`
    for (const task of retired) tasks.stop(task, { reason, code: 'ServiceSchedulerInitiated' })
  }

  /** A bug that shows in one service must not stop the others. */
  async function look(service: Service): Promise<void> {
    try {
      await watchAlarms(service, options)
      reconcile(service)
    } catch (error) {
      console.error(`${new Date().toISOString()} scheduler, ${service.arn}:`, error)
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      for (const service of records.services()) if (service.status !== 'INACTIVE') await look(service)
      records.forget(Date.now())
      await sleep(options.tick)
    }
  }

  const running = run()
  return {
    async close() {
      closing.abort()
      await running
    },
  }
}

function startServiceDeployment(service: Service): void {
  const current = currentServiceDeployment(service)
  if (current?.status !== 'PENDING') return
  setStatus(current, 'IN_PROGRESS')
  current.startedAt = current.updatedAt
}

/** A healthy task clears its deployment's count of failures, and ends the circuit breaker's interest. */
function prove(service: Service, wanted: Task[], health: Map<string, TaskHealth>): void {
  for (const task of wanted) {
    if (health.get(task.id)?.state !== 'healthy') continue
    const deployment = service.deployments.find(({ id }) => id === task.service.deploymentId)
    if (!deployment) continue
    deployment.proven = true
    deployment.failedTasks = 0
    // one healthy task says nothing of its siblings that fail again and again
    if (task.startedAt && task.startedAt.getTime() > deployment.lastSetback) deployment.setbacks = 0
    const current = currentServiceDeployment(service)
    if (current?.breaker.status === 'MONITORING' && current.target === deployment.revision) {
      Object.assign(current.breaker, { status: 'MONITORING_COMPLETE', failureCount: 0 })
    }
  }
}

function settle(service: Service, settled: boolean): void {
  if (settled) {
    if (service.status === 'DRAINING') {
      service.status = 'INACTIVE'
      service.deployments = []
      return
    }
    if (mayComplete(service, Date.now())) completeDeployment(service)
    if (!service.steady) addEvent(service, events.steady)
  }
  service.steady = settled
}

function named(tasks: Task[], ids: string[]): Task[] {
  return tasks.filter(({ id }) => ids.includes(id))
}
