import { jsonOf, request } from '../../lib/request.ts'

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

interface Found {
  people: Person[]
  /** There are others. */
  hasMore: boolean
}

/** The first pages of the players whose name has `search` in it, regardless of case. Throws `RequestFailed`. */
export async function findPlayers(
  { apiUrl, event, token }: Source,
  search: string,
  pages: number,
  signal: AbortSignal,
): Promise<Found> {
  const people: Person[] = []
  let after = ''
  for (let page = 0; page < pages; page += 1) {
    const path = `${apiUrl}/events/${event}/players?search=${encodeURIComponent(search)}${after}`
    // each page begins where the one before it ended
    // oxlint-disable-next-line no-await-in-loop
    const answer = await request(path, { token, signal })
    const { players, next } = (await jsonOf(answer)) as { players: Person[]; next: number | null }
    people.push(...players)
    if (next === null) return { people, hasMore: false }
    after = `&after=${next}`
  }
  return { people, hasMore: true }
}
