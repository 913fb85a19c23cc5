import { HttpError, type Reply } from '../middleware/errors.ts'
import type { Presence } from '../services/presence.ts'

/** What a deployment would disturb, over all tasks. Without quizzes yet, a player is a connected page. */
export async function live(presence: Presence): Promise<Reply> {
  try {
    return { status: 200, body: { quizzes: 0, players: await presence.players() } }
  } catch (cause) {
    throw new HttpError(503, 'unavailable', 'the database does not answer', { cause })
  }
}
