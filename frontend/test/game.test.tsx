import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Snapshot } from '../../backend/src/types/protocol.ts'
import { Ended } from '../src/features/play/ended.tsx'
import { Game } from '../src/features/play/game.tsx'
import { PlayPage } from '../src/features/play/play-page.tsx'
import { Playing } from '../src/features/play/playing.tsx'
import { playTexts } from '../src/features/play/texts.ts'
import type { OwnAnswer } from '../src/features/play/player.ts'
import { en } from '../src/texts/en.ts'
import { LanguageProvider } from '../src/texts/language.tsx'
import { FakeSocket } from './fake-socket.ts'
import { capitals, playerSnapshot } from './snapshots.ts'

const indexHtml = readFileSync(join(import.meta.dirname, '..', 'index.html'), 'utf8')
const now = 1_800_000_000_000
const t = playTexts.en

function phase(changes: Partial<Snapshot['state']>): Snapshot['state'] {
  return {
    ...playerSnapshot().state,
    phase: 'question',
    question: 0,
    opensAt: now - 1_000,
    closesAt: now + 19_000,
    ...changes,
  }
}

function show(changes: Partial<Snapshot>, { answer }: { answer?: OwnAnswer } = {}) {
  const given = vi.fn<(choices: number[]) => void>()
  const page = (more: Partial<Snapshot>, isConnected = true, own = answer) => (
    <LanguageProvider first={{ language: 'en', texts: en }}>
      <Playing view={playerSnapshot({ question: capitals, ...more })} now={() => now} isConnected={isConnected}>
        {(scene) => (
          <Game
            scene={scene}
            view={playerSnapshot({ question: capitals, ...more })}
            answer={own}
            player={{ now: () => now, answer: given }}
            apiUrl="/api"
          />
        )}
      </Playing>
    </LanguageProvider>
  )
  const { rerender } = render(page(changes))
  return { given, become: (...to: Parameters<typeof page>) => rerender(page(...to)) }
}

const heading = () => screen.getByRole('heading', { level: 1 }).textContent
const said = () => document.getElementById('announcements')?.textContent
const paris = 'B, diamond: Paris'
const result: NonNullable<Snapshot['result']> = {
  question: 0,
  right: [1],
  explanation: 'Paris is the capital of France.',
  distribution: [1, 3, 0],
  answered: 4,
  own: { choices: [1], correct: true, points: 950, score: 1_950, rank: 2 },
}

beforeEach(() => {
  vi.stubGlobal('scrollTo', () => {})
  document.body.innerHTML = new DOMParser().parseFromString(indexHtml, 'text/html').body.innerHTML
})

afterEach(cleanup)

test('the lobby shows one’s own name, and that one is in', () => {
  show({ question: null })
  expect(heading()).toBe(en.lobby.youAreIn)
  expect(said()).toBe(en.lobby.youAreIn)
  expect(screen.getAllByText('Ada').length).toBeGreaterThan(0)
})

test('before it opens, a question is not shown', () => {
  show({ state: phase({ opensAt: now + 2_500, closesAt: now + 22_500 }) })
  expect(heading()).toBe(t.getReady)
  expect(screen.getByRole('timer').getAttribute('aria-label')).toBe(t.opensIn(3))
  expect(screen.queryByText(capitals.text)).toBeNull()
})

test('single choice: the tap is the answer', () => {
  const { given } = show({ state: phase({}) })
  expect(heading()).toBe(capitals.text)
  fireEvent.click(screen.getByRole('button', { name: paris }))
  expect(given).toHaveBeenCalledExactlyOnceWith([1])
})

test('multiple choice: select, then send', () => {
  const toSorted = vi.spyOn(Array.prototype, 'toSorted')
  const { given } = show({ state: phase({}), question: { ...capitals, kind: 'multiple' } })
  fireEvent.click(screen.getByRole('button', { name: t.send }))
  expect(screen.getByText(t.chooseFirst)).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'C, circle: Nice' }))
  fireEvent.click(screen.getByRole('button', { name: paris }))
  fireEvent.click(screen.getByRole('button', { name: 'A, triangle: Lyon' }))
  fireEvent.click(screen.getByRole('button', { name: 'A, triangle: Lyon' }))
  expect(screen.getByRole('button', { name: paris, pressed: true })).toBeTruthy()
  expect(given).not.toHaveBeenCalled()
  fireEvent.click(screen.getByRole('button', { name: t.send }))
  expect(given).toHaveBeenCalledExactlyOnceWith([1, 2])
  // Safari 15 does not have it
  expect(toSorted).not.toHaveBeenCalled()
})

test('an image is as high before it has arrived', () => {
  show({ state: phase({}), question: { ...capitals, image: { id: 'a', alt: 'A map' } } })
  expect(screen.getByRole('img', { name: 'A map' }).className).toMatch(/(^| )h-/)
})

/** Presses a key where the focus is. */
const press = (key: string, more = {}) => fireEvent.keyDown(document.activeElement!, { key, ...more })

test('keys 1 to 6 press the options, Enter sends', () => {
  const { given } = show({ state: phase({}), question: { ...capitals, kind: 'multiple' } })
  for (const key of ['3', '1', '6', 'Enter']) press(key)
  expect(given).toHaveBeenCalledExactlyOnceWith([0, 2])
})

test('a held key, a shortcut of the browser or a key outside the question is no answer', () => {
  const { given } = show({ state: phase({}) })
  press('1', { ctrlKey: true })
  press('1', { repeat: true })
  press('4')
  fireEvent.keyDown(document.body, { key: '1' })
  expect(given).not.toHaveBeenCalled()
})

test.each([
  ['sending', t.sending],
  ['kept', t.kept],
  ['saved', t.saved],
  ['already', t.already],
  ['late', t.late],
] as const)('an answer that is %s says so, and cannot be changed', (status, words) => {
  const { given } = show({ state: phase({}) }, { answer: { choices: [1], status } })
  expect(screen.getByRole('status').textContent).toContain(words)
  fireEvent.click(screen.getByRole('button', { name: 'A, triangle: Lyon' }))
  expect(given).not.toHaveBeenCalled()
  expect(screen.getByRole('button', { name: `${paris}. ${t.yourAnswer}` })).toBeTruthy()
})

test('an answer that was refused can be given again', () => {
  const { given } = show({ state: phase({}) }, { answer: { choices: [0], status: 'not_open' } })
  expect(screen.getByRole('status').textContent).toContain(t.notOpen)
  fireEvent.click(screen.getByRole('button', { name: paris }))
  expect(given).toHaveBeenCalledOnce()
})

test('an answer that was refused can be changed and sent again by keys alone', () => {
  const multiple = { state: phase({}), question: { ...capitals, kind: 'multiple' as const } }
  const { given, become } = show(multiple)
  press('1')
  screen.getByRole('button', { name: t.send }).focus()
  const enter = () => fireEvent.click(document.activeElement!)
  enter()
  become(multiple, true, { choices: [0], status: 'sending' })
  enter()
  expect(given).toHaveBeenCalledExactlyOnceWith([0])
  become(multiple, true, { choices: [0], status: 'not_open' })
  press('2')
  enter()
  expect(given).toHaveBeenLastCalledWith([0, 1])
})

test('when the time is up nothing can be answered', () => {
  const { given } = show({ state: phase({ closesAt: now - 1 }) })
  fireEvent.click(screen.getByRole('button', { name: paris }))
  expect(given).not.toHaveBeenCalled()
  expect(said()).toContain(t.timeUp)
})

test('that the time is up is said once, until the result has come', () => {
  const { become } = show({ state: phase({ closesAt: now - 1 }) })
  const focused = document.activeElement
  const news = document.getElementById('announcements')!
  news.textContent = ''
  become({ state: phase({ phase: 'closed', closesAt: now - 1 }) })
  become({ state: phase({ phase: 'revealed', closesAt: now - 1 }), result: null })
  expect([news.textContent, document.activeElement]).toEqual(['', focused])
  become({ state: phase({ phase: 'revealed', closesAt: now - 1 }), result })
  expect(news.textContent).toBe(t.right)
  expect(document.activeElement?.contains(screen.getByRole('heading', { level: 1 }))).toBe(true)
})

test('a question that the host closes takes the focus', () => {
  const { become } = show({ state: phase({}) })
  screen.getByRole('button', { name: paris }).focus()
  become({ state: phase({ phase: 'closed' }) })
  expect(document.activeElement?.contains(screen.getByRole('heading', { level: 1 }))).toBe(true)
  expect(said()).toBe(t.timeUp)
})

test('ten seconds more open it again', () => {
  const { given, become } = show({ state: phase({ closesAt: now - 1 }) })
  become({ state: phase({ closesAt: now + 9_999 }) })
  fireEvent.click(screen.getByRole('button', { name: paris }))
  expect(given).toHaveBeenCalledOnce()
})

test.each([
  [12_000, capitals.text],
  [9_500, t.secondsLeft(10)],
  [7_000, t.secondsLeft(10)],
  [4_900, t.secondsLeft(5)],
])('with %d ms left the time is said as %j', (left, words) => {
  const { become } = show({ state: phase({ closesAt: now + 15_000 }) })
  become({ state: phase({ closesAt: now + left }) })
  expect(said()).toBe(words)
})

test('who did not answer is told', () => {
  show({ state: phase({ phase: 'closed' }) })
  expect(screen.getByRole('status').textContent).toContain(t.noAnswer)
})

test('a result shows verdict, points, place, the right option and why', () => {
  show({ state: phase({ phase: 'revealed' }), result })
  expect(heading()).toBe(t.right)
  for (const words of ['+950', `${t.rank(2)} · ${t.total('1,950')}`, result.explanation]) {
    expect(screen.getByText(words)).toBeTruthy()
  }
  expect(
    screen.getByRole('button', { name: `${paris}. ${t.rightAnswer}, ${t.yourAnswer}, ${t.people(3, 4)}` }),
  ).toBeTruthy()
})

test.each([
  [{ choices: [0], correct: false }, t.wrong],
  [{ choices: null, correct: false }, t.nothing],
  [{ choices: [0], correct: null }, t.thanks],
])('a result of %j is called %s', (own, words) => {
  show({ state: phase({ phase: 'revealed' }), result: { ...result, own: { ...own, points: 0, score: 0, rank: 3 } } })
  expect(heading()).toBe(words)
})

test('before the result or the board has come, nothing is said of either', () => {
  const { become } = show({ state: phase({ phase: 'revealed' }), result: null })
  expect(said()).toBe(t.timeUp)
  expect(screen.queryByText(t.joinedLate)).toBeNull()
  become({ state: phase({ phase: 'board' }), board: null })
  expect(heading()).toBe(t.board)
  expect(screen.queryByText(t.nobody)).toBeNull()
})

test('who joined late is told that they play from the next question', () => {
  show({ state: phase({ phase: 'revealed' }), result: { ...result, own: null } })
  expect(heading()).toBe(t.joinedLate)
  expect(said()).toBe(t.joinedLate)
})

test('the board shows the best, and one’s own place below them', () => {
  const top = [
    { player: 7, name: 'Grace', score: 2_000, rank: 1 },
    { player: 8, name: 'Alan', score: 1_500, rank: 2 },
  ]
  show({
    state: phase({ phase: 'board' }),
    board: { top },
    player: { player: 1, name: 'Ada', score: 900, rank: 14 },
  })
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    '1Grace2,000',
    '2Alan1,500',
    `14Ada(${t.you})900`,
  ])
  // a long name must not push it out
  expect(screen.getByText(`(${t.you})`).closest('.truncate')).toBeNull()
})

test('whose answer came too late is told so, and not that there was none', () => {
  const own = { choices: null, correct: false, points: 0, score: 0, rank: 3 }
  const answer = { choices: [1], status: 'late' as const }
  show({ state: phase({ phase: 'revealed' }), answer, result: { ...result, own } })
  expect(heading()).toBe(t.late)
})

test('a board without points puts nobody first, and a result without points names no place', () => {
  const player = { player: 1, name: 'Ada', score: 0, rank: 1 }
  show({ state: phase({ phase: 'board' }), board: { top: [player] }, player })
  expect(screen.getByText(t.nobody)).toBeTruthy()
  expect(screen.queryAllByRole('listitem')).toEqual([])
  const own = { choices: [1], correct: true, points: 0, score: 0, rank: 1 }
  show({ state: phase({ phase: 'revealed' }), result: { ...result, own } })
  expect(screen.queryByText(new RegExp(t.rank(1)))).toBeNull()
})

test('the end shows place and own answers', () => {
  const review = [
    { question: 0, text: capitals.text, choices: [0], right: [1], correct: false, points: 0 },
    { question: 1, text: 'And now?', choices: null, right: [], correct: null, points: 0 },
  ]
  show({
    state: phase({ phase: 'ended', players: 20 }),
    board: { top: [] },
    player: { player: 1, name: 'Ada', score: 900, rank: 14 },
    review,
  })
  expect(screen.getByText(`${t.finalRank(14, 20)} · ${t.total('900')}`)).toBeTruthy()
  expect(screen.getByText(`${t.rightAnswer}: B`)).toBeTruthy()
})

test('a lost connection is said, and the question stays where it is', () => {
  const { become } = show({ state: phase({}) })
  become({ state: phase({}) }, false)
  expect(screen.getByText(en.connection.reconnecting, { selector: 'p' }).className).toMatch(
    /^pointer-events-none fixed /,
  )
  expect(said()).toBe(en.connection.reconnecting)
  expect(heading()).toBe(capitals.text)
})

test('a new phase takes the focus, and is said once', () => {
  const { become } = show({ state: phase({}) })
  become({ state: phase({ phase: 'revealed' }), result })
  expect(document.activeElement?.contains(screen.getByRole('heading', { level: 1 }))).toBe(true)
  expect(said()).toBe(t.right)
})

test('where only the projector shows the question, the options are letters', () => {
  show({ state: phase({}), question: { ...capitals, text: '', options: ['', '', ''] } })
  expect(heading()).toBe(t.lookUp)
  expect(screen.getByRole('button', { name: 'B, diamond' })).toBeTruthy()
})

test('a first connection that fails is said once, and not with every attempt', () => {
  vi.stubGlobal('WebSocket', FakeSocket)
  localStorage.setItem('live-quiz:player:e7', JSON.stringify({ token: 'secret', name: 'Ada' }))
  render(
    <LanguageProvider first={{ language: 'en', texts: en }}>
      <PlayPage event="e7" apiUrl="/api" wsUrl="/ws" />
    </LanguageProvider>,
  )
  expect(said()).toBe(`${en.connection.connecting}. ${en.connection.connectingHint}`)
  document.getElementById('announcements')?.replaceChildren()
  act(() => FakeSocket.latest().serverCloses(1006))
  expect(screen.getByText(en.connection.reconnecting)).toBeTruthy()
  expect(said()).toBe('')
})

test.each([
  ['outdated', t.ended.outdated],
  ['unknown', t.ended.unknown],
  [4403, t.ended.removed],
  ['banned', t.ended.banned],
  [4410, t.ended.over],
  [4409, t.ended.elsewhere],
  [4401, t.ended.unknown],
  [4404, t.ended.gone],
  [4400, t.ended.refused],
] as const)('an end with %s says why, aloud too', (code, words) => {
  render(
    <LanguageProvider first={{ language: 'en', texts: en }}>
      <Ended why={code} />
    </LanguageProvider>,
  )
  expect(heading()).toBe(words)
  expect(said()).toBe(`${words}. ${screen.getByRole('heading').nextElementSibling?.textContent}`)
})

test.each([
  [4400, t.ended.refusedHint],
  [4408, t.ended.silentHint],
])('an end with %s names its cause', (code, words) => {
  render(
    <LanguageProvider first={{ language: 'en', texts: en }}>
      <Ended why={code} />
    </LanguageProvider>,
  )
  expect(screen.getByText(words)).toBeTruthy()
})
