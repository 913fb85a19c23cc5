import { isIPv6 } from 'node:net'

/** Whom a limit counts: who asked the CDN, and who asked the load balancer. */
export interface Caller {
  viewer: string
  sender: string
}

export type Limit = ReturnType<typeof createLimit>

/** Milliseconds that a first try counts, and all that follow it meanwhile. */
const window = 60_000

/** A sender may be the CDN's address for many viewers. */
const widerBySender = 10

/** Milliseconds that a credit counts. */
const creditFor = 10 * 60_000

/**
 * Reads X-Forwarded-For as the CDN and the load balancer write it: each appends the address that asked it. So the last
 * is the sender, the second from the right the viewer, and what stands further left is the client's own invention. Who
 * goes around the CDN can invent the viewer, but not the sender. Without the header both are the socket's own address.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
export function callerOf(forwardedFor: string | undefined, socketAddress: string | undefined): Caller {
  const addresses = (forwardedFor ?? '').split(',').map((each) => each.trim())
  const sender = addresses.at(-1) || socketAddress || 'unknown'
  return { viewer: networkOf(addresses.at(-2) || sender), sender: networkOf(sender) }
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
 * Counts what should not happen often, such as a wrong secret: `perMinute` times a viewer, and ten times as often a
 * sender. A credit allows one more a minute, for ten minutes. Each task counts for itself. `now` is in milliseconds.
 */
export function createLimit(perMinute: number, now: () => number = Date.now) {
  const counted = new Map<string, { times: number; until: number }>()
  /** When each credit ends, the next one first. */
  const credits = new Map<string, number[]>()
  let nextSweep = now() + window

  function current(key: string) {
    const entry = counted.get(key)
    return entry && entry.until > now() ? entry : undefined
  }
  function add(key: string): void {
    const entry = current(key)
    if (entry) entry.times += 1
    else counted.set(key, { times: 1, until: now() + window })
  }
  function creditsOf(key: string): number {
    const ends = credits.get(key) ?? []
    const past = ends.findIndex((end) => end > now())
    if (past !== 0) ends.splice(0, past === -1 ? ends.length : past)
    return ends.length
  }
  function addCredit(key: string): void {
    const ends = credits.get(key)
    if (ends) ends.push(now() + creditFor)
    else credits.set(key, [now() + creditFor])
  }
  function sweep(): void {
    if (now() < nextSweep) return
    nextSweep = now() + window
    for (const [key, { until }] of counted) if (until <= now()) counted.delete(key)
    for (const key of credits.keys()) if (creditsOf(key) === 0) credits.delete(key)
  }

  return {
    count({ viewer, sender }: Caller): void {
      sweep()
      add(`viewer ${viewer}`)
      add(`sender ${sender}`)
    },

    /** This caller has proven something: a hall behind one address errs more often than one person. */
    credit({ viewer, sender }: Caller): void {
      sweep()
      addCredit(`viewer ${viewer}`)
      addCredit(`sender ${sender}`)
    },

    /** Seconds, rounded up, until this caller may try again; 0 if it may now. */
    secondsToWait({ viewer, sender }: Caller): number {
      const over = [
        { key: `viewer ${viewer}`, most: perMinute },
        { key: `sender ${sender}`, most: perMinute * widerBySender },
      ].flatMap(({ key, most }) => {
        const entry = current(key)
        return entry && entry.times >= most + creditsOf(key) ? [entry.until - now()] : []
      })
      return Math.ceil(Math.max(0, ...over) / 1_000)
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
    /** Reads of the table for a token that turned out to be wrong: up to here, a right one never waits. */
    unprovenReads: createLimit(600, now),
    /** Codes that lead nowhere; each new player is a credit. */
    wrongCodes: createLimit(30, now),
  }
}
