import { AwsError, type Action, type Input } from '../gateway/room.ts'
import { plan } from './change-set.ts'
import { deleteStack } from './deletion.ts'
import { flag, optional, required, textList, validationError } from './input.ts'
import { deploy } from './operation.ts'
import { rollback } from './rollback.ts'
import { createStack } from './stack.ts'
import { checkUpdatable, type Stacks } from './stacks.ts'
import { readTarget, type Sources } from './target.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { Stack } from './model.ts'

/** Creating, updating, rolling back and deleting stacks without change sets. */
export function stackActions(stacks: Stacks, types: ResourceTypes, sources: Sources): Record<string, Action> {
  return {
    async CreateStack(input) {
      const name = stackName(input)
      const existing = stacks.find(name)
      if (existing) {
        if (isRepeated(existing, input)) return { StackId: existing.id }
        throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`)
      }
      if (optional(input, 'OnFailure') === 'DELETE') throw validationError('OnFailure=DELETE is not supported here')
      const stack = createStack(name, 'CREATE_IN_PROGRESS')
      const target = await readTarget(input, stack, types, sources)
      stack.terminationProtection = flag(input, 'EnableTerminationProtection')
      plan(stack, target, types)
      if (stacks.find(name)) throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`)
      stacks.add(stack)
      remember(stack, input)
      const disableRollback = flag(input, 'DisableRollback') || optional(input, 'OnFailure') === 'DO_NOTHING'
      const retainExceptOnCreate = flag(input, 'RetainExceptOnCreate')
      await stacks.start(stack, () =>
        deploy(stack, target, types, { verb: 'CREATE', disableRollback, retainExceptOnCreate }),
      )
      return { StackId: stack.id }
    },

    async UpdateStack(input) {
      const stack = stacks.require(required(input, 'StackName'))
      if (isRepeated(stack, input)) return { StackId: stack.id }
      const disableRollback = flag(input, 'DisableRollback')
      checkUpdatable(stack, disableRollback)
      const target = await readTarget(input, stack, types, sources)
      if (plan(stack, target, types).empty) throw validationError('No updates are to be performed.')
      checkUpdatable(stack, disableRollback)
      remember(stack, input)
      const retainExceptOnCreate = flag(input, 'RetainExceptOnCreate')
      await stacks.start(stack, () =>
        deploy(stack, target, types, { verb: 'UPDATE', disableRollback, retainExceptOnCreate }),
      )
      return { StackId: stack.id }
    },

    async DeleteStack(input) {
      const stack = stacks.find(required(input, 'StackName'))
      // deleting what is not there succeeds, and so does deleting twice
      if (!stack || (stack.status.startsWith('DELETE_') && stack.status !== 'DELETE_FAILED')) return undefined
      if (textList(input, 'RetainResources')?.length) throw validationError('RetainResources is not supported here')
      await remove(stack)
      return undefined
    },

    async RollbackStack(input) {
      const stack = stacks.require(required(input, 'StackName'))
      if (isRepeated(stack, input)) return { StackId: stack.id }
      if (stack.status !== 'CREATE_FAILED' && stack.status !== 'UPDATE_FAILED') {
        throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`)
      }
      remember(stack, input)
      const retainExceptOnCreate = flag(input, 'RetainExceptOnCreate')
      await stacks.start(stack, () => rollback(stack, types, { reason: 'User Initiated', retainExceptOnCreate }))
      return { StackId: stack.id }
    },

    async ContinueUpdateRollback(input) {
      const stack = stacks.require(required(input, 'StackName'))
      if (isRepeated(stack, input)) return undefined
      if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
        throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not continue rolling back.`)
      }
      remember(stack, input)
      const failed = [...stack.resources.values()].filter(({ status }) => status === 'UPDATE_FAILED')
      const skip = flag(input, 'ForceRollback')
        ? failed.map(({ logicalId }) => logicalId)
        : textList(input, 'ResourcesToSkip')
      await stacks.start(stack, () =>
        rollback(stack, types, { reason: 'User Initiated', retainExceptOnCreate: false, skip: new Set(skip) }),
      )
      return undefined
    },

    UpdateTerminationProtection(input) {
      const stack = stacks.require(required(input, 'StackName'))
      stack.terminationProtection = flag(input, 'EnableTerminationProtection')
      return { StackId: stack.id }
    },
  }

  async function remove(stack: Stack): Promise<void> {
    if (stack.terminationProtection) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`)
    }
    const { status } = stack
    if (status.endsWith('_IN_PROGRESS') && status !== 'CREATE_IN_PROGRESS' && status !== 'REVIEW_IN_PROGRESS') {
      throw validationError(`Stack [${stack.id}] cannot be deleted while in status ${status}`)
    }
    await stacks.start(stack, () => deleteStack(stack, types))
  }
}

/** Throws ValidationError for a name that no stack can have. */
export function stackName(input: Input): string {
  const name = required(input, 'StackName')
  if (/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) return name
  throw validationError(
    `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
  )
}

/** Whether this very request was carried out already, and the client only missed the answer. */
export function isRepeated(stack: Stack, input: Input): boolean {
  const token = optional(input, 'ClientRequestToken')
  return token !== undefined && stack.tokens.has(token)
}

export function remember(stack: Stack, input: Input): void {
  const token = optional(input, 'ClientRequestToken')
  if (token) stack.tokens.add(token)
}
