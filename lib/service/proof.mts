import { addresses, type StackOutputs } from '../stack/outputs.mts'
import { Failure } from '../script/failure.mts'
import { openWebSocket, request } from '../script/http.mts'
import { eventually } from '../script/job.mts'
import { detail } from '../script/narration.mts'
import { logsCommand } from './service.mts'
import { read } from '../script/shell.mts'
import { tasksOf } from './tasks.mts'
import type { Target } from '../environment/target.mts'

/** The revision that must be live. */
export interface Expected {
  /** ARN of the task definition. */
  revision: string
  digest: string
  release: string
}

/**
 * Proves that the new version answers: every target is healthy, the running digest is the pushed one, /health reports the
 * release, and a WebSocket opens. Fails with the first check that does not pass.
 */
export async function proveBackend(target: Target, outputs: StackOutputs, expected: Expected): Promise<void> {
  const { loadBalancer, loadBalancerWebSocket } = addresses(outputs)
  const remedy = logsCommand(target)
  // a new load balancer's name takes a while to be known everywhere
  const patience = target.local ? { within: 10_000, every: 500 } : { within: 120_000, every: 2000 }

  const healthy = await eventually(() => requireHealthyTargets(outputs.TargetGroupArn), patience)
  detail(`targets    ${healthy} of ${healthy} healthy`)

  const tasks = await tasksOf(target, expected.revision, 'RUNNING')
  const digests = new Set(tasks.map(({ containers }) => containers[0]?.imageDigest))
  if (digests.size !== 1 || !digests.has(expected.digest)) {
    throw new Failure(
      `the tasks run ${[...digests].join(', ') || 'nothing'}, not the pushed ${expected.digest}`,
      remedy,
    )
  }
  detail(`digest     ${expected.digest} runs, as pushed`)

  await eventually(() => requireRelease(`${loadBalancer}/health`, expected.release), patience)
  detail(`health     ${loadBalancer}/health reports ${expected.release}`)

  await eventually(() => openWebSocket(loadBalancerWebSocket), patience)
  detail(`WebSocket  ${loadBalancerWebSocket} opens`)
}

interface TargetDescription {
  Target: { Id: string; Port?: number }
  TargetHealth: { State: string; Reason?: string; Description?: string }
}

/** The targets of the load balancer and the health of each. */
export async function describeTargets(targetGroup: string): Promise<TargetDescription[]> {
  const { TargetHealthDescriptions } = await read<{
    TargetHealthDescriptions: TargetDescription[]
  }>`aws elbv2 describe-target-health --target-group-arn ${targetGroup}`
  return TargetHealthDescriptions
}

/** Returns their number, without those that are draining. */
async function requireHealthyTargets(targetGroup: string): Promise<number> {
  const serving = (await describeTargets(targetGroup)).filter(({ TargetHealth }) => TargetHealth.State !== 'draining')
  const unhealthy = serving.find(({ TargetHealth }) => TargetHealth.State !== 'healthy')
  const remedy = `aws elbv2 describe-target-health --target-group-arn ${targetGroup}`
  if (unhealthy) {
    const { State, Reason = '', Description = '' } = unhealthy.TargetHealth
    throw new Failure(`target ${unhealthy.Target.Id} is ${State}: ${Reason} ${Description}`.trim(), remedy)
  }
  if (serving.length === 0) throw new Failure('the load balancer has no target', remedy)
  return serving.length
}

async function requireRelease(url: string, expected: string): Promise<void> {
  const answer = await request(url)
  const body = await answer.text()
  if (!answer.ok || !body.includes(`"release":${JSON.stringify(expected)}`)) {
    throw new Failure(
      `${url} answers ${answer.status}, not release ${expected}: ${body.slice(0, 200)}`,
      `curl -i ${url}`,
    )
  }
}
