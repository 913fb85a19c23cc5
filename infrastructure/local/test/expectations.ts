import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Looks every 50 ms until the answer is there. Fails when it does not come in time. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  seconds = 120,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    const found = await look()
    if (found) return found as Exclude<T, false | undefined>
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`)
    await sleep(50)
  }
}

/** What a command said that was to fail. */
export async function refusal(command: Promise<unknown>): Promise<string> {
  try {
    await command
  } catch (error) {
    return String((error as { stderr?: string }).stderr ?? error)
  }
  return assert.fail('the command was expected to fail, and did not')
}
