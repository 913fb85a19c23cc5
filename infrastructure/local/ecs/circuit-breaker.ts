/**
 * How many failed tasks in a row fail a deployment: half the desired count, at least 3, at most 200.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function failureThreshold(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)))
}

/** AWS's breaker looks at a deployment until its first healthy task, and at nothing else. */
export function isTripped(
  deployment: { rolloutState: string; proven: boolean; failedTasks: number },
  desiredCount: number,
  breaker: { enable: boolean },
): boolean {
  return (
    breaker.enable &&
    deployment.rolloutState === 'IN_PROGRESS' &&
    !deployment.proven &&
    deployment.failedTasks >= failureThreshold(desiredCount)
  )
}

const firstPause = 250
const longestPause = 30_000

/** Milliseconds before the next launch after so many failures in a row. AWS throttles too, up to 15 minutes. */
export function launchPause(setbacks: number): number {
  return setbacks === 0 ? 0 : Math.min(longestPause, firstPause * 2 ** setbacks)
}
