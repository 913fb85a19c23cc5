import { isIPv6 } from 'node:net'

export type Limit = ReturnType<typeof createLimit>

/** Milliseconds that a first try counts, and all that follow it meanwhile. */
const window = 60_000

/** Milliseconds that a credit counts. */
const creditFor = 10 * 60_000

/**
 * Whom a limit counts: the address that asked the CDN. The CDN and the load balancer each append to X-Forwarded-For the
 * address that asked them, so the viewer is the second from the right, and what stands further left is the client's own
 * invention. Nobody can invent the viewer: the load balancer forwards what is counted from the CDN only. The last address
 * is the CDN's, one of few for everybody, and is not counted. Without the header it is the socket's own address.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
export function callerOf(forwardedFor: string | undefined, socketAddress: string | undefined): string {
  const addresses = (forwardedFor ?? '').split(',').map((each) => each.trim())
  return networkOf(addresses.at(-2) || addresses.at(-1) || socketAddress || 'unknown')
}

/** An IPv4 address as it is; of an IPv6 address the first 64 bits, since one household has all the others. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const parts = (text: string | undefined) => (text ? text.split(':') : [])
  const known = [...parts(head), ...parts(tail)].length
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - known }, () => '0')
  return [...parts(head), ...zeros, ...parts(tail)].slice(0, 4).join(':')
}

/**
 * Counts what should not happen often, such as a wrong secret: `perMinute` times a caller. A credit allows one more a
 * minute, for ten minutes. Each task counts for itself. `now` is in milliseconds.
 */
export function createLimit(perMinute: number, now: () => number = Date.now) {
  const counted = new Map<string, { times: number; until: number }>()
  /** When each credit ends, the next one first. */
  const credits = new Map<string, number[]>()
  let nextSweep = now() + window

  function current(caller: string) {
    const entry = counted.get(caller)
    return entry && entry.until > now() ? entry : undefined
  }
  function creditsOf(caller: string): number {
    const ends = credits.get(caller) ?? []
    const past = ends.findIndex((end) => end > now())
    if (past !== 0) ends.splice(0, past === -1 ? ends.length : past)
    return ends.length
  }
  function sweep(): void {
    if (now() < nextSweep) return
    nextSweep = now() + window
    for (const [caller, { until }] of counted) if (until <= now()) counted.delete(caller)
    for (const caller of credits.keys()) if (creditsOf(caller) === 0) credits.delete(caller)
  }

  return {
    count(caller: string): void {
      sweep()
      const entry = current(caller)
      if (entry) entry.times += 1
      else counted.set(caller, { times: 1, until: now() + window })
    },

    /** This caller has proven something: a hall behind one address errs more often than one person. */
    credit(caller: string): void {
      sweep()
      const ends = credits.get(caller)
      if (ends) ends.push(now() + creditFor)
      else credits.set(caller, [now() + creditFor])
    },

    /** Seconds, rounded up, until this caller may try again; 0 if it may now. */
    secondsToWait(caller: string): number {
      const entry = current(caller)
      if (!entry || entry.times < perMinute + creditsOf(caller)) return 0
      return Math.ceil((entry.until - now()) / 1_000)
    },
  }
}

/** What a task counts, whether it came over HTTP or a WebSocket. */
export function createLimits(now: () => number = Date.now) {
  return {
    /** Wrong admin secrets. */
    wrongSecrets: createLimit(10, now),
    /** Wrong tokens of hosts, screens and players. */
    wrongTokens: createLimit(30, now),
    /** Reads of the table for a token or an event that turned out to be wrong: up to here, a right one never waits. */
    unprovenReads: createLimit(600, now),
    /** Codes that lead nowhere; each new player is a credit. */
    wrongCodes: createLimit(30, now),
  }
}
