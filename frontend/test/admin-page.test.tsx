import { cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Language } from '../../backend/src/types/quiz.ts'
import { AdminPage } from '../src/features/admin/admin-page.tsx'
import { adminTexts } from '../src/features/admin/texts.ts'
import { rivers, secret, serveApi } from './fake-api.ts'

// the machine may be busy with other suites
configure({ asyncUtilTimeout: 10_000 })

const navigate = vi.fn<(path: string) => void>()

/** The page of someone who is signed in, or not. */
function open({ signedIn = true, language = 'en' }: { signedIn?: boolean; language?: Language } = {}) {
  if (signedIn) sessionStorage.setItem('live-quiz:admin-secret', secret)
  render(<AdminPage apiUrl="/api" language={language} navigate={navigate} />)
}

const click = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }))
const section = async (name: string) => within(await screen.findByRole('region', { name }))

let server: ReturnType<typeof serveApi>

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
  server = serveApi()
  server.quizzes.set('q0', { quiz: rivers, version: 3 })
  vi.spyOn(window, 'confirm').mockReturnValue(true)
  // jsdom has the element, but no way to open it
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true
  }
})

afterEach(() => {
  cleanup()
  navigate.mockReset()
  Reflect.deleteProperty(navigator, 'clipboard')
})

/** The next POST is done, and its answer is lost. */
function loseAnswer() {
  const { fetch } = globalThis
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    const answered = await fetch(path, options)
    if (options.method !== 'POST') return answered
    vi.stubGlobal('fetch', fetch)
    throw new TypeError('Failed to fetch')
  })
}

test.each(['guessed', 'pasted…'])('a wrong secret is refused and not kept: %s', async (value) => {
  open({ signedIn: false })
  fireEvent.change(screen.getByLabelText('Admin secret'), { target: { value } })
  click('Sign in')
  expect((await screen.findByRole('alert')).textContent).toBe('This is not the admin secret.')
  expect(sessionStorage).toHaveLength(0)
})

test('the right one opens the lists, and is kept for this tab only', async () => {
  open({ signedIn: false })
  fireEvent.change(screen.getByLabelText('Admin secret'), { target: { value: ` ${secret}` } })
  click('Sign in')
  expect(await screen.findByText('Rivers')).toBeTruthy()
  expect([sessionStorage.getItem('live-quiz:admin-secret'), localStorage.getItem('live-quiz:admin-secret')]).toEqual([
    secret,
    null,
  ])
})

test('what is read out has its place before it has words', async () => {
  open()
  await screen.findByText('Rivers')
  expect(document.title).toBe('Quizzes and events')
  for (const region of screen.getAllByRole('status')) expect(region.className).not.toMatch(/empty:hidden/)
})

test('signing out forgets it', async () => {
  open()
  await screen.findByText('Rivers')
  click('Sign out')
  expect(screen.getByLabelText('Admin secret')).toBeTruthy()
  expect(sessionStorage).toHaveLength(0)
})

test('a secret that is not valid any more leads back to the sign-in', async () => {
  sessionStorage.setItem('live-quiz:admin-secret', 'of yesterday')
  open({ signedIn: false })
  expect(await screen.findByLabelText('Admin secret')).toBeTruthy()
})

test('an event is started with its settings, and its links are shown', async () => {
  open()
  await screen.findByText('Rivers')
  click('Start an event')
  fireEvent.click(screen.getByLabelText('Fast answers get more points'))
  fireEvent.change(screen.getByLabelText('Right answer'), { target: { value: 'host' } })
  click('Start')
  const dialog = within(await screen.findByRole('dialog', { name: 'Your links: Rivers' }))
  const links = dialog.getAllByRole('link').map((link) => link.getAttribute('href')?.replace(location.origin, ''))
  const [id] = server.events.keys()
  expect(links).toEqual([`/host/${id}#host-token`, `/screen/${id}#screen-token`, '/j/482913'])
  expect(dialog.getByText(new RegExp(`/host/${id}#…$`))).toBeTruthy()
  expect(server.asked.find(({ method }) => method === 'POST')?.body).toEqual({
    quiz: 'q0',
    settings: {
      getReadySeconds: 3,
      reveal: 'host',
      speed: false,
      questionsOnPhones: true,
      lateJoining: true,
      generatedNames: false,
    },
  })
})

test('an event is started once, although the answer was lost; with other settings it is another one', async () => {
  open()
  await screen.findByText('Rivers')
  click('Start an event')
  for (const lost of ['lost', 'lost again']) {
    loseAnswer()
    click('Start')
    await waitFor(() => expect(screen.getByRole('button', { name: 'Start' }).ariaDisabled, lost).toBe('false'))
  }
  expect(server.events.size).toBe(1)
  fireEvent.click(screen.getByLabelText('Fast answers get more points'))
  click('Start')
  await screen.findByRole('dialog', { name: 'Your links: Rivers' })
  expect(server.events.size).toBe(2)
})

test('a link that the browser does not copy can be copied in another way', async () => {
  vi.stubGlobal('isSecureContext', true)
  Object.assign(navigator, {
    clipboard: { writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) },
  })
  open()
  await screen.findByText('Rivers')
  click('Start an event')
  click('Start')
  const dialog = within(await screen.findByRole('dialog', { name: 'Your links: Rivers' }))
  const [copy] = dialog.getAllByRole('button', { name: 'Copy' })
  fireEvent.click(copy ?? document.body)
  expect(await dialog.findByText(/^The browser did not copy it. Right-click “Open”/)).toBeTruthy()
})

test('the choices of a list can be read in the dark, too', async () => {
  open()
  await screen.findByText('Rivers')
  click('Start an event')
  for (const list of screen.getAllByRole('combobox')) expect(list.className).toContain('*:bg-page *:text-ink')
})

test('a dialog gives the focus back to the button that opened it, also by way of another dialog', async () => {
  open()
  await screen.findByText('Rivers')
  const button = (name: string) => screen.getByRole('button', { name })
  /** As a mouse and the keyboard do. */
  const press = (name: string) => {
    button(name).focus()
    click(name)
  }
  press('Start an event')
  press('Cancel')
  expect(document.activeElement).toBe(button('Start an event'))
  press('Start an event')
  press('Start')
  await screen.findByRole('dialog', { name: 'Your links: Rivers' })
  press('Close')
  expect(document.activeElement).toBe(button('Start an event'))
})

test('new links are made only when that is confirmed', async () => {
  open()
  await screen.findByText('Rivers')
  click('Start an event')
  click('Start')
  await screen.findByRole('dialog', { name: 'Your links: Rivers' })
  click('Close')
  const confirm = vi.mocked(window.confirm).mockReturnValueOnce(false)
  fireEvent.click((await section('Events')).getByRole('button', { name: 'New links' }))
  expect(confirm).toHaveBeenCalledWith('Make new links? The old ones stop working, also on pages that are open.')
  expect(server.asked.filter(({ path }) => path.endsWith('/links'))).toEqual([])
  fireEvent.click((await section('Events')).getByRole('button', { name: 'New links' }))
  const dialog = within(await screen.findByRole('dialog'))
  expect(dialog.getAllByRole('link')[0]?.getAttribute('href')).toContain('#new-host')
})

test('an erased event is gone from the list', async () => {
  server.events.set('e9', {
    id: 'e9',
    title: 'Party',
    language: 'en',
    code: '111222',
    createdAt: 0,
    players: 12,
    expiresAt: 1,
    live: true,
  })
  open()
  fireEvent.click(await screen.findByRole('button', { name: 'Erase' }))
  await waitFor(() => expect(screen.queryByText('Party')).toBeNull())
  expect(server.events.size).toBe(0)
})

test('a quiz is copied and deleted', async () => {
  open()
  await screen.findByText('Rivers')
  click('Copy')
  await waitFor(() => expect(screen.getAllByText('Rivers')).toHaveLength(2))
  fireEvent.click(screen.getAllByRole('button', { name: 'Delete' }).at(0) ?? document.body)
  await waitFor(() => expect(screen.getAllByText('Rivers')).toHaveLength(1))
  expect([...server.quizzes.keys()]).toEqual([expect.stringMatching(/^[\w-]{22}$/)])
})

test('a quiz is copied once, although the answer was lost, and then again', async () => {
  open()
  await screen.findByText('Rivers')
  const copy = () => fireEvent.click(screen.getAllByRole('button', { name: 'Copy' }).at(0) ?? document.body)
  loseAnswer()
  copy()
  expect(await screen.findByText('That did not work: the server cannot be reached.')).toBeTruthy()
  copy()
  await waitFor(() => expect(screen.queryByText(/^That did not work/)).toBeNull())
  await waitFor(() => expect(server.asked.filter(({ method }) => method === 'POST')).toHaveLength(2))
  await waitFor(() => expect(screen.getAllByText('Rivers')).toHaveLength(2))
  copy()
  await waitFor(() => expect(screen.getAllByText('Rivers')).toHaveLength(3))
})

test('the buttons of a row are said with its title', async () => {
  server.quizzes.set('q1', { quiz: { ...rivers, title: 'Lakes' }, version: 1 })
  open()
  const row = within(await screen.findByRole('group', { name: 'Lakes' }))
  fireEvent.click(row.getByRole('button', { name: 'Edit' }))
  expect(navigate).toHaveBeenCalledExactlyOnceWith('/admin/quiz/q1')
})

test('a quiz that someone else has changed is not deleted', async () => {
  open()
  await screen.findByText('Rivers')
  server.quizzes.set('q0', { quiz: { ...rivers, title: 'Rivers and lakes' }, version: 4 })
  click('Delete')
  expect(await screen.findByText(/Someone else has changed this quiz/)).toBeTruthy()
  expect(await screen.findByText('Rivers and lakes')).toBeTruthy()
  expect(server.quizzes.size).toBe(1)
})

test('a file that is no quiz is refused, and nothing is stored', async () => {
  open()
  await screen.findByText('Rivers')
  fireEvent.change(screen.getByLabelText('Import', { selector: 'input' }), {
    target: { files: [{ text: () => Promise.resolve('PK\u0003\u0004') }] },
  })
  expect(await screen.findByText('This file is not a quiz of this system.')).toBeTruthy()
  expect(server.quizzes.size).toBe(1)
})

test('a file with a quiz is added to the list', async () => {
  open()
  await screen.findByText('Rivers')
  const file = JSON.stringify({ format: 'live-quiz/1', quiz: { ...rivers, title: 'Lakes' }, images: {} })
  fireEvent.change(screen.getByLabelText('Import', { selector: 'input' }), {
    target: { files: [{ text: () => Promise.resolve(file) }] },
  })
  expect(await screen.findByText('Lakes')).toBeTruthy()
})

test('an import says how many images its file did not hold', () => {
  const said = (language: Language) => [1, 2].map(adminTexts[language].quizzes.imagesMissing)
  expect(said('en')).toEqual(['Imported. 1 image was not in the file.', 'Imported. 2 images were not in the file.'])
  expect(said('de')).toEqual([
    'Importiert. 1 Bild war nicht in der Datei.',
    'Importiert. 2 Bilder waren nicht in der Datei.',
  ])
})

test('a list that does not load says why, and can be loaded again', async () => {
  const { fetch } = globalThis
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  open()
  expect(await screen.findAllByText('That did not work: the server cannot be reached.')).toHaveLength(2)
  vi.stubGlobal('fetch', fetch)
  for (const button of screen.getAllByRole('button', { name: 'Try again' })) fireEvent.click(button)
  expect(await screen.findByText('Rivers')).toBeTruthy()
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
})

test('a German page says in German why a list does not load', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  open({ language: 'de' })
  expect(await screen.findAllByText('Das ging nicht: der Server ist nicht erreichbar.')).toHaveLength(2)
})

test('a new quiz that was begun can be continued', async () => {
  localStorage.setItem('live-quiz:unsaved:new', '{}')
  localStorage.setItem('live-quiz:unsaved:new-00000001', JSON.stringify({ base: 0, at: 1, quiz: { title: 'Lakes' } }))
  localStorage.setItem('live-quiz:unsaved:newAAAAAAAAAAAAAAAAAAA', '{}')
  open()
  await screen.findByText('Rivers')
  click('Continue the new quiz')
  click('Continue the new quiz: Lakes')
  expect(navigate.mock.calls).toEqual([['/admin/quiz/new'], ['/admin/quiz/new-00000001']])
})

test('new and edit open the editor', async () => {
  open()
  await screen.findByText('Rivers')
  click('+ New quiz')
  click('Edit')
  expect(navigate.mock.calls).toEqual([[expect.stringMatching(/^\/admin\/quiz\/new-[\w-]{22}$/)], ['/admin/quiz/q0']])
})

test('an export without a connection says so', async () => {
  const image = { id: 'a'.repeat(64), alt: 'A map' }
  server.quizzes.set('q0', {
    quiz: { ...rivers, questions: rivers.questions.map((each) => ({ ...each, image })) },
    version: 3,
  })
  open()
  await screen.findByText('Rivers')
  const { fetch } = globalThis
  vi.stubGlobal('fetch', (path: string, options: RequestInit) =>
    path.startsWith('/api/media') ? Promise.reject(new TypeError('Failed to fetch')) : fetch(path, options),
  )
  click('Export')
  expect(await screen.findByText('That did not work: the server cannot be reached.')).toBeTruthy()
})
