import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ServerMessage } from '../../backend/src/types/protocol.ts'
import { Remote } from '../src/features/host/remote.tsx'
import { hostTexts } from '../src/features/host/texts.ts'
import type { Wanted } from '../src/lib/commands.ts'
import { applied, type EventView, sceneOf, viewOf } from '../src/lib/event-view.ts'
import { board, counts, lobby, question, result, state } from './live-messages.ts'

// the machine may be busy with other suites
configure({ asyncUtilTimeout: 10_000 })

const send = vi.fn((_command: Wanted) => Promise.resolve())
const source = { apiUrl: '/api', event: 'event-1', token: 'host-token' }
/** In the middle of the question. */
const now = () => 10_000

const after = (...messages: ServerMessage[]): EventView => messages.reduce(applied, viewOf(lobby))
const page = (view: EventView, connected = true) => (
  <Remote
    {...{ view, connected, now, source, send }}
    scene={sceneOf(view, now())}
    news={undefined}
    t={hostTexts[view.event.language]}
  />
)

/** The remote, as it is a moment after the last change. */
function show(view: EventView, connected = true) {
  const { rerender } = render(page(view, connected))
  settle()
  return { become: (next: EventView) => rerender(page(next)) }
}

const settle = () => act(() => void vi.advanceTimersByTime(1_000))
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const space = (target: Element = document.body) => fireEvent.keyDown(target, { code: 'Space', key: ' ' })
const asked = [state({ phase: 'question', question: 0, version: 2 }), question(0)]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  vi.spyOn(window, 'confirm').mockReturnValue(true)
})

afterEach(() => {
  cleanup()
  send.mockReset()
  vi.useRealTimers()
})

describe('the next step', () => {
  test('is the large button, and Space', () => {
    show(after())
    fireEvent.click(button(/^Start/))
    space()
    expect(send.mock.calls).toEqual([[{ name: 'ask', question: 0 }], [{ name: 'ask', question: 0 }]])
  })

  test('a second press of the same moment is not the step after it', () => {
    const { become } = show(after())
    fireEvent.click(button(/^Start/))
    become(after(...asked))
    fireEvent.click(button(/^Close now/))
    space()
    expect(send).toHaveBeenCalledOnce()
    settle()
    space()
    expect(send).toHaveBeenLastCalledWith({ name: 'close' })
  })

  test('no button means what it says before it has stood there for a moment', () => {
    const { become } = show(after(...asked))
    become(after(state({ phase: 'revealed', question: 1, version: 3 })))
    fireEvent.click(button('End the quiz'))
    expect(send).not.toHaveBeenCalled()
    settle()
    fireEvent.click(button('End the quiz'))
    expect(send).toHaveBeenCalledExactlyOnceWith({ name: 'end' })
  })

  test('nor does one that comes when the question opens', () => {
    const early = after(state({ phase: 'question', question: 0, opensAt: 20_000, closesAt: 40_000 }))
    const { become } = show(early)
    expect(screen.queryByRole('button', { name: /^Close now/ })).toBeNull()
    become(applied(early, state({ phase: 'question', question: 0 })))
    fireEvent.click(button(/^Close now/))
    expect(send).not.toHaveBeenCalled()
  })

  test('a held key is pressed once', () => {
    show(after())
    fireEvent.keyDown(document.body, { code: 'Space', repeat: true })
    expect(send).not.toHaveBeenCalled()
  })

  test('Space in the search field is a space', () => {
    show(after())
    space(screen.getByLabelText('Find a name'))
    expect(send).not.toHaveBeenCalled()
  })

  test('without a connection there is none', () => {
    show(after(), false)
    // not `disabled`: that takes the focus away, and Space would be the next step as soon as the connection is back
    expect([button(/^Start/).disabled, button(/^Start/).getAttribute('aria-disabled')]).toEqual([false, 'true'])
    fireEvent.click(button(/^Start/))
    space()
    expect(send).not.toHaveBeenCalled()
    expect(screen.getAllByText(/has lost its connection/)).toHaveLength(2)
  })

  test('what cannot be undone is asked for first', () => {
    show(after(...asked))
    vi.mocked(window.confirm).mockReturnValueOnce(false)
    fireEvent.click(button('Skip question'))
    expect(send).not.toHaveBeenCalled()
    fireEvent.click(button('Skip question'))
    expect(send).toHaveBeenCalledWith({ name: 'skip' })
  })
})

describe('what is shown', () => {
  test('in the lobby: code, QR and who is here', () => {
    show(after(counts({ connected: 3 })))
    expect(screen.getByText('482 913')).toBeTruthy()
    expect(screen.getByRole('img', { name: 'QR code to join' })).toBeTruthy()
    expect(screen.getByText('3 players')).toBeTruthy()
    expect(screen.getByText(/You run the quiz and do not play/)).toBeTruthy()
    expect(document.title).toBe('Remote: Rivers of Europe')
  })

  test('what is read out has its place before it has words', () => {
    show(after())
    for (const region of screen.getAllByRole('status')) expect(region.className).not.toMatch(/empty:hidden/)
  })

  test('how things are is read out when they become better or worse, not with every phone', () => {
    const { become } = show(after(counts({ connected: 3 })))
    const said = () =>
      screen
        .getAllByRole('status')
        .filter((status) => status.getAttribute('aria-live') !== 'off')
        .map(({ textContent }) => textContent)
        .join(' ')
    expect(said()).toContain('All is well: 3 of 3')
    become(after(counts({ connected: 2 })))
    expect(said()).toContain('2 of 3 players connected. 1 player is not connected.')
    const before = said()
    become(after(counts({ connected: 1 })))
    expect(screen.getByText(/^1 of 3 players connected/)).toBeTruthy()
    expect(said()).toBe(before)
  })

  test('while a question is open: how many have answered, and not what', () => {
    show(after(...asked, counts({ question: 0, answered: 2, distribution: null })))
    expect(screen.getByText(/2 of 3 answered/)).toBeTruthy()
    expect(screen.getByRole('timer').getAttribute('aria-label')).toBe('10 seconds left')
    expect(screen.getByText('B, diamond: Lyon')).toBeTruthy()
  })

  test('when its time is up: that taps still count, until it is closed', () => {
    const { become } = show(after(state({ phase: 'question', question: 0, closesAt: 9_000 }), question(0)))
    expect(screen.getByText(/still counted/)).toBeTruthy()
    become(after(state({ phase: 'closed', question: 0 }), question(0)))
    expect(screen.queryByText(/still counted/)).toBeNull()
  })

  test('after it: what is right, and how many chose what', () => {
    show(after(...asked, state({ phase: 'revealed', question: 0 }), result(0)))
    expect(screen.getByText('B, diamond: Lyon, right, 2 people')).toBeTruthy()
    expect(screen.getByText('A, triangle: Paris, 1 person')).toBeTruthy()
  })

  test('at the end: ranking and results, and no step more', () => {
    show(after(state({ phase: 'ended', question: 1 }), board([2, 1])))
    const rows = within(screen.getAllByRole('list')[0] ?? document.body).getAllByRole('listitem')
    expect(rows.map(({ textContent }) => textContent)).toEqual(['1Grace900 points', '2Ada800 points'])
    expect(screen.queryByRole('button', { name: /^(Next|End)/ })).toBeNull()
    expect(button('Answers')).toBeTruthy()
  })

  test('before the board has come, nobody is said to have no points', () => {
    const { become } = show(after(state({ phase: 'board', question: 0 })))
    expect(screen.queryByText('Nobody has points yet.')).toBeNull()
    become(after(state({ phase: 'board', question: 0 }), { type: 'board', top: [] }))
    expect(screen.getByText('Nobody has points yet.')).toBeTruthy()
  })

  test('the same ranking does not move when something else changes', () => {
    vi.stubGlobal('matchMedia', () => ({ matches: false }))
    const startViewTransition = vi.fn<(change: () => void) => void>((change) => change())
    Object.assign(document, { startViewTransition })
    const shown = after(state({ phase: 'board', question: 0 }), board([2, 1]))
    const { become } = show(shown)
    become(applied(shown, counts({ connected: 2 })))
    settle()
    expect(startViewTransition).not.toHaveBeenCalled()
    become(applied(shown, board([1, 2])))
    settle()
    expect(startViewTransition).toHaveBeenCalledOnce()
    Reflect.deleteProperty(document, 'startViewTransition')
  })

  test('after the end nobody who goes home is waited for, or kept out', () => {
    show(after(state({ phase: 'ended', question: 1 }), counts({ connected: 0 })))
    expect(screen.queryByText(/not connected/)).toBeNull()
    expect(screen.queryByRole('button', { name: /ock/ })).toBeNull()
  })

  test('in the language of the event', () => {
    show(viewOf({ ...lobby, event: { ...lobby.event, language: 'de' } }))
    expect(button(/^Los geht’s/)).toBeTruthy()
  })
})

describe('players', () => {
  test('are renamed, removed and banned', () => {
    show(after())
    for (const what of ['Give another name', 'Remove', 'Ban']) {
      fireEvent.click(button('Change Ada'))
      fireEvent.click(button(what))
    }
    expect(send.mock.calls.map(([command]) => command)).toEqual([
      { name: 'rename', player: 1 },
      { name: 'remove', player: 1, ban: false },
      { name: 'remove', player: 1, ban: true },
    ])
  })

  test('nobody is removed by a slip of the finger', () => {
    show(after())
    vi.mocked(window.confirm).mockReturnValueOnce(false)
    fireEvent.click(button('Change Ada'))
    fireEvent.click(button('Remove'))
    expect(send).not.toHaveBeenCalled()
  })

  test('by keyboard the focus stays among them, where Space is no step of the quiz', () => {
    const { become } = show(after())
    const press = (name: string) => {
      button(name).focus()
      fireEvent.click(button(name))
    }
    press('Change Edsger')
    press('Give another name')
    expect(document.activeElement).toBe(button('Change Edsger'))
    const [edsger, grace, ada] = lobby.roster?.names ?? []
    if (!edsger || !grace || !ada) throw new Error('there are no players')
    for (const [name, names, next] of [
      ['Change Edsger', [grace, ada], 'Change Grace'],
      ['Change Grace', [ada], 'Change Ada'],
      ['Change Ada', [], 'Find a name'],
    ] as const) {
      press(name)
      press('Remove')
      become(after({ type: 'roster', players: names.length, names: [...names] }))
      expect(document.activeElement).toBe(screen.getByLabelText(next))
    }
  })

  test('without a connection nobody is changed, and nothing is said to be on its way', () => {
    show(after(), false)
    fireEvent.click(button('Change Ada'))
    for (const what of ['Give another name', 'Remove', 'Ban', 'Lock: nobody else may join']) {
      expect(button(what).getAttribute('aria-disabled')).toBe('true')
      fireEvent.click(button(what))
    }
    expect([send, window.confirm].map((each) => vi.mocked(each).mock.calls)).toEqual([[], []])
  })

  test('the door is locked and unlocked', () => {
    const { become } = show(after())
    fireEvent.click(button('Lock: nobody else may join'))
    become(after(state({ phase: 'lobby', locked: true })))
    // its name says what it does: pressed or not would be said beside it, and contradict
    expect(button('Unlock').hasAttribute('aria-pressed')).toBe(false)
    fireEvent.click(button('Unlock'))
    expect(send.mock.calls.map(([{ name }]) => name)).toEqual(['lock', 'unlock'])
  })

  test('where nobody may join late there is nothing to unlock once the quiz has begun', () => {
    const early = viewOf({ ...lobby, event: { ...lobby.event, lateJoining: false } })
    const { become } = show(early)
    expect(button('Lock: nobody else may join')).toBeTruthy()
    become(applied(early, state({ phase: 'question', question: 0, locked: true })))
    expect(screen.queryByRole('button', { name: 'Unlock' })).toBeNull()
    expect(screen.getByText('The quiz has begun: nobody else may join.')).toBeTruthy()
  })

  test('are found by name among all, also who was removed', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(() =>
      Promise.resolve(
        Response.json({
          players: [{ player: 9, name: 'Hedy', standing: 'removed', score: 0, rank: null }],
          next: null,
        }),
      ),
    )
    vi.stubGlobal('fetch', fetch)
    show(after())
    fireEvent.change(screen.getByLabelText('Find a name'), { target: { value: 'he&d' } })
    settle()
    vi.useRealTimers()
    fireEvent.click(await screen.findByRole('button', { name: 'Change Hedy, removed' }))
    expect(fetch.mock.calls[0]?.[0]).toBe('/api/events/event-1/players?search=he%26d')
    expect(new Headers(fetch.mock.calls[0]?.[1]?.headers).get('authorization')).toBe('Bearer host-token')
    await waitFor(() => expect(button('Ban')).toBeTruthy())
    expect(screen.queryByRole('button', { name: 'Remove' })).toBeNull()
  })

  test('are read again after a change, and page by page', async () => {
    let standing = 'in'
    vi.stubGlobal('fetch', (path: string) => {
      const first = { players: [{ player: 9, name: 'Hedy', standing }], next: 9 }
      const second = { players: [{ player: 12, name: 'Heddy', standing: 'in' }], next: null }
      return Promise.resolve(Response.json(path.endsWith('&after=9') ? second : first))
    })
    show(after())
    fireEvent.change(screen.getByLabelText('Find a name'), { target: { value: 'hed' } })
    settle()
    vi.useRealTimers()
    const names = () => screen.getAllByRole('button', { name: /^Change/ }).map(({ textContent }) => textContent)
    fireEvent.click(await screen.findByRole('button', { name: 'More' }))
    await waitFor(() => expect(names()).toEqual(['Hedy', 'Heddy']))
    expect(screen.queryByRole('button', { name: 'More' })).toBeNull()
    fireEvent.click(button('Change Hedy'))
    standing = 'removed'
    fireEvent.click(button('Remove'))
    await waitFor(() => expect(names()).toEqual(['Hedyremoved', 'Heddy']))
  })
})
