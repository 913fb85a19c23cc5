import { setTimeout as sleep } from 'node:timers/promises'
import type { Ecr } from '../ecr/room.ts'
import type { Targets } from '../elb/targets.ts'
import { region } from '../settings.ts'
import type { AwsClients } from './aws-clients.ts'
import { containerSpec } from './container.ts'
import { EngineError, type Engine } from './engine.ts'
import { openLogStream } from './log-stream.ts'
import type { ContainerDefinition, StopCode, Task, TaskStatus } from './model.ts'
import { checkRole, roleEnvironment } from './role-credentials.ts'
import { secretValues } from './secrets.ts'
import { StartFailure } from './start-failure.ts'
import { platformOf } from './task.ts'

/** What tasks run on. */
export interface Platform {
  engine: Engine
  ecr: Pick<Ecr, 'imageOf' | 'pullPassword'>
  targets: Targets
  clients: AwsClients
  /** The gateway, as this process reaches it, and as a container does. */
  endpoint: string
  taskEndpoint: string
  containerPrefix: string
  label: readonly [name: string, value: string]
  /** Milliseconds that a task is PROVISIONING. */
  provisioning: number
  /** Aborted when the local AWS shuts down: nothing is waited for then. */
  closing: AbortSignal
  /** Images that were pulled. */
  pulled: Set<string>
}

/** What a service hears of its tasks. */
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

const defaultStopTimeout = 30
const healthPollInterval = 500

/**
 * A task from its start to its end, in the states that AWS gives it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export function beginTask(task: Task, platform: Platform, observer: TaskObserver): TaskLife {
  const { engine, targets } = platform
  const definition = task.definition.containerDefinitions[0]!
  const targetsOf = task.loadBalancers.map(({ targetGroupArn, containerPort }) => ({
    targetGroupArn,
    target: () => ({ id: task.ip ?? '', port: containerPort }),
  }))
  let registered: typeof targetsOf = []
  const stopping = new AbortController()
  const { signal } = stopping
  const asked = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  let container: string | undefined
  let exited: Promise<void> | undefined
  let output: Promise<void> = Promise.resolve()

  const advance = (status: TaskStatus): void => {
    task.lastStatus = status
    task.version += 1
  }

  const stop = (request: StopRequest): void => {
    if (signal.aborted) return
    task.desiredStatus = 'STOPPED'
    task.stopCode = request.code
    task.stoppedReason = request.reason
    task.stoppingAt = new Date()
    stopping.abort()
  }

  const fail = (request: StopRequest): void => {
    if (signal.aborted) return
    stop(request)
    observer.failed(task)
  }

  /** Between two steps of the start: a task that is to stop starts no further. */
  const goOn = (): void => signal.throwIfAborted()

  async function start(): Promise<void> {
    await sleep(platform.provisioning, undefined, { signal })
    advance('PENDING')
    const environment = await prepare()
    goOn()
    advance('ACTIVATING')
    const name = `${platform.containerPrefix}${task.definition.family}-${task.definition.revision}-${task.id}`
    const { label } = platform
    container = await engine.create(name, containerSpec(task, definition, { ...environment, label }))
    task.runtimeId = container
    goOn()
    await engine.start(container).catch((error: Error) => {
      throw new StartFailure(`CannotStartContainerError: Error response from daemon: ${error.message}`)
    })
    output = environment.log ? environment.log.drain(await engine.logs(container)) : output
    // a failure is told where the output is awaited
    output.catch(() => {})
    exited = engine.wait(container)
    exited.catch(() => {})
    const { ip } = await engine.inspect(container)
    if (ip) {
      task.ip = ip
      goOn()
      register()
    }
    advance('RUNNING')
    task.startedAt = new Date()
  }

  /** All that must be there before the container is made. */
  async function prepare() {
    const { executionRoleArn, taskRoleArn } = task.definition
    if (executionRoleArn) await checkRole(executionRoleArn, platform.clients)
    task.pullStartedAt = new Date()
    const image = await pullImage(task, definition, platform)
    task.pullStoppedAt = new Date()
    const secrets = await secretValues(definition, platform.clients)
    const options =
      definition.logConfiguration?.logDriver === 'awslogs' ? (definition.logConfiguration.options ?? {}) : undefined
    const stream = `${options?.['awslogs-stream-prefix'] ?? 'ecs'}/${definition.name}/${task.id}`
    const log = options && (await openLogStream(options, stream, platform.clients))
    const given = [...definition.environment, ...secrets]
    const environment = {
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: platform.taskEndpoint,
      ECS_CONTAINER_METADATA_URI_V4: `${platform.taskEndpoint}/_local/v4/${task.id}`,
      ...(await roleEnvironment(taskRoleArn, task.id, platform.endpoint, platform.clients)),
      ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
    }
    return { image, environment, log }
  }

  function register(): void {
    for (const membership of targetsOf) {
      targets.register(membership.targetGroupArn, membership.target())
      registered.push(membership)
      observer.registered(task, membership.targetGroupArn)
    }
  }

  /** Resolves when the load balancers have drained the task; a dead one has nothing to drain. */
  async function deregister(alive: boolean): Promise<void> {
    const drained = registered.map(({ targetGroupArn, target }) => targets.deregister(targetGroupArn, target()))
    for (const { targetGroupArn } of registered) observer.deregistered(task, targetGroupArn)
    registered = []
    const all = Promise.all(drained)
    all.catch(report)
    if (alive) await Promise.race([all, exited])
  }

  async function watchHealth(id: string): Promise<void> {
    while (definition.healthCheck && !signal.aborted) {
      const { health } = await engine.inspect(id)
      if (health) task.healthStatus = health === 'healthy' ? 'HEALTHY' : 'UNHEALTHY'
      await sleep(healthPollInterval, undefined, { signal }).catch(() => {})
    }
  }

  async function end(): Promise<void> {
    const alive = container !== undefined && (await engine.inspect(container)).running
    if (registered.length > 0) {
      advance('DEACTIVATING')
      await deregister(alive)
    }
    advance('STOPPING')
    if (container) {
      if (alive)
        await engine.stop(container, platform.closing.aborted ? 0 : (definition.stopTimeout ?? defaultStopTimeout))
      const { exitCode, outOfMemory } = await engine.inspect(container)
      if (task.startedAt) task.exitCode = exitCode
      if (outOfMemory) task.containerReason = 'OutOfMemoryError: Container killed due to memory usage'
    }
    task.executionStoppedAt = new Date()
    await output
  }

  async function live(): Promise<void> {
    try {
      await start()
      watchHealth(container!).catch(report)
      await Promise.race([exited, asked])
      fail({ reason: 'Essential container in task exited', code: 'EssentialContainerExited' })
    } catch (error) {
      if (!signal.aborted && !(error instanceof StartFailure || error instanceof EngineError)) report(error)
      fail({
        reason: (error as Error).message,
        code: task.startedAt ? 'EssentialContainerExited' : 'TaskFailedToStart',
      })
    }
    await end().catch(report)
    await deregister(false).catch(report)
    advance('DEPROVISIONING')
    if (container) await engine.remove(container).catch(report)
    advance('STOPPED')
    task.stoppedAt = new Date()
  }

  const report = (error: unknown): void => console.error(`task ${task.id}:`, error)

  return { task, stop, ended: live() }
}

/** @returns what docker runs; pinned by digest where the image is ours */
async function pullImage(task: Task, { image }: ContainerDefinition, platform: Platform): Promise<string> {
  const cannotPull = 'CannotPullContainerError: pull image manifest has been retried 1 time(s): '
  const found = await platform.ecr.imageOf(image)
  if (found.kind === 'missing')
    throw new StartFailure(`${cannotPull}failed to resolve ref ${image}: ${image}: not found`)
  const { name } = platformOf(task.definition)
  if (found.kind === 'found' && !found.platforms.includes(name)) {
    throw new StartFailure(`${cannotPull}image Manifest does not contain descriptor matching platform '${name}'`)
  }
  const reference = found.kind === 'found' ? found.reference : image
  if (found.kind === 'found') task.imageDigest = found.digest
  await platform.engine
    .pull(reference, found.kind === 'found' ? platform.ecr.pullPassword() : undefined)
    .catch((error: Error) => {
      throw new StartFailure(`${cannotPull}failed to resolve ref ${image}: ${error.message}`)
    })
  platform.pulled.add(reference)
  return reference
}
