import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import * as v from 'valibot'
import type { Authorization } from '../middleware/authorization.ts'
import { limitBody, readBody } from '../middleware/body.ts'
import { HttpError } from '../middleware/errors.ts'
import { newIdOf } from '../middleware/ids.ts'
import type { Events } from '../services/events.ts'
import { isId } from '../services/tokens.ts'
import { settingsSchema } from '../types/quiz.ts'

const startSchema = v.strictObject({
  /** A quiz's id. */
  quiz: v.pipe(v.string(), v.check(isId, 'no id')),
  settings: v.optional(settingsSchema, {}),
})

const maxStartBytes = 4_096

export function createEventRoutes(events: Events, { requireAdmin, requireHost }: Authorization) {
  return new Hono<{ Bindings: HttpBindings }>()
    .get('/api/events', requireAdmin, async (c) => c.json(await events.list()))
    .post('/api/events', requireAdmin, limitBody(maxStartBytes), async (c) => {
      const { quiz, settings } = await readBody(c, startSchema)
      const started = await events.start(newIdOf(c), quiz, settings)
      if (!started) throw new HttpError(404, 'no_such_quiz', 'there is no such quiz')
      return c.json(started, 201)
    })
    .get('/api/events/:id', requireHost, async (c) => {
      const event = await events.get(c.req.param('id'))
      if (!event) throw noSuchEvent()
      return c.json(event)
    })
    .delete('/api/events/:id', requireAdmin, async (c) => {
      if (!(await events.erase(c.req.param('id')))) throw noSuchEvent()
      return c.body(null, 204)
    })
    .post('/api/events/:id/links', requireAdmin, async (c) => {
      const links = await events.changeLinks(c.req.param('id'))
      if (!links) throw noSuchEvent()
      return c.json(links, 201)
    })
}

export function noSuchEvent(): HttpError {
  return new HttpError(404, 'no_such_event', 'there is no such event')
}
