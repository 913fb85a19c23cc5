import { ResourceFailure } from '../failure-reason.ts'
import type { Properties, ResourceRequest, ResourceState, ResourceType } from '../resource-type.ts'

interface MotoType extends ResourceType {
  /** The properties that it carries over. Any other is refused, never silently dropped. */
  knows: readonly string[]
}

export function motoType(type: MotoType): ResourceType {
  const { knows, ...described } = type
  const refuse = ({ properties }: ResourceRequest): void => {
    const unknown = Object.keys(properties).filter((name) => !knows.includes(name))
    if (unknown.length > 0) throw new ResourceFailure(`Encountered unsupported property ${unknown.join(', ')}`)
  }
  return {
    ...described,
    // async, so that a refusal rejects like every other failure
    async create(request) {
      refuse(request)
      return type.create(request)
    },
    ...(type.update && {
      async update(request: ResourceRequest, current: ResourceState, previous: Properties) {
        refuse(request)
        return type.update!(request, current, previous)
      },
    }),
  }
}

/** A resource that takes more than one call: what the first made does not outlive a failure of the others. */
export async function finishOrRemove<Result>(
  finish: () => Promise<Result>,
  remove: () => Promise<unknown>,
): Promise<Result> {
  try {
    return await finish()
  } catch (error) {
    await remove()
    throw error
  }
}

/** The answer; undefined where the service refuses with that error. */
export async function unless<Answer>(error: string, answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer
  } catch (refusal) {
    if ((refusal as Error).name === error) return undefined
    throw refusal
  }
}
