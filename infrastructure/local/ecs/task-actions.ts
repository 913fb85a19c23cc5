import type { Action } from '../gateway/room.ts'
import { clientError, invalidParameter, serviceNotFound } from './errors.ts'
import { arn, nameIn } from './names.ts'
import type { NetworkConfiguration, TaskDefinition } from './model.ts'
import { paginate } from './pages.ts'
import type { Records } from './records.ts'
import { describeTask } from './task.ts'

interface DescribeInput {
  cluster?: string
  tasks?: string[]
  include?: string[]
}

interface ListInput {
  cluster?: string
  serviceName?: string
  desiredStatus?: string
}

export function taskActions(records: Records): Record<string, Action> {
  return {
    ListTasks(input) {
      const { cluster: clusterName, serviceName, desiredStatus = 'RUNNING' } = input as ListInput
      const cluster = records.cluster(clusterName)
      const service = serviceName === undefined ? undefined : records.findService(cluster, serviceName)
      if (serviceName !== undefined && !service) throw serviceNotFound()
      const found = records
        .tasks()
        .filter(
          (task) =>
            task.cluster === cluster &&
            task.desiredStatus === desiredStatus &&
            (!service || task.service.arn === service.arn),
        )
        .map((task) => task.arn)
      const { page, nextToken } = paginate(found, input)
      return { taskArns: page, nextToken }
    },
    DescribeTasks(input) {
      const { cluster: clusterName, tasks: wanted = [], include = [] } = input as DescribeInput
      const cluster = records.cluster(clusterName)
      const withTags = include.includes('TAGS')
      if (wanted.length > 100) throw invalidParameter('Task Identifier can have at most 100 items.')
      const found = wanted.map((id) => ({ id, task: records.findTask(cluster, id) }))
      return {
        tasks: found.flatMap(({ task }) => (task ? describeTask(task, withTags) : [])),
        failures: found.flatMap(({ id, task }) =>
          task ? [] : { arn: arn('task', cluster.name, nameIn(id)), reason: 'MISSING' },
        ),
      }
    },
  }
}

/** @throws AwsError ClientException when there is no such definition or it was deregistered */
export function usableDefinition(records: Records, name: string): TaskDefinition {
  const definition = records.findTaskDefinition(name)
  if (!definition) throw clientError('TaskDefinition not found.')
  if (definition.status !== 'ACTIVE') throw clientError('TaskDefinition is inactive')
  return definition
}

/** @throws AwsError InvalidParameterException when a task would have no network */
export function checkNetwork(network: NetworkConfiguration | undefined): void {
  if (!network?.awsvpcConfiguration) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
  }
  if (!network.awsvpcConfiguration.subnets?.length) throw invalidParameter('subnets can not be empty.')
}
