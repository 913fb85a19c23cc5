import {
  type Answer,
  closeCodes,
  type ClientMessage,
  type Command,
  type ErrorCode,
  oldestProtocolVersion,
  readClientMessage,
  type ServerMessage,
} from '../../types/protocol.ts'
import type { Log } from '../log.ts'
import { explanationOf } from '../outage.ts'
import { createAllowance } from './allowance.ts'
import { createEntrance, type Entered, type EntranceOptions } from './entrance.ts'
import type { Hub } from './hub.ts'
import type { Peer } from './peer.ts'

const messageRate = { atOnce: 30, perSecond: 10 }
/** A ping may read the table. */
const pingRate = { atOnce: 5, perSecond: 1 }
/** So many messages over the rate close the connection, after one warning; so many that make no sense, too. */
const mostDropped = 20
const mostBad = 10
/**
 * Answers and commands that wait for their place in the log: while the table is out, nothing else bounds them. One more is
 * no flood: a host who presses again and again meanwhile must not be closed for good.
 */
const mostUnderWay = 10
const tooMany: ServerMessage = { type: 'error', code: 'slow_down', message: 'too many messages' }
/**
 * Who has not entered and says nothing for so long, in milliseconds, is let go. Asking the time says nothing; a ping
 * does, since that is all that the status page says.
 */
const mostSilence = 30_000
const forDiagnosis: ReadonlySet<ClientMessage['type']> = new Set(['clock', 'ping'])

export interface SessionOptions extends Pick<EntranceOptions, 'limits'> {
  hub: Hub
  log: Log
  /** Only to see whether the backend answers: it asks the time and for a ping, and enters no event. */
  diagnostic?: boolean
  /** The page has entered an event. */
  hasEntered?: () => void
  /** An answer was acknowledged after so many milliseconds. */
  acknowledged?: (milliseconds: number, status: string) => void
}

export type Session = ReturnType<typeof createSession>

/** What one page says, from its first message to its end. */
export function createSession(peer: Peer, { hub, log, limits, diagnostic = false, ...told }: SessionOptions) {
  const entrance = createEntrance(peer, { hub, limits, log })
  const mayTalk = createAllowance(messageRate)
  const mayPing = createAllowance(pingRate)
  const underWay = new Set<string>()
  let entering: Promise<Entered | undefined> | undefined
  let entered: Entered | undefined
  let isOver = false
  let dropped = 0
  let bad = 0
  let heardAt = hub.now()

  function refuse(code: ErrorCode, message: string): void {
    bad += 1
    peer.send({ type: 'error', code, message })
    if (bad >= mostBad) peer.close(closeCodes.tooManyBadMessages, 'too many bad messages')
  }

  function slowDown(): void {
    dropped += 1
    if (dropped === 1) peer.send(tooMany)
    if (dropped > mostDropped) peer.close(closeCodes.tooManyBadMessages, 'too many messages')
  }

  async function enter(attempt: () => Promise<Entered | undefined>): Promise<void> {
    if (entering) return refuse('not_allowed', 'this connection has entered already')
    entering = attempt()
    try {
      entered = await entering
      if (entered) told.hasEntered?.()
    } finally {
      if (!entered) entering = undefined
    }
    // the page may have left in this very moment
    if (isOver) leave()
  }

  function leave(): void {
    if (entered) entered.room.leave(entered.member)
  }

  /** What the page sends again while it is under way needs nothing more: it gets the answer to the first. */
  async function once(id: string, take: () => Promise<void>): Promise<void> {
    if (underWay.has(id)) return
    if (underWay.size >= mostUnderWay) return peer.send(tooMany)
    underWay.add(id)
    try {
      await take()
    } finally {
      underWay.delete(id)
    }
  }

  async function answer(message: Answer): Promise<void> {
    const arrived = hub.now()
    // what a page sends right behind its `enter` waits for it
    const { room, member } = entered ?? (await entering) ?? {}
    if (!room || !member) return refuse('not_entered', 'enter an event before you answer')
    if (!member.player) return refuse('not_allowed', 'only players answer')
    const { id, question, choices, at } = message
    const { status, choices: kept } = await room.writer.submit({
      kind: 'answer',
      player: member.player.no,
      question,
      choices,
      at,
      arrived,
    })
    told.acknowledged?.(hub.now() - arrived, status)
    peer.send({ type: 'ack', id, status, choices: [...kept] })
  }

  async function command(message: Command): Promise<void> {
    const { room, member } = entered ?? (await entering) ?? {}
    if (!room || !member) return refuse('not_entered', 'enter an event before you send a command')
    if (member.role !== 'host') return refuse('not_allowed', 'only the host gives commands')
    // who has just joined on another task may be known to the host before this task has read it
    if ('player' in message && !room.state().players[message.player - 1]) await room.catchUp()
    const done = await room.writer.submit({ kind: 'command', command: message })
    peer.send({ type: 'done', id: message.id, ...done })
  }

  async function ping(id: string): Promise<void> {
    if (!mayPing(hub.now())) return slowDown()
    const { quizzes, players } = await hub.live()
    peer.send({ type: 'pong', id, stored: quizzes, players })
  }

  async function dispatch(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'clock':
        return peer.send({ type: 'clock', sent: message.sent, now: hub.now() })
      case 'ping':
        return await ping(message.id)
      case 'answer':
        return await once(message.id, () => answer(message))
      case 'command':
        return await once(message.id, () => command(message))
      case 'join':
        return await enter(() => entrance.join(message))
      case 'enter':
        if (message.protocol < oldestProtocolVersion) {
          return peer.send({ type: 'error', code: 'outdated', message: 'this page is too old: load it again' })
        }
        return await enter(() => entrance.enter(message))
    }
  }

  return {
    /** Takes a message; undefined: it was not text. Never throws. */
    receive(text: string | undefined): void {
      if (!peer.isOpen) return
      if (!mayTalk(hub.now())) return slowDown()
      if (text === undefined) return refuse('bad_message', 'a message must be text')
      const read = readClientMessage(text)
      if ('problem' in read) return refuse('bad_message', read.problem)
      if (diagnostic && !forDiagnosis.has(read.message.type)) {
        return refuse('not_allowed', 'this socket is for diagnosis: a quiz is at /ws of the site')
      }
      if (read.message.type !== 'clock') heardAt = hub.now()
      dispatch(read.message).catch((error: unknown) => {
        if (!peer.isOpen) return
        log.error('a message could not be answered', { type: read.message.type, error })
        peer.send({ type: 'error', code: 'unavailable', message: explanationOf(error) })
      })
    },

    /** Lets go who came and says nothing. */
    checkSilence(): void {
      if (!entering && hub.now() - heardAt >= mostSilence) peer.close(closeCodes.silent, 'nothing was said')
    },

    /** The connection is closed. */
    end(): void {
      isOver = true
      leave()
    },
  }
}
