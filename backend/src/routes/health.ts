import { Hono } from 'hono'

/**
 * Whether this process serves. It asks nobody else: with a database check in it, one outage of DynamoDB would have the
 * load balancer recycle every healthy task.
 */
export function createHealthRoutes(release: string, isStopping: () => boolean) {
  return new Hono().get('/health', (c) =>
    isStopping() ? c.json({ status: 'stopping', release }, 503) : c.json({ status: 'ok', release }),
  )
}
