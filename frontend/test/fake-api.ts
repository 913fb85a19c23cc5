import { vi } from 'vitest'
import type { Quiz } from '../../backend/src/types/quiz.ts'

export const secret = 'the admin secret'

interface StoredEvent {
  id: string
  title: string
  language: string
  code: string
  createdAt: number
  endedAt?: number
  players: number
  expiresAt: number
  live: boolean
}

/** The HTTP API of the backend with a table in memory, in place of `fetch`. Returns what it holds, and what was asked. */
export function serveApi() {
  const quizzes = new Map<string, { quiz: Quiz; version: number }>()
  const events = new Map<string, StoredEvent>()
  const asked: { method: string; path: string; body: unknown }[] = []

  const entry = (id: string) => {
    const found = quizzes.get(id)
    if (!found) return
    const { quiz, version } = found
    return { id, title: quiz.title, questions: quiz.questions.length, version, changedAt: 0 }
  }
  const refuse = (status: number, code: string) => Response.json({ error: { code, message: code } }, { status })

  const quizRoute = (method: string, id: string, body: unknown, seen: number): Response => {
    const found = quizzes.get(id)
    if (!found) return refuse(404, 'no_such_quiz')
    if (method === 'GET') return Response.json({ ...entry(id), quiz: found.quiz })
    if (found.version !== seen) return refuse(412, 'changed')
    if (method === 'DELETE') quizzes.delete(id)
    else quizzes.set(id, { quiz: body as Quiz, version: seen + 1 })
    return method === 'DELETE' ? new Response(null, { status: 204 }) : Response.json(entry(id))
  }

  const add = (id: string, quiz: Quiz): Response => {
    if (quizzes.has(id)) return refuse(412, 'changed')
    quizzes.set(id, { quiz, version: 1 })
    return Response.json(entry(id), { status: 201 })
  }

  const start = (id: string, { quiz }: { quiz: string }): Response => {
    const { title, language } = quizzes.get(quiz)?.quiz ?? { title: '', language: 'en' }
    const event = { id, title, language, code: '482913', createdAt: 0, players: 0, expiresAt: 1, live: false }
    events.set(id, event)
    return Response.json({ ...event, hostToken: 'host-token', screenToken: 'screen-token' }, { status: 201 })
  }

  const answer = (method: string, path: string, body: unknown, seen: number, key: string): Response => {
    const [, list, id, part] = path.split('/')
    if (list === 'quizzes' && id === undefined) {
      return method === 'POST' ? add(key, body as Quiz) : Response.json([...quizzes.keys()].map(entry))
    }
    if (list === 'quizzes' && part === 'copy') {
      return quizzes.has(key)
        ? Response.json(entry(key), { status: 201 })
        : add(key, quizzes.get(id ?? '')?.quiz as Quiz)
    }
    if (list === 'quizzes') return quizRoute(method, id ?? '', body, seen)
    if (list === 'media') return Response.json({ id: 'a'.repeat(64) }, { status: 201 })
    if (list === 'events' && id === undefined) {
      return method === 'POST' ? start(key, body as { quiz: string }) : Response.json([...events.values()])
    }
    if (part === 'links') return Response.json({ hostToken: 'new-host', screenToken: 'new-screen' }, { status: 201 })
    if (part === 'results') return new Response('\u{FEFF}rank,name\r\n')
    if (method === 'DELETE') events.delete(id ?? '')
    return new Response(null, { status: 204 })
  }

  vi.stubGlobal('fetch', async (path: string, options: RequestInit = {}) => {
    const headers = new Headers(options.headers)
    const method = options.method ?? 'GET'
    const body: unknown = typeof options.body === 'string' ? JSON.parse(options.body) : options.body
    await Promise.resolve()
    options.signal?.throwIfAborted()
    if (headers.get('authorization') !== `Bearer ${secret}`) return refuse(401, 'unauthorized')
    asked.push({ method, path, body })
    const seen = Number(headers.get('if-match')?.replaceAll('"', ''))
    return answer(method, path.replace(/^\/api/, ''), body, seen, headers.get('idempotency-key') ?? '')
  })
  return { quizzes, events, asked }
}

export const rivers: Quiz = {
  title: 'Rivers',
  language: 'en',
  questions: [
    {
      type: 'single',
      text: 'Where do the Rhône and the Saône meet?',
      options: ['Paris', 'Lyon'],
      right: [1],
      seconds: 20,
      points: 1_000,
      explanation: '',
      image: null,
    },
    {
      type: 'boolean',
      text: 'The Danube flows through ten countries.',
      options: ['True', 'False'],
      right: [0],
      seconds: null,
      points: 2_000,
      explanation: '',
      image: null,
    },
  ],
}
