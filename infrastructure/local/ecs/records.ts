import { account, region } from '../settings.ts'
import { clusterNotFound } from './errors.ts'
import { arn, nameIn } from './names.ts'
import type { Cluster, Service, Task, TaskDefinition } from './model.ts'

/** Everything that the room knows. */
export interface Records {
  /** @throws AwsError ClusterNotFoundException, for an inactive one too */
  cluster(nameOrArn: string | undefined): Cluster
  /** Active or not; undefined: there never was one. */
  findCluster(nameOrArn: string): Cluster | undefined
  addCluster(cluster: Cluster): void
  taskDefinitions(): TaskDefinition[]
  /** `family`, `family:revision` or an ARN; a bare family means its latest ACTIVE revision. */
  findTaskDefinition(name: string): TaskDefinition | undefined
  /** By ARN, of a definition that is known to exist. */
  taskDefinition(taskDefinitionArn: string): TaskDefinition
  addTaskDefinition(definition: TaskDefinition): void
  nextRevision(family: string): number
  services(): Service[]
  findService(cluster: Cluster, nameOrArn: string): Service | undefined
  addService(service: Service): void
  tasks(): Task[]
  tasksOf(service: Service): Task[]
  findTask(cluster: Cluster, idOrArn: string): Task | undefined
  addTask(task: Task): void
  /** Drops tasks that stopped an hour ago: so long AWS shows them. */
  forget(now: number): void
}

const shown = 60 * 60 * 1000

export function createRecords(): Records {
  const clusters = new Map<string, Cluster>()
  const definitions = new Map<string, TaskDefinition>()
  const revisions = new Map<string, number>()
  const services = new Map<string, Service>()
  const tasks = new Map<string, Task>()
  const prefix = `arn:aws:ecs:${region}:${account}:task-definition/`

  return {
    findCluster: (name) => clusters.get(nameIn(name)),
    cluster(name) {
      const cluster = clusters.get(nameIn(name ?? 'default'))
      if (cluster?.status !== 'ACTIVE') throw clusterNotFound()
      return cluster
    },
    addCluster: (cluster) => void clusters.set(cluster.name, cluster),
    taskDefinitions: () => [...definitions.values()],
    findTaskDefinition(name) {
      const short = name.startsWith(prefix) ? name.slice(prefix.length) : name
      if (short.includes(':')) return definitions.get(`${prefix}${short}`)
      return [...definitions.values()].findLast(({ family, status }) => family === short && status === 'ACTIVE')
    },
    taskDefinition(wanted) {
      const definition = definitions.get(wanted)
      if (!definition) throw new Error(`no task definition ${wanted}`)
      return definition
    },
    addTaskDefinition(definition) {
      definitions.set(definition.taskDefinitionArn, definition)
      revisions.set(definition.family, definition.revision)
    },
    nextRevision: (family) => (revisions.get(family) ?? 0) + 1,
    services: () => [...services.values()],
    findService: (cluster, name) => services.get(arn('service', cluster.name, nameIn(name))),
    addService: (service) => void services.set(service.arn, service),
    tasks: () => [...tasks.values()],
    tasksOf: (service) => [...tasks.values()].filter((task) => task.service.arn === service.arn),
    findTask: (cluster, id) => tasks.get(arn('task', cluster.name, nameIn(id))),
    addTask: (task) => void tasks.set(task.arn, task),
    forget(now) {
      for (const [key, { stoppedAt }] of tasks) if (stoppedAt && now - stoppedAt.getTime() > shown) tasks.delete(key)
    },
  }
}
