import type { Snapshot } from '../../../../backend/src/types/protocol.ts'

// as tickets.ts and outbox.ts have them; those are in the page that everyone waits for, and this need not be
const player = 'live-quiz:player:'
const answers = 'live-quiz:answers:'

/**
 * Removes the tickets of events that the server has deleted, with the answers that were on their way. The last day of the
 * event that is played moves until its end; a ticket without one gets one now.
 */
export function forgetOldTickets(event: Snapshot['event'], hasEnded: boolean, now = Date.now()): void {
  const lastDay = now + event.retentionDays * 86_400_000
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(player))) {
      const id = key.slice(player.length)
      const ticket = JSON.parse(localStorage.getItem(key) ?? '{}') as { until?: number }
      const until = id === event.id && !hasEnded ? lastDay : (ticket.until ?? lastDay)
      if (until > now) localStorage.setItem(key, JSON.stringify({ ...ticket, until }))
      else for (const old of [key, `${answers}${id}`]) localStorage.removeItem(old)
    }
  } catch (error) {
    console.warn('old events are still in this browser:', error)
  }
}
