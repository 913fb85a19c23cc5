import type { Join } from '../../../../backend/src/types/protocol.ts'
import { type Player, play, type Refused } from './player.ts'
import { readTicket, type Ticket } from './tickets.ts'

/** By event. A player who has joined is there before the page that plays: that continues on the same connection. */
const players = new Map<string, Player>()
const report = (problem: string) => console.warn(problem)

/** The player that this browser is in the event; undefined: it is none. */
export function playerOf(event: string, url: string): Player | undefined {
  const known = players.get(event)
  // one that has ended may be opened again, such as after another tab was closed
  if (known && known.state().status.phase !== 'ended') return known
  const ticket = readTicket(event)
  if (!ticket) return known
  const player = play({ url, as: ticket, report })
  players.set(event, player)
  return player
}

export type Joining = { ticket: Ticket } | { refused: Refused } | { unreachable: true }

/** Joins an event. It tries again by itself, as the same player, for `withinMs`. */
export async function joinEvent(url: string, join: Join, withinMs = 15_000): Promise<Joining> {
  return await new Promise((resolve) => {
    const giveUp = (outcome: Joining) => {
      clearTimeout(deadline)
      player.close()
      resolve(outcome)
    }
    const deadline = setTimeout(() => giveUp({ unreachable: true }), withinMs)
    const player = play({
      url,
      as: join,
      report,
      joined: (ticket) => {
        clearTimeout(deadline)
        players.get(ticket.event)?.close()
        players.set(ticket.event, player)
        resolve({ ticket })
      },
      refused: (refused) => giveUp({ refused }),
    })
  })
}
