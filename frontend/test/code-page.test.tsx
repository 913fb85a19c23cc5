import { cleanup, configure, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { App } from '../src/app/app.tsx'
import { de } from '../src/texts/de.ts'
import { en } from '../src/texts/en.ts'
import { LanguageProvider } from '../src/texts/language.tsx'

// the machine may be busy with other suites
configure({ asyncUtilTimeout: 10_000 })

const event = {
  event: 'e1',
  title: 'Summer party',
  language: 'en',
  generatedNames: false,
  keptUntil: 1_800_000_000_000,
}

function open(path: string, { texts = en, answer = () => Response.json(event) } = {}) {
  history.replaceState(null, '', path)
  const fetched = vi.fn<typeof fetch>(() => Promise.resolve(answer()))
  vi.stubGlobal('fetch', fetched)
  const language = texts === en ? 'en' : 'de'
  render(
    <LanguageProvider first={{ language, texts }}>
      <App name="Live Quiz" release="r1" apiUrl="/api" wsUrl="/ws" />
    </LanguageProvider>,
  )
  return fetched
}

afterEach(cleanup)

test('a code leads to its event', async () => {
  const fetched = open('/')
  fireEvent.change(screen.getByLabelText('Code'), { target: { value: '123 456' } })
  fireEvent.click(screen.getByRole('button', { name: 'Next' }))
  expect(location.pathname).toBe('/j/123456')
  expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('Summer party')
  expect(fetched.mock.calls[0]?.[0]).toBe('/api/join/123456')
})

test('a code leads to its event in a browser without AbortSignal.timeout, too', async () => {
  vi.stubGlobal('AbortSignal', {})
  open('/j/123456')
  expect(await screen.findByText('Summer party')).toBeTruthy()
})

test('an incomplete code is refused where it was typed', () => {
  open('/')
  const field = screen.getByLabelText('Code')
  fireEvent.change(field, { target: { value: '12345' } })
  fireEvent.click(screen.getByRole('button', { name: 'Next' }))
  expect(location.pathname).toBe('/')
  expect(field.getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByText(en.join.codeIncomplete)).toBeTruthy()
})

test.each([
  [404, en.join.refusals.no_such_code],
  [410, en.join.refusals.ended],
  [429, en.join.refusals.slow_down],
  [503, en.join.unreachable],
])('an answer of %s says what to do next', async (status, hint) => {
  vi.spyOn(console, 'warn').mockReturnValue()
  open('/j/123456', { answer: () => new Response('', { status }) })
  expect(await screen.findByText(hint)).toBeTruthy()
})

test('the page of an event speaks its language', async () => {
  open('/j/123456', { answer: () => Response.json({ ...event, language: 'de' }) })
  await vi.waitFor(() => expect(document.documentElement.lang).toBe('de'), 10_000)
})

test('in German nothing is in English', () => {
  open('/', { texts: de })
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Mitspielen')
})

test('an address that leads nowhere says so', async () => {
  open('/nowhere')
  expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe(en.nowhere.notFound)
})

test('the page of the connection is at /status', async () => {
  open('/status')
  expect(await screen.findByTestId('connection')).toBeTruthy()
})
