import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { answerMethodNotAllowed, answerNotFound, createErrorHandler } from '../middleware/errors.ts'
import { requireAllowedOrigin } from '../middleware/origin.ts'
import { logRequests } from '../middleware/request-log.ts'
import { safeHeaders } from '../middleware/safe-headers.ts'
import type { Log } from '../services/log.ts'
import type { Presence } from '../services/presence.ts'
import type { Config } from '../types/config.ts'
import { createHealthRoutes } from './health.ts'
import { createLiveRoutes } from './live.ts'

/** Everything that is answered over HTTP; WebSockets are server.ts's. */
export function createApp(config: Config, presence: Presence, isStopping: () => boolean, log: Log) {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(logRequests(log), safeHeaders, methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }))
  app.route('/', createHealthRoutes(config.release, isStopping))
  app.use('/api/*', requireAllowedOrigin(config.allowedOrigins))
  app.route('/', createLiveRoutes(presence))
  app.notFound(answerNotFound)
  app.onError(createErrorHandler(log))
  return app
}
