import { setTimeout as sleep } from 'node:timers/promises'

/** Looks every 50 ms until the answer is there. Fails when it does not come in time. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  seconds = 30,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    const found = await look()
    if (found) return found as Exclude<T, false | undefined>
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`)
    await sleep(50)
  }
}
