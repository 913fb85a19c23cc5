import { setTimeout as sleep } from 'node:timers/promises'
import type { StartedEvent } from '../quiz-client.ts'
import { createHost } from './host.ts'
import { createPlayer, type Tally } from './player.ts'
import type { Way } from './socket.ts'

/** How long people need, in milliseconds. */
export interface Pace {
  /** For a result, and for a board. */
  reading: number
  /** The slowest tap after a question opened. */
  slowestTap: number
}

const calm: Pace = { reading: 4_000, slowestTap: 6_000 }

/** Joins a second; a hall that scans a QR code is about as fast. */
const joinRate = 50
/** How long joining may take beyond that, in milliseconds. */
const joinGrace = 30_000
/** Acknowledgements of the last taps may still be on their way at the end, in milliseconds. */
const lastWords = 2_000

/**
 * Plays an event with so many simulated players, and says how it goes. @returns what became of their taps, and how often
 * a connection was lost and came back. Rejects when not all could join, or the server broke the protocol.
 */
export async function playEvent(
  way: Way,
  event: StartedEvent,
  players: number,
  say: (text: string) => void,
  interrupted: AbortSignal,
  pace = calm,
): Promise<Tally & { lost: number }> {
  const trouble = new AbortController()
  const signal = AbortSignal.any([interrupted, trouble.signal])
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  // it is awaited beside each step
  stopped.catch(() => {})
  const tally: Tally = { joined: 0, tapped: 0, saved: 0, late: 0, refused: 0 }
  const host = createHost(way, event, pace.reading, say)
  host.ended.catch((error: unknown) => trouble.abort(error))
  const phones: ReturnType<typeof createPlayer>[] = []

  async function join(): Promise<void> {
    for (let number = 1; number <= players && !signal.aborted; number += 1) {
      const phone = createPlayer(
        way,
        { code: event.code, name: `Player ${number}`, slowestTap: pace.slowestTap },
        tally,
      )
      phone.ended.catch((error: unknown) => trouble.abort(error))
      phones.push(phone)
      await sleep(1_000 / joinRate)
    }
    const deadline = Date.now() + joinGrace
    while (tally.joined < players && !signal.aborted) {
      if (Date.now() > deadline) throw new Error(`${tally.joined} of ${players} players could join`)
      await sleep(50)
    }
  }

  try {
    await Promise.race([join(), stopped])
    say(`${players} players have joined`)
    host.play()
    await Promise.race([host.ended, stopped])
    await sleep(lastWords)
    return { ...tally, lost: phones.reduce((sum, phone) => sum + phone.lost(), host.lost()) }
  } finally {
    for (const each of [host, ...phones]) each.close()
  }
}
