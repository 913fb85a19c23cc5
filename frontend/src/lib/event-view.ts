import type { ServerMessage, Snapshot } from '../../../backend/src/types/protocol.ts'
import { withMessage } from './live-view.ts'

/** All that a host's or projector's page knows of an event: the last snapshot, and what was said since. */
export interface EventView extends Snapshot {
  /** The ranking as it was shown before the question in view: the rows move from there. */
  boardBefore: Snapshot['board']
}

export function viewOf(snapshot: Snapshot): EventView {
  return { ...snapshot, boardBefore: null }
}

/** The view after a message. What says nothing about the event changes nothing. */
export function applied(view: EventView, message: ServerMessage): EventView {
  const next = withMessage(view, message)
  if (next === view) return view
  // who joins changes no phase, so only the roster says how many there are
  const state = message.type === 'roster' ? { ...next.state, players: message.players } : next.state
  const isNext = next.state.question !== view.state.question
  return { ...next, state, boardBefore: isNext ? (view.board ?? view.boardBefore) : view.boardBefore }
}

/** What a host or the projector shows. `ready`: asked, but not open yet. */
export type Scene = 'lobby' | 'ready' | 'question' | 'closed' | 'revealed' | 'board' | 'ended'

/** `now` is the server's time in milliseconds. */
export function sceneOf({ state }: EventView, now: number): Scene {
  if (state.phase !== 'question') return state.phase
  if (state.opensAt !== null && now < state.opensAt) return 'ready'
  // the time is up; taps on their way are still waited for
  return state.closesAt !== null && now >= state.closesAt ? 'closed' : 'question'
}

/** The question in view, if it has arrived: its message and the state may come in either order. */
export function questionOf({ state, question }: EventView): EventView['question'] {
  return question?.question === state.question ? question : null
}

/** How many chose each option: of the result, or what the host may see once a question is closed. */
export function distributionOf({ state, result, counts }: EventView): number[] | null {
  if (result?.question === state.question) return result.distribution
  return counts?.question === state.question ? counts.distribution : null
}

/** How many have answered the question in view. */
export function answeredOf({ state, result, counts }: EventView): number {
  if (result?.question === state.question) return result.answered
  return counts?.question === state.question ? counts.answered : 0
}
