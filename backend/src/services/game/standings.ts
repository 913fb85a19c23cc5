import type { EventState, Player } from './state.ts'

export interface Placed {
  player: Player
  /** Equal scores share a rank: 1, 2, 2, 4. */
  rank: number
}

/** Everyone who was not removed, the best first; equal ones in the order of joining. */
export function standings(state: EventState): Placed[] {
  const order = state.players
    .filter(({ standing }) => standing === 'in')
    .toSorted((one, other) => other.score - one.score || one.no - other.no)
  let rank = 0
  return order.map((player, index) => {
    if (player.score !== order[index - 1]?.score) rank = index + 1
    return { player, rank }
  })
}

/** One player's rank, without placing all others. */
export function rankOf(state: EventState, player: Player): number {
  let better = 0
  for (const { standing, score } of state.players) if (standing === 'in' && score > player.score) better += 1
  return better + 1
}
