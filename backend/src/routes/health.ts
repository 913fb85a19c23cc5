import type { Reply } from '../middleware/errors.ts'

/**
 * Whether this process serves. It asks nobody else: with a database check in it, one outage of DynamoDB would have the
 * load balancer recycle every healthy task.
 */
export function health(release: string, stopping: boolean): Reply {
  return stopping
    ? { status: 503, body: { status: 'stopping', release } }
    : { status: 200, body: { status: 'ok', release } }
}
