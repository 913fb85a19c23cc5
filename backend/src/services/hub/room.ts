import type { QuizEvent } from '../../db/repositories/events.ts'
import type { LogItem } from '../../db/repositories/log.ts'
import { closeCodes, type CountsMessage } from '../../types/protocol.ts'
import type { RecordKind } from '../../types/records.ts'
import { snapshot } from '../game/snapshot.ts'
import type { EventState } from '../game/state.ts'
import { rosterMessage } from '../game/views.ts'
import { type EventLog, LogGone } from '../log/event-log.ts'
import type { Writer } from '../log/writer.ts'
import type { Log } from '../log.ts'
import { announcements } from './announcements.ts'
import { countsMessage } from './counts.ts'
import { deadlineVerdict } from './deadline.ts'
import { createFanOut } from './fan-out.ts'
import { createLease, type LeaseOptions } from './lease.ts'
import { createMembers, type Member } from './members.ts'
import { createSightings, type Sighting, type SightingsOptions } from './sightings.ts'

/** How often a room looks at what is due, and how often at most counts and roster are sent; milliseconds. */
const tickEvery = 250
const countsEvery = 500
const rosterEvery = 1_000

interface RoomOptions
  extends Omit<SightingsOptions, 'event' | 'heard'>, Pick<LeaseOptions, 'events' | 'codes' | 'logs'> {
  eventLog: EventLog
  writer: Writer
  log: Log
  /** Whether this task is about to stop. */
  isDraining: () => boolean
  /** Nobody is here any more, and nobody is waited for: the room has ended. */
  gone: () => void
}

export type Room = ReturnType<typeof createRoom>

/** One event on this task, as long as it has a socket here: what is sent to whom, and when. */
export function createRoom({ eventLog, writer, log, isDraining, gone, ...options }: RoomOptions) {
  const { now } = options
  const event = eventLog.id
  const members = createMembers()
  const fanOut = createFanOut((error) => log.error('a message could not be sent to all', { event, error }))
  const sightings = createSightings({ event, log, ...options, heard: closeIfDue })
  const lease = createLease({ event, log, ...options, expiresAt: () => eventLog.expiresAt, found: takeNotice })
  const lastSent = { counts: '', countsAt: 0, roster: '', rosterAt: 0 }
  /** Sockets that are being let in. */
  let expected = 0
  /** The version for which this task has asked to close the question. */
  let closing: number | undefined
  const ticks = setInterval(tick, tickEvery)

  function state(): EventState {
    if (!eventLog.state) throw new Error(`the log of ${event} was not loaded`)
    return eventLog.state
  }

  function here() {
    const { connected, count } = members
    return { connected: connected.size, hosts: count.host, screens: count.screen, draining: isDraining() }
  }

  function counts(): CountsMessage {
    const unread = now() - eventLog.lastReadAt
    return countsMessage(state(), { ...here(), unread }, sightings.others, now())
  }

  function tick(): void {
    if (expected === 0 && members.areGone(now())) return end()
    say()
    if (members.watchers.size > 0) sightings.look()
    lease.renew(state(), members.connected.size > 0)
    closeIfDue()
    tellWatchers()
  }

  function say(atOnce = false): void {
    sightings.say(sighting(), eventLog.expiresAt, { isOpen: state().phase === 'question', atOnce })
  }

  const unanswered = () => members.unanswered(state(), now())
  const sighting = (): Sighting => ({ ...here(), unanswered: unanswered(), version: state().version })

  function closeIfDue(): void {
    const current = state()
    if (current.phase !== 'question' || closing === current.version) return
    const verdict = deadlineVerdict({
      state: current,
      now: now(),
      connected: members.connected.size,
      unanswered: unanswered(),
      others: sightings.others,
      draining: isDraining(),
      hasHost: members.count.host > 0,
    })
    if (verdict === 'look') sightings.look(true)
    if (verdict !== 'close') return
    closing = current.version
    writer.submit({ kind: 'close', version: current.version }).catch((error: unknown) => {
      // every socket learns that the log has failed
      log.debug('a question could not be closed', { event, error })
    })
  }

  function tellWatchers(): void {
    if (members.watchers.size === 0) return
    if (now() - lastSent.countsAt >= countsEvery) {
      const text = JSON.stringify(counts())
      if (text !== lastSent.counts) fanOut.send(members.watchers, () => text)
      Object.assign(lastSent, { counts: text, countsAt: now() })
    }
    if (now() - lastSent.rosterAt >= rosterEvery) {
      const text = JSON.stringify(rosterMessage(state()))
      if (text !== lastSent.roster) fanOut.send(members.watchers, () => text)
      Object.assign(lastSent, { roster: text, rosterAt: now() })
    }
  }

  function closePlayer(no: number, reason: string): void {
    for (const { player, peer } of members.all) if (player?.no === no) peer.close(closeCodes.removed, reason)
  }

  function sendSnapshot({ peer, role, player }: Member): void {
    const watched = role === 'player' ? undefined : counts()
    peer.send(snapshot(state(), { role, player, now: now(), counts: watched }))
  }

  /** Who came after the closing has no result that says the own place, and it is another since the others have points. */
  function placeLatecomers(): void {
    const { current } = state()
    for (const member of members.all) {
      if (current && member.player && member.player.no > current.joined) sendSnapshot(member)
    }
  }

  /** Who holds an old link is let go once there are new ones. */
  function takeNotice(item: QuizEvent | undefined): void {
    // what is written from now on would stay; the one that follows the log closes the sockets
    if (!item) return eventLog.fail(new LogGone(`${event} was erased or has expired`))
    const hashes = { host: item.hostHash, screen: item.screenHash }
    for (const { role, tokenHash, peer } of members.watchers) {
      const isNew = role !== 'player' && hashes[role] === tokenHash
      if (!isNew) peer.close(closeCodes.unknownToken, 'a new link was made')
    }
  }

  function closeAll(code: number, reason: string): void {
    for (const { peer } of members.all) peer.close(code, reason)
  }

  function end(): void {
    clearInterval(ticks)
    void sightings.withdraw()
    gone()
  }

  return {
    event,
    writer,
    state,
    closeAll,

    /** Someone is being let in: the room stays, until as many have entered or were refused. */
    expect(): void {
      expected += 1
    },
    expectNoMore(): void {
      expected -= 1
    },

    /** Reads what other tasks have written a moment ago. Rejects with the SDK's error. */
    catchUp: eventLog.catchUp,

    /** Sends the snapshot; from now on the member gets what everyone gets. */
    enter(member: Member): void {
      const { player, peer } = member
      // removed in the moment of joining: nobody was here yet to be closed
      if (player && player.standing !== 'in') return peer.close(closeCodes.removed, player.standing)
      members.add(member, now())
      sendSnapshot(member)
      if (members.all.size === 1) tick()
      else if (member.player) say()
    },

    leave(member: Member): void {
      members.remove(member, now())
    },

    /** An item of the log was folded in. */
    hear(item: LogItem): void {
      const kinds = new Set<RecordKind>(item.records.map(({ kind }) => kind))
      fanOut.send(members.all, ...announcements(state(), kinds, { now: now(), here: members.connected }))
      for (const record of item.records) {
        if (record.kind === 'removed' || record.kind === 'banned') closePlayer(record.player, record.kind)
        if (record.kind !== 'renamed') continue
        for (const member of members.all) if (member.player?.no === record.player) sendSnapshot(member)
      }
      if (kinds.has('revealed')) placeLatecomers()
      if (kinds.has('ended')) lease.renew(state(), false, true)
      if (kinds.has('answered')) closeIfDue()
    },

    /** The task begins to drain. Said at once; where something is just being said, a second later. */
    announceDraining: () => say(true),

    /** Milliseconds until the open question closes; undefined without one that closes by itself. */
    closesIn(): number | undefined {
      const { phase, current } = state()
      return phase === 'question' && current?.closesAt ? Math.max(0, current.closesAt - now()) : undefined
    },

    /** The task stops: every socket is closed already, and who has not answered may tap on the way to another task. */
    async close(): Promise<void> {
      clearInterval(ticks)
      const last = sighting()
      if (last.unanswered > 0) await sightings.sayLast(last, eventLog.expiresAt)
      else await sightings.withdraw()
    },
  }
}
