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
  async function ask(method: string, path: string, body?: string): Promise<Response> {
    const headers = { authorization: `Bearer ${adminSecret}`, 'content-type': 'application/json' }
    const answer = await fetchFrom(site + path, { method, headers, ...(body === undefined ? {} : { body }) })
    if (answer.ok) return answer
    // it may be a page of HTML
    const text = (await answer.text()).replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
    throw new Error(`${method} ${path} answers ${answer.status}: ${text.slice(0, 200)}`)
  }

  async function post<Answer>(path: string, body: unknown): Promise<Answer> {
    return (await (await ask('POST', path, JSON.stringify(body))).json()) as Answer
  }

  return {
    /** Stores the quiz and starts an event with it. */
    async startEvent(quiz: Quiz, settings: Partial<EventSettings> = {}): Promise<StartedEvent> {
      const { id } = await post<{ id: string }>('/api/quizzes', quiz)
      return await post<StartedEvent>('/api/events', { quiz: id, settings })
    },

    /** How many answers the event's report counts. */
    async countAnswers({ id }: StartedEvent): Promise<number> {
      const report = await (await ask('GET', `/api/events/${id}/results/answers.csv`)).text()
      // no cell of the sample quiz has a line break
      return report.split('\r\n').filter((line) => line.endsWith(',saved')).length
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
