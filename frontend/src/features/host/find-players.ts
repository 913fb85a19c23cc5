import { request } from '../../lib/request.ts'

export interface Person {
  player: number
  name: string
  /** Whether they take part, may come back under another name, or may not. */
  standing: 'in' | 'removed' | 'banned'
}

interface Source {
  apiUrl: string
  event: string
  token: string
}

/** Players whose name has `search` in it, regardless of case. Throws `RequestFailed`. */
export async function findPlayers(
  { apiUrl, event, token }: Source,
  search: string,
  signal: AbortSignal,
): Promise<Person[]> {
  const response = await request(`${apiUrl}/events/${event}/players?search=${encodeURIComponent(search)}`, {
    token,
    signal,
  })
  return ((await response.json()) as { players: Person[] }).players
}
