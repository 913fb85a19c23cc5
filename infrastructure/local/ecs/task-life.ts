import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { containerSpec } from './container.ts'
import { EngineError } from './engine.ts'
import type { ContainerDefinition, ServiceLoadBalancer, StopCode, Task, TaskStatus } from './model.ts'
import type { Platform } from './platform.ts'
import { StartFailure } from './start-failure.ts'
import { prepareTask } from './task-preparation.ts'

/** Hears what happens to a service's tasks. */
export interface TaskObserver {
  registered(task: Task, targetGroupArn: string): void
  deregistered(task: Task, targetGroupArn: string): void
  /** It ended by itself: it could not be started, or its container exited. */
  failed(task: Task): void
}

export interface StopRequest {
  reason: string
  code: StopCode
}

export interface TaskLife {
  task: Task
  /** Begins to stop it. Only the first request counts. */
  stop(request: StopRequest): void
  /** Resolves when nothing of it is left. Never rejects. */
  ended: Promise<void>
}

/** A task and what it holds. */
interface Life {
  task: Task
  definition: ContainerDefinition
  platform: Platform
  observer: TaskObserver
  /** Aborted when the task is to stop. */
  stopping: AbortController
  /** The container's id, once there is one, and its end. */
  container?: string
  exited?: Promise<void>
  /** Resolves when all that the container wrote is stored. */
  output: Promise<void>
  /** The places behind load balancers that it has now. */
  registered: ServiceLoadBalancer[]
}

const defaultStopTimeout = 30
const healthPollInterval = 500

/**
 * Begins a task, which goes through the states that AWS gives it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export function beginTask(task: Task, platform: Platform, observer: TaskObserver): TaskLife {
  const life: Life = {
    task,
    definition: task.definition.containerDefinitions[0]!,
    platform,
    observer,
    stopping: new AbortController(),
    output: Promise.resolve(),
    registered: [],
  }
  return { task, stop: (request) => beginStop(life, request), ended: live(life) }
}

async function live(life: Life): Promise<void> {
  const { task, platform, stopping } = life
  const logError = (error: unknown): void => console.error(`task ${task.id}:`, error)
  try {
    await start(life)
    watchHealth(life, life.container!).catch(logError)
    await Promise.race([life.exited, aborted(stopping.signal)])
    fail(life, { reason: 'Essential container in task exited', code: 'EssentialContainerExited' })
  } catch (error) {
    const isExpected = stopping.signal.aborted || error instanceof StartFailure || error instanceof EngineError
    if (!isExpected) logError(error)
    fail(life, {
      reason: (error as Error).message,
      code: task.startedAt ? 'EssentialContainerExited' : 'TaskFailedToStart',
    })
  }
  await end(life).catch(logError)
  await deregister(life, false).catch(logError)
  advance(task, 'DEPROVISIONING')
  if (life.container) await platform.engine.remove(life.container).catch(logError)
  advance(task, 'STOPPED')
  task.stoppedAt = new Date()
}

/** Rejects between two steps when the task is to stop. */
async function start(life: Life): Promise<void> {
  const { task, definition, platform, stopping } = life
  const { engine, label } = platform
  const { signal } = stopping
  await sleep(platform.provisioning, undefined, { signal })
  advance(task, 'PENDING')
  const { log, ...preparation } = await prepareTask(task, definition, platform)
  signal.throwIfAborted()
  advance(task, 'ACTIVATING')
  const name = `${platform.containerPrefix}${task.definition.family}-${task.definition.revision}-${task.id}`
  const container = await engine.create(name, containerSpec(task, definition, { ...preparation, label }))
  life.container = container
  task.runtimeId = container
  signal.throwIfAborted()
  await engine.start(container).catch((error: Error) => {
    throw new StartFailure(`CannotStartContainerError: Error response from daemon: ${error.message}`)
  })
  if (log) life.output = log.drain(await engine.logs(container))
  life.exited = engine.wait(container)
  // their failures are handled where they are awaited
  for (const promise of [life.output, life.exited]) promise.catch(() => {})
  const { ip } = await engine.inspect(container)
  if (ip) {
    task.ip = ip
    signal.throwIfAborted()
    register(life, ip)
  }
  advance(task, 'RUNNING')
  task.startedAt = new Date()
}

async function end(life: Life): Promise<void> {
  const { task, definition, platform, container } = life
  const { engine, closing } = platform
  const alive = container !== undefined && (await engine.inspect(container)).running
  if (life.registered.length > 0) {
    advance(task, 'DEACTIVATING')
    await deregister(life, alive)
  }
  advance(task, 'STOPPING')
  if (container) {
    if (alive) await engine.stop(container, closing.aborted ? 0 : (definition.stopTimeout ?? defaultStopTimeout))
    const { exitCode, outOfMemory } = await engine.inspect(container)
    if (task.startedAt) task.exitCode = exitCode
    if (outOfMemory) task.containerReason = 'OutOfMemoryError: Container killed due to memory usage'
  }
  task.executionStoppedAt = new Date()
  await life.output
}

function register({ task, platform, observer, registered }: Life, ip: string): void {
  for (const loadBalancer of task.loadBalancers) {
    platform.targets.register(loadBalancer.targetGroupArn, { id: ip, port: loadBalancer.containerPort })
    registered.push(loadBalancer)
    observer.registered(task, loadBalancer.targetGroupArn)
  }
}

/** Resolves when the load balancers have drained the task; a dead one has nothing to drain. */
async function deregister({ task, platform, observer, registered, exited }: Life, alive: boolean): Promise<void> {
  const leaving = registered.splice(0)
  const drained = Promise.all(
    leaving.map(({ targetGroupArn, containerPort }) =>
      platform.targets.deregister(targetGroupArn, { id: task.ip ?? '', port: containerPort }),
    ),
  )
  for (const { targetGroupArn } of leaving) observer.deregistered(task, targetGroupArn)
  drained.catch((error: unknown) => console.error(`task ${task.id}:`, error))
  if (alive) await Promise.race([drained, exited])
}

async function watchHealth({ task, definition, platform, stopping }: Life, container: string): Promise<void> {
  const { signal } = stopping
  while (definition.healthCheck && !signal.aborted) {
    const { health } = await platform.engine.inspect(container)
    if (health) task.healthStatus = health === 'healthy' ? 'HEALTHY' : 'UNHEALTHY'
    await sleep(healthPollInterval, undefined, { signal }).catch(() => {})
  }
}

function beginStop({ task, stopping }: Life, request: StopRequest): void {
  if (stopping.signal.aborted) return
  task.desiredStatus = 'STOPPED'
  task.stopCode = request.code
  task.stoppedReason = request.reason
  task.stoppingAt = new Date()
  stopping.abort()
}

function fail(life: Life, request: StopRequest): void {
  if (life.stopping.signal.aborted) return
  beginStop(life, request)
  life.observer.failed(life.task)
}

function advance(task: Task, status: TaskStatus): void {
  task.lastStatus = status
  task.version += 1
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
