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
 * sender. Each task counts for itself. `now` is in milliseconds.
 */
export function createLimit(perMinute: number, now: () => number = Date.now) {
  const counted = new Map<string, { times: number; until: number }>()
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
  function sweep(): void {
    if (now() < nextSweep) return
    nextSweep = now() + window
    for (const [key, { until }] of counted) if (until <= now()) counted.delete(key)
  }

  return {
    count({ viewer, sender }: Caller): void {
      sweep()
      add(`viewer ${viewer}`)
      add(`sender ${sender}`)
    },

    /** Seconds, rounded up, until this caller may try again; 0 if it may now. */
    secondsToWait({ viewer, sender }: Caller): number {
      const over = [
        { entry: current(`viewer ${viewer}`), most: perMinute },
        { entry: current(`sender ${sender}`), most: perMinute * widerBySender },
      ].flatMap(({ entry, most }) => (entry && entry.times >= most ? [entry.until - now()] : []))
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
    /** Codes that lead nowhere. */
    wrongCodes: createLimit(30, now),
  }
}
