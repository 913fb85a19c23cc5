import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Member } from './members.ts'

/** Sends in one turn of the event loop: at half a core, 200 take about 5 ms. */
const atOnce = 200

/** The text for a member; undefined: this one gets nothing. */
export type TextFor = (member: Member) => string | Buffer | undefined

/**
 * Sends to many without holding up the event loop. One after the other: nobody gets a later message before an earlier
 * one. Who enters meanwhile gets none of those that were begun before: the snapshot has it all.
 */
export function createFanOut(onError: (error: unknown) => void) {
  let turn: Promise<void> = Promise.resolve()

  async function sendAll(members: readonly Member[], textsFor: readonly TextFor[]): Promise<void> {
    for (const [index, member] of members.entries()) {
      if (index > 0 && index % atOnce === 0) await nextTurn()
      if (member.peer.isOpen) member.peer.sendTexts(textsFor.flatMap((textFor) => textFor(member) ?? []))
    }
  }

  return {
    send(members: Iterable<Member>, ...textsFor: readonly TextFor[]): void {
      if (textsFor.length === 0) return
      const now = [...members]
      turn = turn.then(() => sendAll(now, textsFor)).catch(onError)
    },
  }
}
