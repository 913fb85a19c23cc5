// @vitest-environment node
import { describe, expect, test } from 'vitest'
import type { ServerMessage } from '../../backend/src/types/protocol.ts'
import {
  answeredOf,
  applied,
  distributionOf,
  type EventView,
  questionOf,
  sceneOf,
  viewOf,
} from '../src/lib/event-view.ts'
import { actionsOf } from '../src/features/host/actions.ts'
import { healthOf } from '../src/features/host/health-line.tsx'
import { hostTexts } from '../src/features/host/texts.ts'
import { board, counts, lobby, question, result, state } from './live-messages.ts'

const after = (...messages: ServerMessage[]): EventView => messages.reduce(applied, viewOf(lobby))

describe('what is known of an event', () => {
  test('each message changes its part', () => {
    const view = after(state({ phase: 'question', question: 0 }), question(0), counts({ question: 0, answered: 2 }))
    expect(view.state).toMatchObject({ phase: 'question', question: 0 })
    expect(questionOf(view)).toMatchObject({ text: 'Where do the Rhône and the Saône meet?' })
    expect(answeredOf(view)).toBe(2)
  })

  test('nothing of the last question is seen with the next one', () => {
    const view = after(
      state({ phase: 'revealed', question: 0 }),
      question(0),
      result(0),
      state({ phase: 'question', question: 1 }),
    )
    expect([questionOf(view), view.result, distributionOf(view), answeredOf(view)]).toEqual([null, null, null, 0])
  })

  test('counts of the last question say nothing about this one', () => {
    const late = counts({ question: 0, answered: 9, distribution: [9, 0, 0] })
    const view = after(state({ phase: 'question', question: 1 }), question(1), late)
    expect([answeredOf(view), distributionOf(view)]).toEqual([0, null])
  })

  test('a question that arrives before its state is not shown too early', () => {
    const view = after(state({ phase: 'board', question: 0 }), question(1))
    expect(questionOf(view)).toBeNull()
  })

  test('the ranking remembers where its rows were', () => {
    const first = board([1, 2])
    const second = board([2, 1])
    const view = after(state({ phase: 'board', question: 0 }), first, state({ phase: 'question', question: 1 }))
    expect([view.board, view.boardBefore]).toMatchObject([null, { top: first.top }])
    expect(applied(view, second)).toMatchObject({ board: { top: second.top }, boardBefore: { top: first.top } })
    // a question without a ranking after it
    expect(applied(view, state({ phase: 'question', question: 2 })).boardBefore?.top).toEqual(first.top)
  })

  test('a snapshot after a lost connection replaces all but that', () => {
    const view = after(board([1]), state({ phase: 'question', question: 1 }))
    expect(applied(view, lobby)).toEqual({ ...lobby, boardBefore: { top: board([1]).top } })
  })

  test('who joins is counted by the roster, for no state is sent then', () => {
    const view = after({ type: 'roster', players: 4, names: [{ player: 4, name: 'Barbara' }] })
    expect(view.state.players).toBe(4)
    expect(applied(view, state({ players: 3 })).state.players).toBe(3)
  })

  test('a heartbeat changes nothing', () => {
    const view = viewOf(lobby)
    expect(applied(view, { type: 'heartbeat', now: 1 })).toBe(view)
  })

  test('a question that was asked opens at its time', () => {
    const view = after(state({ phase: 'question', question: 0, opensAt: 10_000 }))
    expect([sceneOf(view, 9_999), sceneOf(view, 10_000)]).toEqual(['ready', 'question'])
    expect([sceneOf(view, 19_999), sceneOf(view, 20_000)]).toEqual(['question', 'closed'])
  })
})

describe('what the host may do', () => {
  const actionsAt = (view: EventView) => actionsOf(view, sceneOf(view, 10_000))

  const names = (view: EventView) => {
    const { main, others } = actionsAt(view)
    return [main?.name, ...others.map(({ name }) => name)]
  }

  test('in each phase', () => {
    expect(names(after())).toEqual(['start', 'end'])
    const ready = after(state({ phase: 'question', question: 0, opensAt: 10_001 }))
    expect(names(ready)).toEqual([undefined, 'extend', 'skip', 'end'])
    expect(names(after(state({ phase: 'question', question: 0 })))).toEqual(['close', 'extend', 'skip', 'end'])
    expect(names(after(state({ phase: 'closed', question: 0 })))).toEqual([undefined, 'skip', 'end'])
    expect(names(after(state({ phase: 'revealed', question: 0 })))).toEqual(['board', 'next', 'end'])
    expect(names(after(state({ phase: 'board', question: 0 })))).toEqual(['next', 'end'])
    expect(names(after(state({ phase: 'ended', question: 0 })))).toEqual([undefined])
  })

  test('when the time is up, nothing but to wait: taps on their way are still counted', () => {
    const view = after(state({ phase: 'question', question: 0 }))
    expect(actionsOf(view, sceneOf(view, 20_000)).main).toBeNull()
  })

  test('without a time limit there is nothing to extend', () =>
    expect(names(after(state({ phase: 'question', question: 0, closesAt: null })))).toEqual(['close', 'skip', 'end']))

  test('where the host reveals, that is the next step', () => {
    const closed = applied(
      viewOf({ ...lobby, event: { ...lobby.event, reveal: 'host' } }),
      state({ phase: 'closed', question: 0 }),
    )
    expect(names(closed)).toEqual(['reveal', 'skip', 'end'])
  })

  test('after the last question comes the end, and it needs no second word', () => {
    const view = after(state({ phase: 'board', question: 1 }))
    expect(actionsAt(view)).toEqual({ main: { name: 'end', command: { name: 'end' }, sure: false }, others: [] })
    expect(names(after(state({ phase: 'revealed', question: 1 })))).toEqual(['board', 'end'])
  })

  test('before that the end must be confirmed', () => {
    const all = [...actionsAt(after(state({ phase: 'question', question: 0 }))).others]
    expect(all.filter(({ sure }) => sure).map(({ name }) => name)).toEqual(['skip', 'end'])
  })

  test('the next question is the one after the last', () =>
    expect(actionsAt(after(state({ phase: 'board', question: 0 }))).main?.command).toEqual({
      name: 'ask',
      question: 1,
    }))
})

describe('the line on health', () => {
  const line = (changes: Parameters<typeof counts>[0], connected = true) =>
    healthOf(after(state({ players: 3 }), counts(changes)), connected, hostTexts.en)

  test('all is well', () => {
    const text = 'All is well: 3 of 3 players connected, 2 servers, every answer is written down.'
    expect(line({ connected: 3, tasks: 2 })).toEqual({ look: 'good', text })
  })

  test('players that are away are counted', () => {
    const text = '2 of 3 players connected. 1 player is not connected.'
    expect(line({ connected: 2, tasks: 2 })).toEqual({ look: 'busy', text })
  })

  test('a tenth of the players may leave early, and all is well', () => {
    const look = (connected: number) =>
      healthOf(after(state({ players: 20 }), counts({ connected })), true, hostTexts.en).look
    expect([look(18), look(17)]).toEqual(['good', 'busy'])
  })

  test('a server that stops, one that is silent, and a page without a connection', () => {
    expect(line({ connected: 3, tasks: 2, draining: 1 }).text).toContain('being replaced')
    expect(line({ connected: 3, tasks: 2, draining: 1, silent: 1 }).look).toBe('bad')
    expect(line({ connected: 3, tasks: 2, silent: 2 }).text).toContain('Nothing can be saved')
    expect(line({ connected: 3, tasks: 2 }, false).text).toContain('lost its connection')
  })
})
