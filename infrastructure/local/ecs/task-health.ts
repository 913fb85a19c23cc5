import type { TargetHealth } from '../elb/targets.ts'
import type { Task } from './model.ts'

/** How the scheduler sees a task: not yet of use, of use, or to be replaced. */
export type TaskHealth =
  | { state: 'starting' }
  | { state: 'healthy' }
  /** @property targetGroupArn absent: the container's own health check failed */
  | { state: 'unhealthy'; targetGroupArn?: string; port?: number; description?: string }

interface HealthSettings {
  /** Milliseconds after the start in which failed checks do not count. */
  grace: number
  /** Milliseconds that a task without any health check must have run. */
  settle: number
}

/**
 * @param behind the task's state in each of its service's target groups; undefined: it is not registered there
 * @param now milliseconds since 1970
 */
export function taskHealth(
  task: Pick<Task, 'lastStatus' | 'startedAt' | 'healthStatus' | 'definition'>,
  behind: { targetGroupArn: string; port: number; health: TargetHealth | undefined }[],
  { grace, settle }: HealthSettings,
  now: number,
): TaskHealth {
  if (task.lastStatus !== 'RUNNING' || !task.startedAt) return { state: 'starting' }
  const age = now - task.startedAt.getTime()
  const checksItself = task.definition.containerDefinitions[0]?.healthCheck !== undefined

  if (age >= grace) {
    if (task.healthStatus === 'UNHEALTHY') return { state: 'unhealthy' }
    const failed = behind.find(({ health }) => health?.state === 'unhealthy')
    if (failed) {
      const { targetGroupArn, port, health } = failed
      return {
        state: 'unhealthy',
        targetGroupArn,
        port,
        ...(health?.description && { description: health.description }),
      }
    }
  }
  const containerIsFine = !checksItself || task.healthStatus === 'HEALTHY'
  const targetsAreFine = behind.every(({ health }) => health?.state === 'healthy')
  const unchecked = !checksItself && behind.length === 0
  return containerIsFine && targetsAreFine && (!unchecked || age >= settle)
    ? { state: 'healthy' }
    : { state: 'starting' }
}
