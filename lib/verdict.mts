/** How a rollout ended, and the exit code that says so. */
export const exitCodes = {
  deployed: 0,
  failed: 1,
  'rolled back': 3,
  superseded: 4,
  'still running': 5,
} as const

export interface Verdict {
  verdict: keyof typeof exitCodes
  reason: string
}
