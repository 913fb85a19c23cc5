import type { EventSettings, Quiz } from '../src/types/quiz.ts'

/** An event that was just started; the tokens are shown only once. */
export interface StartedEvent {
  id: string
  title: string
  code: string
  hostToken: string
  screenToken: string
}

/** The part of `fetch` that is needed. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * The admin's side of a running system. `site` is where its pages are, as in https://quiz.example. Every function
 * rejects when the system does not answer, or refuses.
 */
export function quizClient(site: string, adminSecret: string, fetchFrom: Fetch = fetch) {
  async function post<Answer>(path: string, body: unknown): Promise<Answer> {
    const answer = await fetchFrom(site + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminSecret}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`POST ${path} answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`)
    return (await answer.json()) as Answer
  }

  return {
    /** Stores the quiz and starts an event with it. */
    async startEvent(quiz: Quiz, settings: Partial<EventSettings> = {}): Promise<StartedEvent> {
      const { id } = await post<{ id: string }>('/api/quizzes', quiz)
      return await post<StartedEvent>('/api/events', { quiz: id, settings })
    },
  }
}

/** What is opened: by players, by the host, by the projector. The tokens stand behind a #, which no server is sent. */
export function linksOf(site: string, { id, code, hostToken, screenToken }: StartedEvent) {
  return {
    join: `${site}/j/${code}`,
    host: `${site}/host/${id}#${hostToken}`,
    screen: `${site}/screen/${id}#${screenToken}`,
  }
}
