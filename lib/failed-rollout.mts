import { Failure } from './failure.mts'
import { pointLatestAt } from './image.mts'
import { say } from './narration.mts'
import { stoppedReasons, tasksOf } from './rollout.mts'
import type { RunningRelease } from './running-release.mts'
import { logsCommand, revisionName } from './service.mts'
import type { Target } from './target.mts'
import { exitCodes, type Verdict } from './verdict.mts'

/**
 * What there is to say about a rollout that did not end in "deployed": why its tasks stopped (ECS forgets that within
 * the hour), and where to look. Points `latest` back at the image that runs.
 */
export async function failedRollout(
  target: Target,
  taskDefinition: string,
  { verdict, reason }: Verdict,
  previous: RunningRelease | undefined,
): Promise<Failure> {
  const { names } = target
  const fact = `${verdict}: ${revisionName(taskDefinition)}: ${reason}`
  if (verdict === 'still running') {
    const watch = `aws ecs describe-services --cluster ${names.cluster} --services ${names.service} --query 'services[0].deployments'`
    return new Failure(fact, `go on watching with: ${watch}`, exitCodes[verdict])
  }
  const why = stoppedReasons(await tasksOf(target, taskDefinition, 'STOPPED'))
  if (why.length > 0) say(`its tasks stopped:\n${why.map((line) => `  ${line}`).join('\n')}`)
  if (previous?.digest && previous.revision !== taskDefinition) {
    say(`${revisionName(previous.revision)} runs on; latest is pointed back at its image`)
    await pointLatestAt(target, previous.digest)
  }
  return new Failure(why[0] ? `${fact}; ${why[0]}` : fact, logsCommand(target), exitCodes[verdict])
}
