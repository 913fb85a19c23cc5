import type { ServerMessage, Snapshot } from '../../../backend/src/types/protocol.ts'

/** What a page knows of its event after one more message; the same object for a message that changes nothing in it. */
export function withMessage(view: Snapshot, message: ServerMessage): Snapshot {
  switch (message.type) {
    case 'snapshot':
      return message
    case 'state': {
      const { type: _type, ...state } = message
      const isNext = state.question !== view.state.question
      // what belonged to the last question; a board of the end stays
      if (isNext) return { ...view, state, answer: null, result: null, board: null }
      return { ...view, state }
    }
    case 'question': {
      const { type: _type, ...question } = message
      return { ...view, question }
    }
    case 'ack': {
      const { status, choices } = message
      if (status === 'saved' || status === 'already') return { ...view, answer: { choices, status: 'saved' } }
      if (status === 'late') return { ...view, answer: { choices, status } }
      return view
    }
    case 'result': {
      const { type: _type, ...result } = message
      const { player } = view
      if (!player || !result.own) return { ...view, result }
      const { score, rank } = result.own
      return { ...view, result, player: { ...player, score, rank } }
    }
    case 'board': {
      const { type: _type, ...board } = message
      return { ...view, board }
    }
    case 'counts': {
      const { type: _type, ...counts } = message
      return { ...view, counts }
    }
    case 'roster': {
      const { type: _type, ...roster } = message
      return { ...view, roster }
    }
    default:
      return view
  }
}
