import { act, cleanup, configure, render, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { HostPage } from '../src/features/host/host-page.tsx'
import { ScreenPage } from '../src/features/screen/screen-page.tsx'
import { LanguageProvider } from '../src/texts/language.tsx'
import { en } from '../src/texts/en.ts'
import { FakeSocket } from './fake-socket.ts'
import { lobby } from './live-messages.ts'

// the machine may be busy with other suites
configure({ asyncUtilTimeout: 10_000 })

afterEach(cleanup)

for (const [role, LinkPage] of [
  ['host', HostPage],
  ['screen', ScreenPage],
] as const) {
  test(`the ${role}'s page names the language of the event as its own`, async () => {
    vi.stubGlobal('WebSocket', FakeSocket)
    localStorage.setItem(`live-quiz:${role}:event-1`, 'token')
    render(
      <LanguageProvider first={{ language: 'en', texts: en }}>
        <LinkPage apiUrl="/api" wsUrl="/ws" event="event-1" language="en" />
      </LanguageProvider>,
    )
    expect(document.documentElement.lang).toBe('en')
    act(() => {
      FakeSocket.latest().serverOpens()
      FakeSocket.latest().serverSays({ ...lobby, event: { ...lobby.event, language: 'de' } })
    })
    await waitFor(() => expect(document.documentElement.lang).toBe('de'))
  })

  test(`the end of the ${role}'s page is said`, () => {
    document.body.innerHTML = '<div id="announcements"></div>'
    localStorage.clear()
    render(
      <LanguageProvider first={{ language: 'en', texts: en }}>
        <LinkPage apiUrl="/api" wsUrl="/ws" event="event-1" language="en" />
      </LanguageProvider>,
    )
    expect(document.getElementById('announcements')?.textContent).toMatch(/^This is not a .*link. Open the link that/)
  })
}
