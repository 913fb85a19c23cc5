import type { Snapshot } from '../../../../backend/src/types/protocol.ts'

// as tickets.ts and outbox.ts have them; those are in the page that everyone waits for, and this need not be
const player = 'live-quiz:player:'
const answers = 'live-quiz:answers:'

/**
 * Removes the tickets of events that the server has deleted, and answers on their way that are as old. The last day of the
 * event that is played moves until its end; a ticket without one gets one now. Answers without a ticket stay: another tab
 * may still play as the player who gave them.
 */
export function forgetOldTickets(event: Snapshot['event'], hasEnded: boolean, now = Date.now()): void {
  const keptForMs = event.retentionDays * 86_400_000
  const lastDay = now + keptForMs
  try {
    for (const key of keysOf(player)) {
      const ticket = JSON.parse(localStorage.getItem(key) ?? '{}') as { until?: number }
      const until = key === player + event.id && !hasEnded ? lastDay : (ticket.until ?? lastDay)
      if (until > now) localStorage.setItem(key, JSON.stringify({ ...ticket, until }))
      else localStorage.removeItem(key)
    }
    for (const key of keysOf(answers)) {
      const kept = JSON.parse(localStorage.getItem(key) ?? '[]') as Array<{ at: number }>
      if (kept.every(({ at }) => at + keptForMs <= now)) localStorage.removeItem(key)
    }
  } catch (error) {
    console.warn('old events are still in this browser:', error)
  }
}

function keysOf(prefix: string): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(prefix))
}
