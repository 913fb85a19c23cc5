import type { EventView, Scene } from '../../lib/event-view.ts'
import type { Wanted } from '../../lib/commands.ts'

/** What a button of the remote does. Its label is in the texts under `name`; `end` where there is no next question. */
export interface Action {
  name: 'start' | 'next' | 'close' | 'extend' | 'skip' | 'reveal' | 'board' | 'end'
  command: Wanted
  /** Asked before it is done: it cannot be undone. */
  sure: boolean
}

interface Actions {
  /** What comes next, on Space and on the large button; null while it comes by itself. */
  main: Action | null
  others: Action[]
}

const action = (name: Action['name'], command: Wanted, sure = false): Action => ({ name, command, sure })

const end = (sure: boolean) => action('end', { name: 'end' }, sure)

/** What the host may do now. */
export function actionsOf({ state, event }: EventView, scene: Scene): Actions {
  const { phase, question, closesAt } = state
  const next = (question ?? -1) + 1
  const goOn =
    next < event.questions ? action(question === null ? 'start' : 'next', { name: 'ask', question: next }) : end(false)
  const stop = goOn.name === 'end' ? [] : [end(true)]
  switch (scene) {
    case 'lobby':
      return { main: goOn, others: stop }
    case 'ready':
    case 'question': {
      const extend = closesAt === null ? [] : [action('extend', { name: 'extend', seconds: 10 })]
      return {
        // closed before it opens, nobody could answer it: a second press on Start must not do that
        main: scene === 'ready' ? null : action('close', { name: 'close' }),
        others: [...extend, action('skip', { name: 'skip' }, true), end(true)],
      }
    }
    case 'closed': {
      const reveal = event.reveal === 'host' && phase === 'closed' ? action('reveal', { name: 'reveal' }) : null
      return { main: reveal, others: [action('skip', { name: 'skip' }, true), end(true)] }
    }
    case 'revealed':
      return { main: action('board', { name: 'board' }), others: [goOn, ...stop] }
    case 'board':
      return { main: goOn, others: stop }
    case 'ended':
      return { main: null, others: [] }
  }
}
