import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { createAuthorization } from '../middleware/authorization.ts'
import { answerMethodNotAllowed, answerNotFound, createErrorHandler } from '../middleware/errors.ts'
import { requireId } from '../middleware/ids.ts'
import { requireAllowedOrigin } from '../middleware/origin.ts'
import { logRequests } from '../middleware/request-log.ts'
import { safeHeaders } from '../middleware/safe-headers.ts'
import type { Log } from '../services/log.ts'
import type { Services } from '../services/services.ts'
import type { Config } from '../types/config.ts'
import { createEventRoutes } from './events.ts'
import { createHealthRoutes } from './health.ts'
import { createJoinRoutes } from './join.ts'
import { createLiveRoutes } from './live.ts'
import { createMediaRoutes } from './media.ts'
import { createQuizRoutes } from './quizzes.ts'
import { createResultRoutes } from './results.ts'

/** Everything that is answered over HTTP; WebSockets are server.ts's. */
export function createApp(config: Config, services: Services, isStopping: () => boolean, log: Log) {
  const { events, limits, media, quizzes, results } = services
  const authorization = createAuthorization({
    adminSecret: config.adminSecret,
    hostHashOf: events.hostHashOf,
    ...limits,
  })
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(logRequests(log), safeHeaders, methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }))
  app.route('/', createHealthRoutes(config.release, isStopping))
  app.use('/api/*', requireAllowedOrigin(config.allowedOrigins))
  app.use('/api/events/:id/*', requireId)
  app.use('/api/quizzes/:id/*', requireId)
  app.route('/', createLiveRoutes(events))
  app.route('/', createJoinRoutes(events, limits.wrongCodes))
  app.route('/', createMediaRoutes(media, authorization))
  app.route('/', createQuizRoutes(quizzes, authorization))
  app.route('/', createEventRoutes(events, authorization))
  app.route('/', createResultRoutes(results, authorization))
  app.notFound(answerNotFound)
  app.onError(createErrorHandler(log))
  return app
}
