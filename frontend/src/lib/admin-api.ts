import type { EventSettings, Language, Quiz } from '../../../backend/src/types/quiz.ts'
import { jsonOf, request, RequestFailed } from './request.ts'

/** A quiz in the list. Times are milliseconds since 1970. */
export interface QuizEntry {
  id: string
  title: string
  questions: number
  version: number
  changedAt: number
}

export interface StoredQuiz extends QuizEntry {
  quiz: Quiz
}

export interface EventEntry {
  id: string
  title: string
  language: Language
  /** Six digits. */
  code: string
  createdAt: number
  startedAt?: number
  endedAt?: number
  players: number
  /** In seconds. */
  expiresAt: number
  live: boolean
}

/** Who has them is host, or shows the projector's page; the server can show them only once. */
export interface EventLinks {
  hostToken: string
  screenToken: string
}

export type AdminApi = ReturnType<typeof adminApi>

/**
 * What the admin secret allows. Each function throws `RequestFailed`; a secret that is wrong by now ends the session by
 * `signedOut` first.
 */
export function adminApi(apiUrl: string, secret: string, signedOut: () => void) {
  async function ask(path: string, options: Omit<Parameters<typeof request>[1], 'token'> = {}): Promise<Blob> {
    try {
      return await request(`${apiUrl}${path}`, { ...options, token: secret })
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 401) signedOut()
      throw error
    }
  }

  async function askJson<Answer>(
    path: string,
    options: Omit<Parameters<typeof request>[1], 'token'> = {},
  ): Promise<Answer> {
    return (await jsonOf(await ask(path, options))) as Answer
  }

  return {
    listQuizzes: (signal?: AbortSignal) => askJson<QuizEntry[]>('/quizzes', signal && { signal }),
    readQuiz: (id: string, signal?: AbortSignal) => askJson<StoredQuiz>(`/quizzes/${id}`, signal && { signal }),
    /** Fails with 412 if there is a quiz with this id. */
    addQuiz: (quiz: Quiz, key: string) => askJson<QuizEntry>('/quizzes', { method: 'POST', body: quiz, key }),
    copyQuiz: (id: string, key: string) => askJson<QuizEntry>(`/quizzes/${id}/copy`, { method: 'POST', key }),

    /** Fails with 412 if someone else has saved it since. */
    changeQuiz: (id: string, quiz: Quiz, seen: number) =>
      askJson<QuizEntry>(`/quizzes/${id}`, { method: 'PUT', body: quiz, ifMatch: `"${seen}"` }),
    removeQuiz: async (id: string, seen: number) => {
      await ask(`/quizzes/${id}`, { method: 'DELETE', ifMatch: `"${seen}"` })
    },

    /** The image's id. */
    addImage: async (image: Blob) => (await askJson<{ id: string }>('/media', { method: 'POST', body: image })).id,

    listEvents: (signal?: AbortSignal) => askJson<EventEntry[]>('/events', signal && { signal }),
    startEvent: (quiz: string, settings: EventSettings, key: string) =>
      askJson<EventEntry & EventLinks>('/events', { method: 'POST', body: { quiz, settings }, key }),
    renewLinks: (event: string) => askJson<EventLinks>(`/events/${event}/links`, { method: 'POST' }),
    eraseEvent: async (event: string) => {
      await ask(`/events/${event}`, { method: 'DELETE' })
    },
  }
}
