import { closeCodes, type Role } from '../../types/protocol.ts'
import type { EventState, Player } from '../game/state.ts'
import type { Peer } from './peer.ts'

/** One socket that has entered. */
export interface Member {
  peer: Peer
  role: Role
  tokenHash: string
  /** Of the role `player`. */
  player?: Player | undefined
}

/** Sockets of one token at once; one more closes the oldest. */
const socketsPerToken = 3
/** A player who lost the connection is waited for so long, in milliseconds. */
const awaited = 15_000

/** The sockets of one event on this task. */
export function createMembers() {
  const all = new Set<Member>()
  const watchers = new Set<Member>()
  const byToken = new Map<string, Member[]>()
  const connected = new Set<Player>()
  /** Players who have no socket here any more, and since when. */
  const lost = new Map<Player, number>()
  const count: Record<Role, number> = { player: 0, host: 0, screen: 0 }

  function remove(member: Member, now: number): void {
    if (!all.delete(member)) return
    watchers.delete(member)
    count[member.role] -= 1
    const { tokenHash, player } = member
    const left = (byToken.get(tokenHash) ?? []).filter((each) => each !== member)
    if (left.length > 0) byToken.set(tokenHash, left)
    else byToken.delete(tokenHash)
    if (!player || left.length > 0) return
    connected.delete(player)
    lost.set(player, now)
  }

  return {
    all,
    /** Hosts and screens. */
    watchers,
    /** Players, each once, however many sockets they have. */
    connected,
    /** Sockets by role. */
    count,
    remove,

    /** @param now milliseconds */
    add(member: Member, now: number): void {
      const { role, tokenHash, player } = member
      const same = byToken.get(tokenHash) ?? []
      all.add(member)
      if (role !== 'player') watchers.add(member)
      count[role] += 1
      byToken.set(tokenHash, [...same, member])
      if (player) connected.add(player)
      if (player) lost.delete(player)
      const [oldest] = same
      if (!oldest || same.length < socketsPerToken) return
      remove(oldest, now)
      oldest.peer.close(closeCodes.openedElsewhere, 'opened elsewhere')
    },

    /** Of the players that are connected, or were until a moment ago: how many have not answered the open question. */
    unanswered({ current, phase }: EventState, now: number): number {
      for (const [player, at] of lost) if (now - at >= awaited) lost.delete(player)
      if (phase !== 'question' || !current) return 0
      let waiting = 0
      for (const players of [connected, lost.keys()]) {
        for (const { no, standing } of players) if (standing === 'in' && !current.answers.has(no)) waiting += 1
      }
      return waiting
    },

    /** No socket is left, and nobody is waited for. @param now milliseconds */
    areGone(now: number): boolean {
      return all.size === 0 && [...lost.values()].every((at) => now - at >= awaited)
    },
  }
}
