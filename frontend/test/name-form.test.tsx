import { act, cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { App } from '../src/app/app.tsx'
import { playTexts } from '../src/features/play/texts.ts'
import { en } from '../src/texts/en.ts'
import { LanguageProvider } from '../src/texts/language.tsx'
import { FakeSocket } from './fake-socket.ts'
import { playerSnapshot } from './snapshots.ts'

// the machine may be busy with other suites
configure({ asyncUtilTimeout: 10_000 })

const event = {
  event: 'e1',
  title: 'Summer party',
  language: 'en',
  generatedNames: false,
  keptUntil: 1_800_000_000_000,
}
const t = en.join

function scan(answer: Response) {
  history.replaceState(null, '', '/j/123456')
  vi.stubGlobal('fetch', () => Promise.resolve(answer))
  render(
    <LanguageProvider first={{ language: 'en', texts: en }}>
      <App name="Live Quiz" release="r1" apiUrl="/api" wsUrl="/ws" />
    </LanguageProvider>,
  )
}

async function open(changes: Partial<typeof event> = {}) {
  scan(Response.json({ ...event, ...changes }))
  await screen.findByText('Summer party')
}

const joinAs = (name: string) => {
  fireEvent.change(screen.getByLabelText(t.name), { target: { value: name } })
  fireEvent.click(screen.getByRole('button', { name: t.join }))
}

async function welcome(): Promise<FakeSocket> {
  const socket = FakeSocket.latest()
  await act(async () => {
    socket.serverOpens()
    socket.serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: Date.now() })
  })
  return socket
}

const answerTo = async (socket: FakeSocket, message: object) =>
  await act(async () => socket.serverSays({ id: socket.sent[0]?.id, ...message }))

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('scrollTo', () => {})
  FakeSocket.all = []
  localStorage.clear()
})

afterEach(cleanup)

test('a name leads into the lobby', async () => {
  await open()
  expect(screen.getByText(/January 1[56], 2027/)).toBeTruthy()
  joinAs(' Ada ')
  const socket = await welcome()
  expect(socket.sent[0]).toMatchObject({ type: 'join', code: '123456', name: 'Ada' })
  await answerTo(socket, { type: 'joined', token: 'y'.repeat(22), event: 'e1', player: { player: 1, name: 'Ada' } })
  await answerTo(socket, playerSnapshot())
  expect(location.pathname).toBe('/play/e1')
  expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe(en.lobby.youAreIn)
  expect(FakeSocket.all).toHaveLength(1)
})

test('a name that is taken can be replaced by the free one', async () => {
  await open()
  joinAs('Ada')
  await answerTo(await welcome(), { type: 'refused', code: 'name_taken', suggestion: 'Ada 2' })
  expect(screen.getByText(t.refusals.name_taken)).toBeTruthy()
  expect(document.activeElement).toBe(screen.getByLabelText(t.name))
  fireEvent.click(screen.getByRole('button', { name: t.suggestion('Ada 2') }))
  expect((await welcome()).sent[0]).toMatchObject({ type: 'join', name: 'Ada 2' })
})

test.each(['locked', 'full', 'ended', 'name_refused', 'slow_down', 'no_such_code'] as const)(
  'a join that is refused with %s says what to do',
  async (code) => {
    await open()
    joinAs('Ada')
    await answerTo(await welcome(), { type: 'refused', code })
    expect(screen.getByText(t.refusals[code])).toBeTruthy()
    expect(screen.getByRole('button', { name: t.join })).toBeTruthy()
  },
)

test('the same name is tried again as the same player, another one as another', async () => {
  await open()
  const ids = []
  for (const name of ['Ada', 'Ada', 'Grace']) {
    joinAs(name)
    const socket = await welcome()
    ids.push(socket.sent[0]?.id)
    await answerTo(socket, { type: 'refused', code: 'locked' })
  }
  expect(ids[1]).toBe(ids[0])
  expect(ids[2]).not.toBe(ids[0])
})

test('without a name nothing is sent', async () => {
  await open()
  joinAs('  ')
  expect(screen.getByText(t.nameMissing)).toBeTruthy()
  expect(FakeSocket.all).toEqual([])
})

test('where the event hands out names, none is asked for', async () => {
  await open({ generatedNames: true })
  expect(screen.queryByLabelText(t.name)).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: t.join }))
  expect((await welcome()).sent[0]).toMatchObject({ type: 'join', name: '' })
})

test('a browser that is in the event already can continue', async () => {
  localStorage.setItem('live-quiz:player:e2', JSON.stringify({ token: 'y'.repeat(22), name: 'Ada' }))
  await open({ event: 'e2' })
  fireEvent.click(screen.getByRole('button', { name: t.continueAs('Ada') }))
  expect(location.pathname).toBe('/play/e2')
  expect((await welcome()).sent[0]).toMatchObject({ type: 'enter', token: 'y'.repeat(22) })
})

test('a browser that was banned from the event is not asked for a name', async () => {
  localStorage.setItem('live-quiz:player:e4', JSON.stringify({ token: 'y'.repeat(22), name: 'Ada' }))
  await open({ event: 'e4' })
  fireEvent.click(screen.getByRole('button', { name: t.continueAs('Ada') }))
  const socket = await welcome()
  await act(async () => socket.serverCloses(4403, 'banned'))
  expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe(playTexts.en.ended.banned)
  expect(screen.queryByRole('button', { name: playTexts.en.ended.rejoin })).toBeNull()
  // by the code they come to the same page
  cleanup()
  scan(Response.json({ ...event, event: 'e4' }))
  await waitFor(() => expect(location.pathname).toBe('/play/e4'))
})

test('who has played finds the way to the result, also by the code', async () => {
  localStorage.setItem('live-quiz:player:e5', JSON.stringify({ token: 'y'.repeat(22), name: 'Ada' }))
  scan(Response.json({ error: {}, event: 'e5' }, { status: 410 }))
  await waitFor(() => expect(location.pathname).toBe('/play/e5'))
  expect((await welcome()).sent[0]).toMatchObject({ type: 'enter', event: 'e5' })
})

test('who has not played is told that the quiz is over', async () => {
  scan(Response.json({ error: {}, event: 'e6' }, { status: 410 }))
  expect(await screen.findByText(t.refusals.ended)).toBeTruthy()
})

test('a browser that forbids storage joins all the same', async () => {
  const forbidden = vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  })
  await open({ event: 'e3' })
  joinAs('Ada')
  const socket = await welcome()
  await answerTo(socket, { type: 'joined', token: 'y'.repeat(22), event: 'e3', player: { player: 1, name: 'Ada' } })
  await answerTo(socket, playerSnapshot())
  expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe(en.lobby.youAreIn)
  forbidden.mockRestore()
})

test('a browser that is not in the event is sent to the code', async () => {
  history.replaceState(null, '', '/play/e9')
  render(
    <LanguageProvider first={{ language: 'en', texts: en }}>
      <App name="Live Quiz" release="r1" apiUrl="/api" wsUrl="/ws" />
    </LanguageProvider>,
  )
  expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe(playTexts.en.ended.unknown)
  fireEvent.click(screen.getByRole('button', { name: playTexts.en.ended.rejoin }))
  expect(location.pathname).toBe('/')
})
