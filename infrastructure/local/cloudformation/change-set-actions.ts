import { AwsError, type Action, type Input } from '../gateway/room.ts'
import { createChangeSet } from './change-set.ts'
import { parameterList, tagList } from './descriptions.ts'
import { flag, optional, required, validationError } from './input.ts'
import { deploy } from './operation.ts'
import { isRepeated, remember, stackName } from './stack-actions.ts'
import { createStack, setStatus } from './stack.ts'
import { checkUpdatable, type Stacks } from './stacks.ts'
import { readTarget, type Sources } from './target.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { ChangeSet, ResourceChange, Stack } from './model.ts'

/** Change sets: what `cdk deploy` and `cdk diff` work with. */
export function changeSetActions(stacks: Stacks, types: ResourceTypes, sources: Sources): Record<string, Action> {
  return {
    async CreateChangeSet(input) {
      const name = required(input, 'ChangeSetName')
      const type = optional(input, 'ChangeSetType') ?? 'UPDATE'
      const existing = stackFor(input, type)
      const same = existing?.changeSets.find((changeSet) => changeSet.name === name)
      if (same) return repeated(existing!, same, input)

      const stack = existing ?? createStack(stackName(input), 'REVIEW_IN_PROGRESS')
      const target = await readTarget(input, stack, types, sources)
      const description = optional(input, 'Description')
      const clientToken = optional(input, 'ClientToken')
      const request = {
        name,
        target,
        ...(description && { description }),
        ...(clientToken && { clientToken }),
        ...(input['DeploymentConfig'] !== undefined && { deploymentConfig: input['DeploymentConfig'] }),
      }
      const changeSet = createChangeSet(stack, request, types)
      if (!existing) {
        if (stacks.find(stack.name))
          throw new AwsError('AlreadyExistsException', `Stack [${stack.name}] already exists`)
        stacks.add(stack)
        setStatus(stack, 'REVIEW_IN_PROGRESS', 'User Initiated')
      }
      stack.changeSets.push(changeSet)
      return { Id: changeSet.id, StackId: stack.id }
    },

    DescribeChangeSet(input) {
      const { stack, changeSet } = find(input)
      const withValues = flag(input, 'IncludePropertyValues')
      return {
        ...summary(stack, changeSet),
        Parameters: parameterList(changeSet.target),
        NotificationARNs: changeSet.target.notificationArns,
        RollbackConfiguration: {},
        Capabilities: changeSet.target.capabilities,
        Tags: tagList(changeSet.target.tags),
        DeploymentConfig: changeSet.deploymentConfig,
        Changes: changeSet.changes.map((change) => ({
          Type: 'Resource',
          ResourceChange: withValues ? change : withoutValues(change),
        })),
      }
    },

    ListChangeSets(input) {
      const stack = stacks.require(required(input, 'StackName'))
      return { Summaries: stack.changeSets.map((changeSet) => summary(stack, changeSet)) }
    },

    DeleteChangeSet(input) {
      const [stack, changeSet] = lookUp(input)
      // one that is not there any more counts as deleted
      if (changeSet) stack.changeSets = stack.changeSets.filter((other) => other !== changeSet)
      return undefined
    },

    async ExecuteChangeSet(input) {
      const [known] = lookUp(input)
      if (isRepeated(known, input)) return undefined
      const { stack, changeSet } = find(input)
      if (changeSet.executionStatus !== 'AVAILABLE') {
        const status =
          changeSet.status === 'FAILED' ? 'status of [FAILED]' : `execution status of [${changeSet.executionStatus}]`
        throw new AwsError(
          'InvalidChangeSetStatus',
          `ChangeSet [${changeSet.id}] cannot be executed in its current ${status}`,
        )
      }
      const disableRollback = flag(input, 'DisableRollback')
      const creates = stack.status === 'REVIEW_IN_PROGRESS'
      if (!creates) checkUpdatable(stack, disableRollback)
      remember(stack, input)
      const verb = creates ? 'CREATE' : 'UPDATE'
      const retainExceptOnCreate = flag(input, 'RetainExceptOnCreate')
      await stacks.start(stack, () =>
        deploy(stack, changeSet.target, types, { verb, disableRollback, retainExceptOnCreate }),
      )
      return undefined
    },
  }

  /** The stack that a change set is for; none yet for a creation. */
  function stackFor(input: Input, type: string): Stack | undefined {
    const nameOrId = required(input, 'StackName')
    if (type !== 'CREATE' && type !== 'UPDATE') throw validationError(`ChangeSetType ${type} is not supported here`)
    const existing = stacks.find(nameOrId)
    if (type === 'UPDATE') {
      const stack = stacks.require(nameOrId)
      checkUpdatable(stack, true)
      return stack
    }
    if (existing && existing.status !== 'REVIEW_IN_PROGRESS') {
      const name = required(input, 'ChangeSetName')
      throw validationError(
        `Stack [${existing.name}] already exists and cannot be created again with the changeSet [${name}].`,
      )
    }
    return existing
  }

  /** By name and stack, or by the change set's id alone. */
  function lookUp(input: Input): [Stack, ChangeSet | undefined] {
    const nameOrId = required(input, 'ChangeSetName')
    const isIt = ({ name, id }: ChangeSet): boolean => name === nameOrId || id === nameOrId
    const name = optional(input, 'StackName')
    const stack = name ? stacks.require(name) : stacks.all().find(({ changeSets }) => changeSets.some(isIt))
    if (!stack) throw notFound(nameOrId)
    return [stack, stack.changeSets.find(isIt)]
  }

  function find(input: Input): { stack: Stack; changeSet: ChangeSet } {
    const [stack, changeSet] = lookUp(input)
    if (changeSet) return { stack, changeSet }
    throw notFound(required(input, 'ChangeSetName'))
  }
}

/** The client asks again because it missed the answer, or asks for something else under the same name. */
function repeated(stack: Stack, same: ChangeSet, input: Input): { Id: string; StackId: string } {
  const token = optional(input, 'ClientToken')
  if (token && token === same.clientToken) return { Id: same.id, StackId: stack.id }
  throw new AwsError(
    'AlreadyExistsException',
    `ChangeSet ${same.name} cannot be created due to a mismatch with existing attribute Template`,
  )
}

function notFound(nameOrId: string): AwsError {
  return new AwsError('ChangeSetNotFound', `ChangeSet [${nameOrId}] does not exist`, 404)
}

function summary(stack: Stack, changeSet: ChangeSet) {
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.id,
    StackName: stack.name,
    Description: changeSet.description,
    CreationTime: changeSet.created,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    IncludeNestedStacks: false,
  }
}

function withoutValues(full: ResourceChange) {
  const { BeforeContext: _before, AfterContext: _after, ...change } = full
  const details = change.Details.map(({ Target, ...detail }) => {
    const { Attribute, Name, RequiresRecreation } = Target
    return { Target: { Attribute, Name, RequiresRecreation }, ...detail }
  })
  return { ...change, Details: details }
}
