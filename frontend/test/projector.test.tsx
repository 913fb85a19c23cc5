import { act, cleanup, render, screen, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { ServerMessage } from '../../backend/src/types/protocol.ts'
import { Projector } from '../src/features/screen/projector.tsx'
import { screenTexts } from '../src/features/screen/texts.ts'
import { applied, type EventView, sceneOf, viewOf } from '../src/lib/event-view.ts'
import { useScene } from '../src/lib/use-live-event.ts'
import { board, counts, lobby, question, result, state } from './live-messages.ts'

const after = (...messages: ServerMessage[]): EventView => messages.reduce(applied, viewOf(lobby))
const open = [state({ phase: 'question', question: 0 }), question(0)]

function show(view: EventView, { at = 10_000, connected = true } = {}) {
  const page = (shown: EventView) => (
    <Projector
      view={shown}
      scene={sceneOf(shown, at)}
      connected={connected}
      now={() => at}
      imageUrl={(id) => `/api/media/${id}`}
      t={screenTexts[shown.event.language]}
    />
  )
  const { rerender } = render(page(view))
  return { become: (next: EventView) => rerender(page(next)) }
}

/** As they are read out. */
const options = () =>
  screen
    .getAllByRole('listitem')
    .map(({ children }) =>
      Array.from(children, (child) => (child.hasAttribute('aria-hidden') ? '' : child.textContent)).join(''),
    )
const rows = () => screen.getAllByRole('listitem').map(({ textContent }) => textContent)

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

test('in the lobby: how to get in, and who is in', () => {
  show(after())
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Rivers of Europe')
  expect(screen.getByText('482 913')).toBeTruthy()
  expect(screen.getByRole('img', { name: 'QR code to join' })).toBeTruthy()
  expect(rows()).toEqual(['Edsger', 'Grace', 'Ada'])
  expect(document.title).toBe('Rivers of Europe')
})

test('before a question opens, it is not to be seen', () => {
  show(after(...open), { at: -2_500 })
  expect(screen.getByText('Get ready!')).toBeTruthy()
  expect(screen.getByText('3')).toBeTruthy()
  expect(screen.queryByText(/Rhône/)).toBeNull()
})

test('its image is loaded by the time it opens', () => {
  const image = { id: 'map', alt: 'A map' }
  show(after(state({ phase: 'question', question: 0 }), question(0, { image })), { at: -2_500 })
  expect(document.head.querySelector('link[rel=preload]')?.getAttribute('href')).toBe('/api/media/map')
})

test('a question is shown when it opens, even by a clock that ticks between the milliseconds', () => {
  vi.useFakeTimers({ now: -3_000 })
  const view = after(...open)
  const now = () => Date.now() - 0.5
  const Page = () => {
    const scene = useScene(view, now)
    return scene && <Projector {...{ view, scene, now, connected: true, imageUrl: String, t: screenTexts.en }} />
  }
  render(<Page />)
  expect(screen.getByText('Get ready!')).toBeTruthy()
  act(() => void vi.advanceTimersByTime(3_200))
  expect(screen.getByText(/Rhône/)).toBeTruthy()
  act(() => void vi.advanceTimersByTime(20_000))
  expect(screen.getByText('Time is up!')).toBeTruthy()
})

test('an open question: text, options, time, how many have answered, and nothing of what', () => {
  show(after(...open, counts({ question: 0, answered: 2, distribution: [1, 1, 0] })))
  expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('Rhône')
  expect(options()).toEqual(['A, triangle: Paris', 'B, diamond: Lyon', 'C, circle: Marseille'])
  expect(screen.getByRole('timer').getAttribute('aria-label')).toBe('10 seconds left')
  expect(screen.getByText('2 of 3 have answered')).toBeTruthy()
})

test('a closed question: how many chose what, and not what is right', () => {
  show(
    after(
      ...open,
      state({ phase: 'closed', question: 0 }),
      counts({ question: 0, answered: 3, distribution: [1, 2, 0] }),
    ),
  )
  expect(options()).toEqual([
    'A, triangle: Paris, 1 person',
    'B, diamond: Lyon, 2 people',
    'C, circle: Marseille, 0 people',
  ])
})

test('a revealed question: what is right, and why', () => {
  const why = { ...result(0), explanation: 'Lyon lies between the two.' }
  show(after(...open, state({ phase: 'revealed', question: 0 }), why))
  expect(options()[1]).toBe('B, diamond: Lyon, right, 2 people')
  expect(screen.getByText('Lyon lies between the two.')).toBeTruthy()
})

test('a poll has nothing that is right or wrong', () => {
  const poll = question(0, { kind: 'poll' })
  show(
    after(state({ phase: 'question', question: 0 }), poll, state({ phase: 'revealed', question: 0 }), {
      ...result(0),
      right: [],
    }),
  )
  expect(options()).toEqual([
    'A, triangle: Paris, 1 person',
    'B, diamond: Lyon, 2 people',
    'C, circle: Marseille, 0 people',
  ])
})

test('the way in stays in the corner only while one may still join', () => {
  const { become } = show(after(...open))
  expect(screen.getByRole('img', { name: 'QR code to join' })).toBeTruthy()
  become(after(...open, state({ phase: 'question', question: 0, locked: true })))
  expect(screen.queryByRole('img')).toBeNull()
})

test('the ranking shows where all were, then where they are', () => {
  vi.useFakeTimers()
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  const second = [state({ phase: 'question', question: 1 }), state({ phase: 'board', question: 1 })]
  show(after(state({ phase: 'board', question: 0 }), board([1, 2, 3]), ...second, board([3, 1, 2])))
  expect(rows()).toEqual(['1Ada900', '2Grace800', '3Edsger700'])
  act(() => void vi.advanceTimersByTime(1_000))
  expect(rows()).toEqual(['1Edsger900', '2Ada800', '3Grace700'])
})

test('at the end: the best on the podium, with the rank that they share', () => {
  const tied = board([1, 2, 3])
  const top = tied.top.map((row, at) => ({ ...row, rank: at === 2 ? 2 : row.rank }))
  show(after(state({ phase: 'ended', question: 1 }), { ...tied, top }))
  const podium = within(screen.getAllByRole('list')[0] ?? document.body)
  expect(podium.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'Grace8002',
    'Ada9001',
    'Edsger7002',
  ])
})

test('nobody without points is on the podium', () => {
  const { top, ...rest } = board([1, 2, 3])
  const [first, second] = top
  if (!first || !second) throw new Error('there is no board')
  show(after(state({ phase: 'ended', question: 1 }), { ...rest, top: [first, { ...second, score: 0 }] }))
  expect(rows()).toEqual(['Ada9001'])
})

test('a screen that lost its connection says so and keeps what it showed', () => {
  show(after(...open), { connected: false })
  expect(screen.getByText(/Connection lost/)).toBeTruthy()
  expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('Rhône')
})

test('in the language of the event', () => {
  show(viewOf({ ...lobby, event: { ...lobby.event, language: 'de' } }))
  expect(screen.getByText('3 Mitspieler')).toBeTruthy()
})
