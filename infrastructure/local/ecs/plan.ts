/** A task that is to run, as the plan needs it. */
export interface PlannedTask {
  id: string
  /** Of the PRIMARY deployment. */
  primary: boolean
  state: 'starting' | 'healthy' | 'unhealthy'
}

export interface Situation {
  desiredCount: number
  minimumHealthyPercent: number
  maximumPercent: number
  /** False while the deployment has failed or pauses after a failure. */
  mayStart: boolean
  /** Oldest first; without those that are stopping. */
  tasks: PlannedTask[]
}

export interface Plan {
  start: number
  /** Ids of tasks to stop because they are unhealthy, and because they are not wanted any more. */
  replace: string[]
  retire: string[]
}

/**
 * What to start and stop next. New before old: an old task leaves when a healthy one has taken its place, or when the
 * maximum leaves no room for a new one, and never below the minimum of healthy tasks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export function planTasks({ desiredCount, minimumHealthyPercent, maximumPercent, mayStart, tasks }: Situation): Plan {
  const atLeast = Math.min(desiredCount, Math.ceil((desiredCount * minimumHealthyPercent) / 100))
  const atMost = Math.max(desiredCount > 0 ? 1 : 0, Math.floor((desiredCount * maximumPercent) / 100))

  const unhealthy = tasks.filter(({ state }) => state === 'unhealthy')
  const kept = tasks.filter(({ state }) => state !== 'unhealthy')
  const current = kept.filter(({ primary }) => primary)
  const old = kept.filter(({ primary }) => !primary)
  const healthy = kept.filter(({ state }) => state === 'healthy').length

  const missing = Math.max(0, desiredCount - current.length)
  const start = mayStart ? Math.min(missing, Math.max(0, atMost - kept.length)) : 0

  // surplus of the current deployment after a scale-in: what is not ready goes first, then the newest
  const surplus = current
    .toReversed()
    .toSorted((a, b) => Number(a.state === 'healthy') - Number(b.state === 'healthy'))
    .slice(0, Math.max(0, current.length - desiredCount))

  const noRoom = mayStart && missing > 0 && start === 0
  const spare = Math.max(0, healthy - (noRoom ? atLeast : desiredCount))
  const healthySurplus = surplus.filter(({ state }) => state === 'healthy').length
  const unready = mayStart || missing === 0 ? old.filter(({ state }) => state === 'starting') : []
  const replaced = old.filter(({ state }) => state === 'healthy').slice(0, Math.max(0, spare - healthySurplus))

  return {
    start,
    replace: unhealthy.map(({ id }) => id),
    retire: [...surplus, ...unready, ...replaced].map(({ id }) => id),
  }
}

/** Everything is as wanted: the desired count of healthy tasks, and no other task left, not even a stopping one. */
export function isSettled(situation: Pick<Situation, 'desiredCount' | 'tasks'>, stopping: number): boolean {
  const { desiredCount, tasks } = situation
  return (
    stopping === 0 &&
    tasks.length === desiredCount &&
    tasks.every(({ primary, state }) => primary && state === 'healthy')
  )
}
