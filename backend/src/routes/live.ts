import { Hono } from 'hono'
import type { Presence } from '../services/presence.ts'

/** What a deployment would disturb, over all tasks. Without quizzes yet, a player is a connected page. */
export function createLiveRoutes(presence: Presence) {
  return new Hono().get('/api/live', async (c) => c.json({ quizzes: 0, players: await presence.players() }))
}
