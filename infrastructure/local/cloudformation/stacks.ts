import { setTimeout as sleep } from 'node:timers/promises'
import { validationError } from './input.ts'
import { setStatus, isInProgress } from './stack.ts'
import type { Stack } from './model.ts'

/** The account's stacks; deleted ones stay and are found by their id, as on AWS. */
export interface Stacks {
  all: () => Stack[]
  add(stack: Stack): void
  find(nameOrId: string): Stack | undefined
  /** Throws ValidationError `Stack [name] does not exist`. */
  require(nameOrId: string): Stack
  /** Throws ValidationError `Stack with id name does not exist`, as some actions word it. */
  requireWithId(nameOrId: string): Stack
  /**
   * Starts an operation; its first step, the new status, is taken before this returns. Resolves when the operation has
   * ended or its head start is over, whichever comes first.
   */
  start(stack: Stack, operation: () => Promise<void>): Promise<void>
}

/** @param headStart milliseconds that the call which starts an operation waits for its end */
export function createStacks(headStart: number): Stacks {
  const stacks: Stack[] = []
  const find = (nameOrId: string): Stack | undefined =>
    stacks.find(({ id, name, status }) => id === nameOrId || (name === nameOrId && status !== 'DELETE_COMPLETE'))
  return {
    all: () => stacks,
    add: (stack) => void stacks.push(stack),
    find,
    require(nameOrId) {
      const stack = find(nameOrId)
      if (stack) return stack
      throw validationError(`Stack [${nameOrId}] does not exist`)
    },
    requireWithId(nameOrId) {
      const stack = find(nameOrId)
      if (stack) return stack
      throw validationError(`Stack with id ${nameOrId} does not exist`)
    },
    async start(stack, operation) {
      run(stack, operation)
      if (headStart === 0) return
      const ended = new AbortController()
      const timeout = sleep(headStart, undefined, { signal: ended.signal }).catch(() => {})
      await Promise.race([stack.operation, timeout])
      ended.abort()
    },
  }
}

function run(stack: Stack, operation: () => Promise<void>): void {
  stack.operation = operation().catch((error: unknown) => {
    // a bug of ours must not leave the stack in progress for ever
    console.error(error)
    const [, phase] = /^(UPDATE_ROLLBACK|ROLLBACK|CREATE|UPDATE|DELETE)_/.exec(stack.status) ?? []
    if (isInProgress(stack)) setStatus(stack, `${phase}_FAILED`, `Internal Failure: ${(error as Error).message}`)
  })
}

const updatable = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'])
const paused = new Set(['CREATE_FAILED', 'UPDATE_FAILED'])

/**
 * One operation at a time, and none on what did not end well. A paused stack (`--no-rollback`) takes an update that does
 * not roll back either.
 */
export function checkUpdatable(stack: Stack, acceptsPaused: boolean): void {
  if (updatable.has(stack.status) || (acceptsPaused && paused.has(stack.status))) return
  throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`)
}
