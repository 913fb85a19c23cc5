import { request as httpRequest } from 'node:http'
import type { HealthCheck } from './model.ts'
import type { TargetAddress, TargetState } from './targets.ts'

/** A target's standing: its state and what its last checks in a row said. */
export interface Standing {
  state: Extract<TargetState, 'initial' | 'healthy' | 'unhealthy'>
  successes: number
  failures: number
  reason?: string
  description?: string
}

export type CheckResult = { passed: true } | { passed: false; reason: string; description: string }

export const initialStanding: Standing = {
  state: 'initial',
  successes: 0,
  failures: 0,
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
}

/**
 * What a check result makes of a target. A new target is healthy after one success; later changes need as many results
 * in a row as the thresholds say.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function standingAfter(
  standing: Standing,
  result: CheckResult,
  { healthyThreshold, unhealthyThreshold }: Pick<HealthCheck, 'healthyThreshold' | 'unhealthyThreshold'>,
): Standing {
  const successes = result.passed ? standing.successes + 1 : 0
  const failures = result.passed ? 0 : standing.failures + 1
  if (result.passed) {
    const recovered = standing.state !== 'unhealthy' || successes >= healthyThreshold
    return recovered ? { state: 'healthy', successes, failures } : { ...standing, successes, failures }
  }
  const failed = standing.state === 'unhealthy' || failures >= unhealthyThreshold
  if (!failed) return { ...standing, successes, failures }
  return { state: 'unhealthy', successes, failures, reason: result.reason, description: result.description }
}

/** Whether a status code is one of `200`, `200,202` or `200-299`. */
export function codeMatches(matcher: string, code: number): boolean {
  return matcher.split(',').some((part) => {
    const [low, high = low] = part.split('-').map(Number)
    return code >= low! && code <= high!
  })
}

/** Asks a target once, on a new connection. Never rejects. */
export function check(target: TargetAddress, healthCheck: HealthCheck, signal: AbortSignal): Promise<CheckResult> {
  const { id, port } = target
  return new Promise((resolve) => {
    const fail = (reason: string, description: string) => resolve({ passed: false, reason, description })
    const timeout = setTimeout(() => {
      fail('Target.Timeout', 'Request timed out')
      outgoing.destroy()
    }, healthCheck.timeoutSeconds * 1_000)
    const outgoing = httpRequest({
      host: id,
      port,
      path: healthCheck.path,
      agent: false,
      signal,
      headers: { host: `${id}:${port}`, connection: 'close', 'user-agent': 'ELB-HealthChecker/2.0' },
    })
    outgoing.once('response', (response) => {
      const code = response.statusCode ?? 0
      // the whole answer must come: a target that stalls in the middle of it times out
      response.resume().once('end', () => {
        if (codeMatches(healthCheck.matcher, code)) resolve({ passed: true })
        else fail('Target.ResponseCodeMismatch', `Health checks failed with these codes: [${code}]`)
      })
      response.on('error', () => fail('Target.FailedHealthChecks', 'Health checks failed'))
    })
    outgoing.on('error', () => fail('Target.FailedHealthChecks', 'Health checks failed'))
    outgoing.once('close', () => clearTimeout(timeout))
    outgoing.end()
  })
}
