import { Hono } from 'hono'
import type { Events } from '../services/events.ts'

/** What a deployment would disturb, over all tasks: events that had a player in the last ten minutes, and their players. */
export function createLiveRoutes(events: Pick<Events, 'live'>) {
  return new Hono().get('/api/live', async (c) => c.json(await events.live()))
}
