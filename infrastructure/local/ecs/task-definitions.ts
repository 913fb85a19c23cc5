import type { Action } from '../gateway/room.ts'
import { account } from '../settings.ts'
import { clientError } from './errors.ts'
import type { EcsTag, TaskDefinition } from './model.ts'
import { taskDefinitionArn } from './names.ts'
import { paginate } from './pages.ts'
import type { Records } from './records.ts'
import { checkTaskDefinition, type TaskDefinitionInput } from './task-definition-check.ts'

export function taskDefinitionActions(records: Records): Record<string, Action> {
  const find = (name: unknown, message: string): TaskDefinition => {
    const found = records.findTaskDefinition(String(name))
    if (!found) throw clientError(message)
    return found
  }

  return {
    RegisterTaskDefinition(input) {
      const { tags = [], ...given } = input as unknown as TaskDefinitionInput & { tags?: EcsTag[] }
      checkTaskDefinition(given)
      const revision = records.nextRevision(given.family)
      const definition = complete(given, revision, tags)
      records.addTaskDefinition(definition)
      return { taskDefinition: describe(definition), tags }
    },
    DescribeTaskDefinition(input) {
      const definition = find(input['taskDefinition'], 'Unable to describe task definition.')
      const include = (input['include'] ?? []) as string[]
      return { taskDefinition: describe(definition), ...(include.includes('TAGS') && { tags: definition.tags }) }
    },
    DeregisterTaskDefinition(input) {
      const name = String(input['taskDefinition'])
      if (!/:\d+$/.test(name)) throw clientError('The specified task definition needs a revision: family:revision.')
      const definition = find(name, 'The specified task definition does not exist.')
      definition.status = 'INACTIVE'
      definition.deregisteredAt ??= new Date()
      return { taskDefinition: describe(definition) }
    },
    ListTaskDefinitions(input) {
      const { familyPrefix, status = 'ACTIVE', sort = 'ASC' } = input as ListInput
      const found = records
        .taskDefinitions()
        // the name says prefix; it is the full name of the family, as AWS documents it
        .filter((definition) => definition.status === status && (!familyPrefix || definition.family === familyPrefix))
        .toSorted((a, b) => a.family.localeCompare(b.family) || a.revision - b.revision)
        .map((definition) => definition.taskDefinitionArn)
      const { page, nextToken } = paginate(sort === 'DESC' ? found.toReversed() : found, input)
      return { taskDefinitionArns: page, nextToken }
    },
  }
}

interface ListInput {
  familyPrefix?: string
  status?: string
  sort?: string
}

/** Fills in what AWS fills in. */
function complete(given: TaskDefinitionInput, revision: number, tags: EcsTag[]): TaskDefinition {
  const filled = {
    volumes: [],
    placementConstraints: [],
    ...given,
    taskDefinitionArn: taskDefinitionArn(given.family, revision),
    revision,
    status: 'ACTIVE' as const,
    cpu: String(given.cpu),
    memory: String(given.memory),
    requiresAttributes: [],
    compatibilities: ['EC2', 'FARGATE'],
    registeredAt: new Date(),
    registeredBy: `arn:aws:iam::${account}:root`,
    tags,
    containerDefinitions: (given.containerDefinitions ?? []).map((container) => ({
      cpu: 0,
      essential: true,
      environment: [],
      mountPoints: [],
      volumesFrom: [],
      systemControls: [],
      ...container,
      portMappings: (container.portMappings ?? []).map(({ containerPort, ...mapping }) => ({
        containerPort,
        hostPort: containerPort,
        protocol: 'tcp',
        ...mapping,
      })),
    })),
  }
  return filled
}

/** Tags are shown next to the definition, never in it. */
function describe(definition: TaskDefinition) {
  return { ...definition, tags: undefined }
}
