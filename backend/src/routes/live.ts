import { Hono } from 'hono'
import { HttpError } from '../middleware/errors.ts'
import type { Presence } from '../services/presence.ts'

/** What a deployment would disturb, over all tasks. Without quizzes yet, a player is a connected page. */
export function createLiveRoutes(presence: Presence) {
  return new Hono().get('/api/live', async (c) => {
    try {
      return c.json({ quizzes: 0, players: await presence.players() })
    } catch (cause) {
      throw new HttpError(503, 'unavailable', 'the database does not answer', { cause })
    }
  })
}
