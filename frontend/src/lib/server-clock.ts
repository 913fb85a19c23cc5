/** More than this are not compared: a clock drifts. */
const samplesKept = 10
/** How far the clocks of two servers may be apart, in milliseconds. */
const skew = 250

export interface ServerClock {
  /** The server's time now, in milliseconds, as well as it is known. */
  now: () => number
  /** What a `clock` message brought; `sent` is of this page's clock, `now` of the server's. */
  answered: (sent: number, now: number) => void
  /** A message came with the server's time: used until a round trip says more. */
  told: (now: number) => void
}

/**
 * The offset between this page's clock and the server's. The sample with the lowest round trip is the best: half of it
 * is the most that it can be wrong.
 */
export function createServerClock(pageNow: () => number = Date.now): ServerClock {
  let samples: { roundTrip: number; offset: number }[] = []
  let offset = 0

  return {
    now: () => pageNow() + offset,
    answered: (sent, now) => {
      const received = pageNow()
      const roundTrip = received - sent
      // the clock was set in between
      if (roundTrip < 0) return
      const sample = { roundTrip, offset: now - (sent + received) / 2 }
      // so far off is no round trip: this page's clock was set, and what was measured before does not hold
      if (Math.abs(sample.offset - offset) > roundTrip + skew) samples = []
      samples = [...samples, sample].slice(-samplesKept)
      offset = samples.reduce((best, each) => (each.roundTrip <= best.roundTrip ? each : best)).offset
    },
    told: (now) => {
      if (samples.length === 0) offset = now - pageNow()
    },
  }
}
