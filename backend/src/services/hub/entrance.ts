import { createHash } from 'node:crypto'
import { closeCodes, type Enter, type Join, type Refusal } from '../../types/protocol.ts'
import type { Limit } from '../limits.ts'
import type { Log } from '../log.ts'
import { explanationOf } from '../outage.ts'
import { hashOf, isId } from '../tokens.ts'
import type { Hub } from './hub.ts'
import type { Member } from './members.ts'
import type { Peer } from './peer.ts'
import type { Room } from './room.ts'

/** After the end, players may look at it for so long, in milliseconds; hosts and screens as long as it is kept. */
const afterglow = 60 * 60_000

export interface EntranceOptions {
  hub: Hub
  limits: { wrongCodes: Limit; wrongTokens: Limit; unprovenReads: Limit }
  log: Log
}

export interface Entered {
  room: Room
  member: Member
}

/** Who is let in. Undefined: nobody, and the page was told why. */
export function createEntrance(peer: Peer, { hub, limits, log }: EntranceOptions) {
  function closeWith(code: number, reason: string): undefined {
    peer.close(code, reason)
  }

  async function roomOf(event: string): Promise<Room | undefined> {
    let room: Awaited<ReturnType<Hub['openRoom']>>
    try {
      room = await hub.openRoom(event)
    } catch (error) {
      return unavailable(error)
    }
    if (room === 'no such event') {
      limits.unprovenReads.count(peer.caller)
      return closeWith(closeCodes.noSuchEvent, room)
    }
    if (room === 'not understood') return closeWith(closeCodes.tryLater, 'this release cannot serve the event')
    return room
  }

  /** Lets in whom `find` finds, unless the page has left meanwhile. */
  async function letIn(event: string, find: (room: Room) => Promise<Member | undefined>): Promise<Entered | undefined> {
    const room = await roomOf(event)
    if (!room) return undefined
    try {
      const member = await find(room)
      if (!member || !peer.isOpen) return undefined
      room.enter(member)
      return { room, member }
    } catch (error) {
      return unavailable(error)
    } finally {
      room.expectNoMore()
    }
  }

  function unavailable(error: unknown): undefined {
    log.error('an event could not be entered', { error })
    peer.send({ type: 'error', code: 'unavailable', message: explanationOf(error) })
    peer.close(closeCodes.tryLater, 'unavailable')
  }

  /** True: the page was told to wait. A right token is let in before anyone asks: a whole hall may share the address. */
  function mustWait(limit: Limit): boolean {
    if (limit.secondsToWait(peer.caller) === 0) return false
    peer.send({ type: 'error', code: 'slow_down', message: 'too many wrong tokens' })
    peer.close(closeCodes.tryLater, 'too many wrong tokens')
    return true
  }

  function wrongToken(): undefined {
    limits.wrongTokens.count(peer.caller)
    peer.close(closeCodes.unknownToken, 'unknown token')
  }

  async function playerOf(room: Room, tokenHash: string): Promise<Member | undefined> {
    if (!room.state().byToken.has(tokenHash)) {
      if (mustWait(limits.wrongTokens)) return undefined
      // who has just joined on another task may be here before its record
      await room.catchUp()
    }
    const state = room.state()
    const player = state.byToken.get(tokenHash)
    if (!player) return wrongToken()
    if (player.standing !== 'in') return closeWith(closeCodes.removed, player.standing)
    if (state.endedAt !== undefined && hub.now() - state.endedAt > afterglow) return closeWith(closeCodes.over, 'over')
    return { peer, role: 'player', tokenHash, player }
  }

  async function watcherOf(event: string, role: 'host' | 'screen', tokenHash: string): Promise<Member | undefined> {
    if (mustWait(limits.unprovenReads)) return undefined
    const item = await hub.events.get(event)
    if (!item) return closeWith(closeCodes.noSuchEvent, 'no such event')
    const known = role === 'host' ? item.hostHash : item.screenHash
    if (known === tokenHash) return { peer, role, tokenHash }
    limits.unprovenReads.count(peer.caller)
    return mustWait(limits.wrongTokens) ? undefined : wrongToken()
  }

  return {
    async enter({ role, event, token }: Enter): Promise<Entered | undefined> {
      if (!isId(event)) return closeWith(closeCodes.noSuchEvent, 'no such event')
      // a player of an event that is played here never waits: to enter it reads nothing
      if (!hub.hasRoom(event) && mustWait(limits.unprovenReads)) return undefined
      const tokenHash = hashOf(token)
      return await letIn(event, async (room) =>
        role === 'player' ? await playerOf(room, tokenHash) : await watcherOf(event, role, tokenHash),
      )
    },

    /** The player's token is made of the join's id: a join that is sent again finds its player. */
    async join({ id, code, name }: Join): Promise<Entered | undefined> {
      const refused = (refusal: Refusal, suggestion?: string): undefined => {
        peer.send({ type: 'refused', id, code: refusal, ...(suggestion === undefined ? {} : { suggestion }) })
      }
      if (limits.wrongCodes.secondsToWait(peer.caller) > 0) return refused('slow_down')
      const event = /^\d{6}$/.test(code) ? await hub.eventOf(code) : undefined
      if (event === undefined) {
        limits.wrongCodes.count(peer.caller)
        return refused('no_such_code')
      }
      return await letIn(event, async (room) => {
        const token = tokenOf(id)
        const tokenHash = hashOf(token)
        const isNew = !room.state().byToken.has(tokenHash)
        const outcome = await room.writer.submit({ kind: 'join', name, tokenHash })
        if (outcome.status === 'refused') return refused(outcome.code, outcome.suggestion)
        const player = room.state().players[outcome.player - 1]
        if (!player) throw new Error(`player ${outcome.player} is not in the log`)
        // a join that is sent again proves nothing more
        if (isNew) limits.wrongCodes.credit(peer.caller)
        peer.send({ type: 'joined', id, token, event, player: { player: player.no, name: player.name } })
        return { peer, role: 'player', tokenHash, player }
      })
    },
  }
}

/** 128 bits in base64url, as those that are random. */
function tokenOf(id: string): string {
  return createHash('sha256').update(`player ${id}`).digest().subarray(0, 16).toString('base64url')
}
