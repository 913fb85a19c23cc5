/**
 * The times of a drain, all in milliseconds.
 *
 * `within` is what is left: of the load balancer's deregistration delay, or until the process must have ended.
 */
export interface Plan {
  /** Over how long the sockets are told to leave, evenly. */
  spread: number
  /** How long a socket has, after it was told, to leave by itself. */
  grace: number
}

/** How much earlier than SIGKILL the process has ended: `stopReserveSeconds` of the toolkit's check. */
export const stopReserve = 5_000

/** A drain may be noticed 2.4 s late: the target's health is asked every 2 s or a little more. */
const noticedLate = 3_000

const longestSpread = 15_000
const longestGrace = 5_000

/** A page that is told opens a new connection and enters: about this much of another task's time, at half a core. */
const eachSocket = 6

/**
 * How the sockets leave in the time that is left. Few need little of it: what counts is how many come back in a second.
 * A part of it stays for the closing handshakes of the last ones.
 */
export function planFor(sockets: number, within: number): Plan {
  const left = Math.max(0, within)
  return {
    spread: Math.min(longestSpread, sockets * eachSocket, left * 0.6),
    grace: Math.min(longestGrace, left * 0.25),
  }
}

/** How long to wait before the first socket is told: until the open question closes, where there is time for it. */
export function patience(closesIn: number | undefined, { spread, grace }: Plan, within: number): number {
  if (closesIn === undefined || closesIn <= 0) return 0
  return closesIn + spread + grace <= within ? closesIn : 0
}

/** From the begin of a drain by the load balancer to the cut. */
export function deregistrationBudget(drainSeconds: number): number {
  return Math.max(0, drainSeconds * 1_000 - noticedLate)
}

/** From SIGTERM to the end of the process. */
export function stopBudget(stopSeconds: number): number {
  return Math.max(1_000, stopSeconds * 1_000 - stopReserve)
}
