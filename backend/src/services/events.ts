import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Codes } from '../db/repositories/codes.ts'
import type { Events as EventRepository, QuizEvent } from '../db/repositories/events.ts'
import type { LogRepository } from '../db/repositories/log.ts'
import type { Quizzes as QuizRepository } from '../db/repositories/quizzes.ts'
import type { SeenRepository } from '../db/repositories/seen.ts'
import type { Config } from '../types/config.ts'
import type { EventSettings, Quiz } from '../types/quiz.ts'
import { type Created, recordFormat } from '../types/records.ts'
import type { Log } from './log.ts'
import { createToken, hashOf } from './tokens.ts'

export type Events = ReturnType<typeof createEvents>

/** The tokens of both links; they are shown once, and stored as hashes only. */
export interface Links {
  hostToken: string
  screenToken: string
}

/** What anyone who is let in may know of an event. */
export type EventEntry = Omit<QuizEvent, 'hostHash' | 'screenHash' | 'liveUntil'> & {
  /** Had a player in the last ten minutes, and has not ended. */
  live: boolean
}

/** The first record of an event, and when it was written, in milliseconds. */
interface Begun {
  created: Created
  createdAt: number
}

interface Stored {
  events: EventRepository
  codes: Codes
  log: LogRepository
  seen: SeenRepository
  quizzes: QuizRepository<Quiz>
}

/** So many random codes are tried; with 1,000 events at once the chance that all are taken is one in 10^30. */
const codeTries = 10

/** Milliseconds in which each task that plays an event learns that it was erased: a lease is renewed every 10 s. */
const leaseAndMore = 20_000

/** Anyone may ask what is live, and it reads the whole list of events: so often at most, in milliseconds. */
const countEvery = 1_000

/**
 * Every function rejects when the database does not answer. `taskId` is written into the log's first record.
 * `secondErasure` in milliseconds; `now` too, for what is live only.
 */
export function createEvents(
  { events, codes, log, seen, quizzes }: Stored,
  { maxPlayers, retentionDays }: Pick<Config, 'maxPlayers' | 'retentionDays'>,
  taskId: string,
  logger: Log,
  { secondErasure = leaseAndMore, now = Date.now }: { secondErasure?: number; now?: () => number } = {},
) {
  const unfinished = new Set<() => Promise<void>>()
  let counting: Promise<{ quizzes: number; players: number }> | undefined
  let countedUntil = Number.NEGATIVE_INFINITY

  async function countLive(): Promise<{ quizzes: number; players: number }> {
    // who asks meanwhile shares this read
    countedUntil = Number.POSITIVE_INFINITY
    try {
      const live = await events.listLive()
      countedUntil = now() + countEvery
      return { quizzes: live.length, players: live.reduce((sum, { players }) => sum + players, 0) }
    } catch (error) {
      countedUntil = Number.NEGATIVE_INFINITY
      throw error
    }
  }

  /** In seconds. */
  function expiryOf(createdAt: number): number {
    return Math.ceil((createdAt + retentionDays * 86_400_000) / 1_000)
  }

  async function takeCode(eventId: string, expiresAt: number): Promise<string> {
    for (let tried = 0; tried < codeTries; tried += 1) {
      const code = String(randomInt(1_000_000)).padStart(6, '0')
      if (await codes.take(code, eventId, expiresAt)) return code
    }
    throw new Error(`${codeTries} random codes were taken`)
  }

  /** The write is repeated by nobody: when its outcome is unknown, the log itself says. */
  async function beginLog(created: Created, at: number, expiresAt: number): Promise<void> {
    const item = { number: 1, format: recordFormat, by: taskId, nonce: randomUUID(), at, records: [created] }
    const appended = await log.append(created.event, item, expiresAt)
    if (appended.outcome === 'written') return
    const [first] = await log.read(created.event, 0)
    if (first?.nonce === item.nonce) return
    throw new Error('the first record of an event was not written', {
      cause: appended.outcome === 'unknown' ? appended.error : undefined,
    })
  }

  /** How the event of that id began, if it did. */
  async function begun(id: string): Promise<Begun | undefined> {
    const [first] = await log.read(id, 0)
    return first && { created: first.records[0] as Created, createdAt: first.at }
  }

  /** Undefined when there is no such quiz. */
  async function begin(id: string, quizId: string, settings: EventSettings): Promise<Begun | undefined> {
    const found = await quizzes.get(quizId)
    if (!found) return undefined
    const createdAt = Date.now()
    const expiresAt = expiryOf(createdAt)
    const code = await takeCode(id, expiresAt)
    const created: Created = {
      kind: 'created',
      event: id,
      code,
      quiz: found.quiz,
      settings,
      maxPlayers,
      retentionDays,
    }
    await beginLog(created, createdAt, expiresAt)
    return { created, createdAt }
  }

  /** Everything of an event but its place in the list. */
  async function removeParts({ id, code }: QuizEvent): Promise<void> {
    // the code may have expired, and lead to another event by now
    if ((await codes.find(code)) === id) await codes.remove(code)
    await Promise.all([log.remove(id), seen.removeAll(id)])
  }

  /** Tasks that play it learn that it is gone when they next renew the lease, and may write until then. */
  function eraseAgainLater(event: QuizEvent): void {
    async function eraseAgain(): Promise<void> {
      clearTimeout(timer)
      unfinished.delete(eraseAgain)
      await removeParts(event).catch((error: unknown) =>
        logger.warn('parts of an erased event were left to expire', { error }),
      )
    }
    const timer = setTimeout(() => void eraseAgain(), secondErasure).unref()
    unfinished.add(eraseAgain)
  }

  return {
    /**
     * Starts an event with a frozen copy of the quiz. Undefined when there is no such quiz. The event is in the list
     * only when all of it is written: what a crash leaves behind before that expires. Repeated with the same id it
     * returns the event that there is, with new links.
     */
    async start(id: string, quizId: string, settings: EventSettings): Promise<(EventEntry & Links) | undefined> {
      const start = (await begun(id)) ?? (await begin(id, quizId, settings))
      if (!start) return undefined
      const { created, createdAt } = start
      const links = createLinks()
      const event: QuizEvent = {
        id,
        title: created.quiz.title,
        language: created.quiz.language,
        generatedNames: created.settings.generatedNames,
        code: created.code,
        ...hashesOf(links),
        createdAt,
        players: 0,
        liveUntil: 0,
        expiresAt: expiryOf(createdAt),
      }
      if (!(await events.create(event)) && !(await events.changeLinks(id, hashesOf(links)))) {
        throw new Error('the event was erased while it was started')
      }
      return { ...entryOf(event), ...links }
    },

    /** The newest first. */
    async list(): Promise<EventEntry[]> {
      return (await events.list()).map(entryOf)
    },

    async get(id: string): Promise<EventEntry | undefined> {
      const event = await events.get(id)
      return event && entryOf(event)
    },

    /** The event that a code leads to. `keptUntil`, in milliseconds: everything is kept at least until then. */
    async find(code: string): Promise<(EventEntry & { keptUntil: number }) | undefined> {
      const id = /^\d{6}$/.test(code) ? await codes.find(code) : undefined
      const event = id === undefined ? undefined : await events.get(id)
      // when it ends it is kept for all the days again, and that is today at the earliest
      return event && { ...entryOf(event), keptUntil: Math.max(event.expiresAt, expiryOf(Date.now())) * 1_000 }
    },

    async hostHashOf(id: string): Promise<string | undefined> {
      return (await events.get(id))?.hostHash
    },

    /** New links; the old ones let nobody in any more. Undefined when there is no such event. */
    async changeLinks(id: string): Promise<Links | undefined> {
      const links = createLinks()
      return (await events.changeLinks(id, hashesOf(links))) ? links : undefined
    },

    /** What is live, over all tasks; up to a second old. */
    async live(): Promise<{ quizzes: number; players: number }> {
      if (!counting || now() >= countedUntil) counting = countLive()
      return await counting
    },

    /** Deletes everything about the event. False when there is no such event. */
    async erase(id: string): Promise<boolean> {
      const event = await events.get(id)
      if (!event) return false
      // last the item that finds the rest: an erasure that broke off can be asked for again
      await removeParts(event)
      await events.remove(id)
      eraseAgainLater(event)
      return true
    },

    /** The task stops: second erasures that are still to come are done now, or given up after `within` milliseconds. */
    async finishErasures(within: number): Promise<void> {
      const erasing = Promise.all([...unfinished].map((eraseAgain) => eraseAgain()))
      await Promise.race([erasing, sleep(within, undefined, { ref: false })])
    },
  }
}

function createLinks(): Links {
  return { hostToken: createToken(), screenToken: createToken() }
}

function hashesOf({ hostToken, screenToken }: Links) {
  return { hostHash: hashOf(hostToken), screenHash: hashOf(screenToken) }
}

function entryOf({ hostHash: _host, screenHash: _screen, liveUntil, ...event }: QuizEvent): EventEntry {
  return { ...event, live: event.endedAt === undefined && liveUntil > Date.now() }
}
