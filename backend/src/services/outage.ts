import { isOutage } from '../db/client.ts'

/** What someone is told whose request failed. The log has the error. */
export function explanationOf(error: unknown): string {
  return isOutage(error) ? 'the database does not answer' : 'the server failed; its log says why'
}
