import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { callerOfRequest, refuseWhoMustWait } from '../middleware/authorization.ts'
import { errorBody, HttpError } from '../middleware/errors.ts'
import type { Events } from '../services/events.ts'
import type { Limit } from '../services/limits.ts'

/** What a page shows to someone who has a code, before they join. Guessing codes is limited. */
export function createJoinRoutes(events: Events, wrongCodes: Limit) {
  return new Hono<{ Bindings: HttpBindings }>().get('/api/join/:code', async (c) => {
    const caller = callerOfRequest(c)
    refuseWhoMustWait(wrongCodes, caller)
    const event = await events.find(c.req.param('code'))
    if (!event) {
      wrongCodes.count(caller)
      throw new HttpError(404, 'no_such_code', 'this code leads to no event')
    }
    const { id, title, language, generatedNames, keptUntil } = event
    if (event.endedAt !== undefined) {
      // the page of a player who scans again still finds the result
      return c.json({ ...errorBody(new HttpError(410, 'ended', 'this event is over')), event: id }, 410)
    }
    return c.json({ event: id, title, language, generatedNames, keptUntil })
  })
}
