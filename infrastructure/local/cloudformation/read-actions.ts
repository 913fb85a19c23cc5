import { type Action, type Input, AwsError } from '../gateway/room.ts'
import { describeEvent, describeResource, describeStack, summarizeResource } from './descriptions.ts'
import { optional, required, validationError } from './input.ts'
import type { Stacks } from './stacks.ts'
import type { Stack, StackResource } from './model.ts'

const eventsPerPage = 100

/** Everything that only looks. */
export function readActions(stacks: Stacks): Record<string, Action> {
  return {
    DescribeStacks(input) {
      const nameOrId = optional(input, 'StackName')
      if (nameOrId) return { Stacks: [describeStack(stacks.requireWithId(nameOrId))] }
      const living = stacks.all().filter(({ status }) => status !== 'DELETE_COMPLETE')
      return { Stacks: newestFirst(living).map(describeStack) }
    },

    DescribeStackEvents(input) {
      const stack = stacks.require(required(input, 'StackName'))
      const { page, token } = eventPage(stack, input)
      return { StackEvents: page.map((event) => describeEvent(stack, event)), NextToken: token }
    },

    /** The newer way to read events; of a change set there are none, since what is wrong with one fails its creation. */
    DescribeEvents(input) {
      const stack = stacks.require(required(input, 'StackName'))
      if (optional(input, 'ChangeSetName')) return { OperationEvents: [] }
      const onlyFailed = (input['Filters'] as Input | undefined)?.['FailedEvents'] === 'true'
      const { page, token } = eventPage(stack, input)
      const events = page.filter(({ status }) => !onlyFailed || status.endsWith('_FAILED'))
      return {
        OperationEvents: events.map((event) => {
          const { StackName: _, ...described } = describeEvent(stack, event)
          return { ...described, EventType: event.status.endsWith('_FAILED') ? 'PROVISIONING_ERROR' : 'STACK_EVENT' }
        }),
        NextToken: token,
      }
    },

    GetTemplate(input) {
      const changeSetName = optional(input, 'ChangeSetName')
      const stack = stacks.requireWithId(required(input, 'StackName'))
      const changeSet = stack.changeSets.find(({ name, id }) => name === changeSetName || id === changeSetName)
      if (changeSetName && !changeSet) {
        throw new AwsError('ChangeSetNotFound', `ChangeSet [${changeSetName}] does not exist`, 404)
      }
      const target = changeSet?.target ?? stack.target
      return { TemplateBody: target?.templateBody, StagesAvailable: ['Original', 'Processed'] }
    },

    ListStackResources(input) {
      const stack = stacks.requireWithId(required(input, 'StackName'))
      return { StackResourceSummaries: shownResources(stack).map(summarizeResource) }
    },

    DescribeStackResources(input) {
      const physicalId = optional(input, 'PhysicalResourceId')
      const stack =
        physicalId && !optional(input, 'StackName')
          ? ownerOf(physicalId)
          : stacks.requireWithId(required(input, 'StackName'))
      const logicalId = optional(input, 'LogicalResourceId')
      const chosen = shownResources(stack).filter(
        (resource) =>
          (!logicalId || resource.logicalId === logicalId) && (!physicalId || resource.physicalId === physicalId),
      )
      return { StackResources: chosen.map((resource) => describeResource(stack, resource)) }
    },

    /** There are no hooks here. */
    ListHookResults: (input) => ({ TargetType: input['TargetType'], TargetId: input['TargetId'], HookResults: [] }),
  }

  function ownerOf(physicalId: string): Stack {
    const owner = stacks
      .all()
      .find((stack) => shownResources(stack).some((resource) => resource.physicalId === physicalId))
    if (owner) return owner
    throw validationError(`Stack for ${physicalId} does not exist`)
  }
}

function shownResources(stack: Stack): StackResource[] {
  return [...stack.resources.values(), ...stack.gone]
}

function newestFirst(stacks: Stack[]): Stack[] {
  return stacks.toSorted((a, b) => b.created.getTime() - a.created.getTime())
}

/** Newest first. The token counts from the oldest, so that events which arrive between two pages do not shift them. */
function eventPage(stack: Stack, input: Input) {
  const token = optional(input, 'NextToken')
  const end = token === undefined ? stack.events.length : Number(token)
  if (!Number.isInteger(end) || end < 0 || end > stack.events.length)
    throw validationError(`Invalid NextToken ${token}`)
  const from = Math.max(0, end - eventsPerPage)
  return { page: stack.events.slice(from, end).toReversed(), token: from > 0 ? String(from) : undefined }
}
