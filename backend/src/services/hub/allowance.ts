/** Messages of one socket that are taken: so many at once, and so many a second on average. */
export interface Rate {
  atOnce: number
  perSecond: number
}

/** Whether one more may be taken now. @param now milliseconds */
type Allowance = (now: number) => boolean

export function createAllowance({ atOnce, perSecond }: Rate): Allowance {
  let left = atOnce
  let since: number | undefined
  return (now) => {
    left = Math.min(atOnce, left + ((now - (since ?? now)) / 1_000) * perSecond)
    since = now
    if (left < 1) return false
    left -= 1
    return true
  }
}
