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
