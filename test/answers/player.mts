import { randomBytes } from 'node:crypto'
import { protocolVersion } from '../../backend/src/types/protocol.ts'
import type { Tap } from './ledger.mts'
import { openPage } from './page.mts'
import type { World } from './world.mts'

/** An answer that is not acknowledged is sent again after so long, and after each reconnect; milliseconds. */
const sentAgainAfter = 5_000

interface PlayerOptions {
  world: World
  home: number
  ledger: Tap[]
}

export type Player = Awaited<ReturnType<typeof joinEvent>>

/** Joins by code; resolves when the player is in. */
export async function joinEvent(options: PlayerOptions, code: string, name: string) {
  const id = randomBytes(16).toString('base64url')
  let joined: { token: string; event: string; no: number } | undefined
  const tab = openTab(
    options,
    () => joined,
    { type: 'join', id, code, name },
    (each) => (joined = each),
  )
  await tab.page.until(() => joined !== undefined && tab.page.state !== undefined)
  for (const secret of [name, id, joined!.token]) options.world.secrets.add(secret)
  return {
    ...tab,
    /** The same player in another tab, on another task. */
    async openAnotherTab() {
      const other = openTab({ ...options, home: options.home + 1 }, () => joined)
      await other.page.until(() => other.page.state !== undefined)
      return other
    },
  }
}

type Who = { token: string; event: string; no: number }

function openTab(
  { world, home, ledger }: PlayerOptions,
  who: () => Who | undefined,
  join?: { type: 'join'; id: string; code: string; name: string },
  joined?: (who: Who) => void,
) {
  const outbox = new Map<string, Tap>()
  const page = openPage({
    world,
    home,
    greeting() {
      const known = who()
      if (!known && join) return join
      if (!known) throw new Error('a tab without a player')
      return { type: 'enter', role: 'player', event: known.event, token: known.token, protocol: protocolVersion }
    },
    hear(message) {
      if (message.type === 'refused') throw new Error(`refused: ${message.code}`)
      if (message.type === 'joined') joined?.({ token: message.token, event: message.event, no: message.player.player })
      if (message.type === 'snapshot') for (const [id, tap] of outbox) send(id, tap)
      if (message.type !== 'ack') return
      const tap = outbox.get(message.id)
      if (!tap) return
      outbox.delete(message.id)
      Object.assign(tap, { acked: Date.now(), status: message.status, kept: message.choices })
    },
  })
  const again = setInterval(() => {
    for (const [id, tap] of outbox) if (Date.now() - tap.sent >= sentAgainAfter) send(id, tap)
  }, 500).unref()

  function send(id: string, tap: Tap): void {
    tap.sent = Date.now()
    page.send({ type: 'answer', id, question: tap.question, choices: [tap.choice], at: tap.tapped })
  }

  return {
    page,
    /** Taps an option of the question that is shown; kept, and sent again, until there is an answer. */
    tap(choice: number): void {
      const player = who()?.no
      const question = page.state?.question
      if (player === undefined || typeof question !== 'number') throw new Error('nothing to tap on')
      const tap: Tap = { player, question, choice, tapped: Date.now(), sent: 0 }
      ledger.push(tap)
      const id = randomBytes(9).toString('base64url')
      outbox.set(id, tap)
      send(id, tap)
    },
    /** Every tap has its answer. */
    isAnswered: () => outbox.size === 0,
    close(): void {
      clearInterval(again)
      page.close()
    },
  }
}
