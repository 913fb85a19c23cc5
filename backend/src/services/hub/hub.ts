import { setTimeout as sleep } from 'node:timers/promises'
import type { Codes } from '../../db/repositories/codes.ts'
import type { Events } from '../../db/repositories/events.ts'
import type { LogRepository } from '../../db/repositories/log.ts'
import type { SeenRepository } from '../../db/repositories/seen.ts'
import { closeCodes } from '../../types/protocol.ts'
import { LogNotUnderstood } from '../game/fold.ts'
import { type EventLog, LogGone } from '../log/event-log.ts'
import type { HeldLog, OpenLogs } from '../log/open-logs.ts'
import type { Log } from '../log.ts'
import { createRoom, type Room } from './room.ts'

interface HubOptions {
  /** This task's id. */
  task: string
  release: string
  openLogs: OpenLogs
  events: Events
  codes: Pick<Codes, 'find' | 'keepUntil'>
  seen: SeenRepository
  logs: Pick<LogRepository, 'keepUntil'>
  /** What is live over all tasks. Rejects with the SDK's error. */
  live: () => Promise<{ quizzes: number; players: number }>
  log: Log
  /** Milliseconds since 1970. */
  now?: () => number
}

export type Hub = ReturnType<typeof createHub>

/** Why an event cannot be entered. */
type NoRoom = 'no such event' | 'not understood'

/** All events that have a socket on this task. */
export function createHub({ openLogs, events, codes, seen, logs, live, log, now = Date.now, ...task }: HubOptions) {
  const rooms = new Map<string, Room>()
  /** A log outlives its room by minutes: it has one listener, for whichever room there is. */
  const heard = new WeakSet<EventLog>()
  /** By code, the event of a look-up under way. */
  const lookups = new Map<string, Promise<string | undefined>>()
  let isDraining = false

  async function openRoom(event: string): Promise<Room | NoRoom> {
    let held
    try {
      held = await openLogs.hold(event)
    } catch (error) {
      if (error instanceof LogNotUnderstood) return 'not understood'
      throw error
    }
    if (!held) return 'no such event'
    const open = rooms.get(event)
    if (open) held.release()
    const room = open ?? roomFor(event, held)
    room.expect()
    return room
  }

  function roomFor(event: string, { eventLog, writer, release }: HeldLog): Room {
    const room = createRoom({
      ...task,
      eventLog,
      writer,
      events,
      codes,
      repository: seen,
      logs,
      log,
      now,
      isDraining: () => isDraining,
      gone() {
        rooms.delete(event)
        release()
      },
    })
    rooms.set(event, room)
    listen(eventLog)
    return room
  }

  function listen(eventLog: EventLog): void {
    if (heard.has(eventLog)) return
    heard.add(eventLog)
    eventLog.hear((item) => rooms.get(eventLog.id)?.hear(item))
    eventLog.failed.addEventListener('abort', () => {
      const isGone = eventLog.failure instanceof LogGone
      const code = isGone ? closeCodes.noSuchEvent : closeCodes.tryLater
      rooms.get(eventLog.id)?.closeAll(code, isGone ? 'no such event' : 'this release cannot serve the event')
    })
  }

  return {
    now,
    events,
    live,

    /**
     * The event's room. The caller calls its `expectNoMore` when the one who asked has entered or was refused.
     * Rejects with the SDK's error when DynamoDB does not answer; that is asked only for an event that is not loaded.
     */
    openRoom,

    /** The event's id; undefined: the code leads nowhere. Rejects with the SDK's error. */
    async eventOf(code: string): Promise<string | undefined> {
      for (const room of rooms.values()) if (room.state().created.code === code) return room.event
      let lookup = lookups.get(code)
      if (!lookup) {
        lookup = codes.find(code).finally(() => lookups.delete(code))
        lookups.set(code, lookup)
      }
      return await lookup
    },

    /** Whether the event is loaded: a player who is known there enters without a read. */
    hasRoom: (event: string) => rooms.has(event),

    /** The task begins to drain: the other tasks learn it within a second or two. */
    drain(): void {
      isDraining = true
      for (const room of rooms.values()) room.announceDraining()
    },

    /** Milliseconds until the last open question closes; undefined without one that closes by itself. */
    closesIn(): number | undefined {
      const times = [...rooms.values()].flatMap((room) => room.closesIn() ?? [])
      return times.length === 0 ? undefined : Math.max(...times)
    },

    /** Events with a socket here, and of their logs: changes not at their place yet, places lost, oldest last read. */
    figures: () => ({ events: rooms.size, ...openLogs.figures() }),

    /**
     * Every socket is closed. Resolves when the other tasks know that nobody is here, or after `within` milliseconds: what
     * is left behind expires.
     */
    async close(within: number): Promise<void> {
      openLogs.stop()
      const closed = Promise.all([...rooms.values()].map((room) => room.close()))
      await Promise.race([closed, sleep(within, undefined, { ref: false })])
    },
  }
}
