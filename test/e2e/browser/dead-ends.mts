import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Quiz } from '../../../backend/src/types/quiz.ts'
import { linksOf, type StartedEvent } from '../../../backend/local/quiz-client.ts'
import { load } from '../support/browser.mts'
import { show } from './gallery.mts'
import { button, joinOnPhone, openHall, phone, projector, type Stage } from './stage.mts'

const quiz: Quiz = {
  title: 'Once more',
  language: 'en',
  questions: [
    {
      type: 'single',
      text: 'Which of these is a river?',
      options: ['The Nile', 'Mont Blanc'],
      right: [0],
      seconds: null,
      points: 1_000,
      explanation: '',
      image: null,
    },
  ],
}

/** A page on which nothing more can happen says why, and what can be done. */
export function saysWhyAndWhatToDo(stage: () => Stage): void {
  let event: StartedEvent

  it('a code that is too short, or that nobody has', async () => {
    const { browser, site } = stage()
    const { page } = await browser.open(site, phone)
    await page.getByLabel('Code').fill('123')
    await button(page, 'Next').tap()
    await page.getByText('A code has six digits.').waitFor()
    await show(page, 'phone', 'code-too-short')
    await page.getByLabel('Code').fill('000000')
    await button(page, 'Next').tap()
    await page.getByText('There is no quiz with this code. Compare it with the screen.', { exact: true }).waitFor()
    await show(page, 'phone', 'join-no-such-code')
    await load(() => page.goto(`${site}/nowhere`))
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await show(page, 'phone', 'nowhere')
    await page.close()
  })

  it('a name that someone has, and a door that is closed', async () => {
    const { browser, site, admin } = stage()
    event = await admin.startEvent(quiz)
    const { join } = linksOf(site, event)
    const { host } = await openHall(stage(), event)
    const first = await joinOnPhone(stage(), event.code, 'Ada')
    const { page: second } = await browser.open(join, phone)
    await second.getByLabel('Your name').fill('ADA')
    await button(second, 'Join').tap()
    await second.getByText('Someone has this name already.').waitFor()
    await show(second, 'phone', 'join-name-taken')
    await button(second, /^Take “/).tap()
    await second.getByRole('heading', { name: 'You are in!' }).waitFor()
    await load(() => second.goto(join))
    await second.getByText('This browser is already in this quiz.').waitFor()
    await show(second, 'phone', 'join-already-in')

    await button(host.page, 'Lock: nobody else may join').tap()
    await button(host.page, 'Unlock').waitFor()
    await show(host.page, 'phone', 'host-locked')
    const { page: third } = await browser.open(join, phone)
    await third.getByLabel('Your name').fill('Eve')
    await button(third, 'Join').tap()
    await third.getByText('Nobody else may join now.').waitFor()
    await show(third, 'phone', 'join-locked')

    host.page.on('dialog', (dialog) => void dialog.accept())
    await button(host.page, 'Change Ada').tap()
    await show(host.page, 'phone', 'host-player')
    await button(host.page, 'Remove').tap()
    await first.page.getByRole('heading', { name: 'The host removed you' }).waitFor()
    await show(first.page, 'phone', 'play-removed')
    await Promise.all([first, host].map(({ page }) => page.context().close()))
  })

  it('a fourth tab, a page that is too old, a stranger', async () => {
    const { browser, admin } = stage()
    const { code } = await admin.startEvent(quiz)
    const own = await joinOnPhone(stage(), code, 'Ada')
    const address = own.page.url()
    const tabs = [await browser.open(address, own), await browser.open(address, own), await browser.open(address, own)]
    await own.page.getByRole('heading', { name: 'Opened elsewhere' }).waitFor()
    await show(own.page, 'phone', 'play-elsewhere')
    const tab = tabs[0]!.page
    await tab.routeWebSocket(/ws$/, (page) => {
      const server = page.connectToServer()
      page.onMessage((message) => server.send(String(message).replace('"protocol":1', '"protocol":0')))
    })
    await load(() => tab.reload())
    await tab.getByRole('heading', { name: 'This page is too old' }).waitFor()
    await show(tab, 'phone', 'play-outdated')
    const stranger = await browser.open(address, phone)
    await stranger.page.getByRole('heading', { name: 'This browser is not in this quiz' }).waitFor()
    await show(stranger.page, 'phone', 'play-unknown')
    await Promise.all([own, stranger].map(({ page }) => page.context().close()))
  })

  it('an event in which nobody else has room', async () => {
    const { browser } = stage()
    const { page } = await browser.open(linksOf(stage().site, event).join, phone)
    // five thousand are too many for a test: the page is told what the server would say
    await page.routeWebSocket(/ws$/, (socket) => {
      const server = socket.connectToServer()
      socket.onMessage((message) => {
        const { type, id } = JSON.parse(String(message)) as { type: string; id: string }
        if (type === 'join') socket.send(JSON.stringify({ type: 'refused', id, code: 'full' }))
        else server.send(message)
      })
    })
    await load(() => page.reload())
    await page.getByLabel('Your name').fill('Eve')
    await button(page, 'Join').tap()
    await page.getByText('This quiz is full.').waitFor()
    await show(page, 'phone', 'join-full')
    await page.context().close()
  })

  it('a host and a projector without the link’s token', async () => {
    const { browser, site } = stage()
    const links = linksOf(site, event)
    for (const [link, name, device] of [
      [links.host, 'host', phone],
      [links.screen, 'screen', projector],
    ] as const) {
      const { page } = await browser.open(link.replace(/#.*/, ''), device)
      await page.getByRole('heading', { name: /^This is not a/ }).waitFor()
      await show(page, 'phone', `${name}-without-token`)
      await page.context().close()
    }
  })

  it('an event that is over, and one that was erased', async () => {
    const { browser, site, adminSecret } = stage()
    const { host, screen } = await openHall(stage(), event)
    const player = await joinOnPhone(stage(), (await stage().admin.startEvent(quiz)).code, 'Ada')
    host.page.on('dialog', (dialog) => void dialog.accept())
    await button(host.page, 'End the quiz').tap()
    await host.page.getByRole('heading', { name: 'That was it' }).waitFor()
    await screen.page.getByText('Thank you all').waitFor()
    await Promise.all([
      show(host.page, 'phone', 'host-end-nobody'),
      show(screen.page, 'projector', 'screen-end-nobody'),
    ])
    const late = await browser.open(linksOf(site, event).join, phone)
    await late.page.getByText('This quiz is over.', { exact: true }).waitFor()
    await show(late.page, 'phone', 'join-over')

    const id = player.page.url().split('/').at(-1)
    const headers = { authorization: `Bearer ${adminSecret}` }
    assert.ok((await fetch(`${site}/api/events/${id}`, { method: 'DELETE', headers })).ok)
    await player.page.getByRole('heading', { name: 'This quiz is gone' }).waitFor()
    await show(player.page, 'phone', 'play-gone')
    await Promise.all([host, screen, player, late].map(({ page }) => page.context().close()))
  })

  it('a wrong admin secret, and the status page', async () => {
    const { browser, site } = stage()
    const { page } = await browser.open(`${site}/admin`, phone)
    await page.getByLabel('Admin secret').fill('guessed')
    await button(page, 'Sign in').tap()
    await page.getByText('This is not the admin secret.').waitFor()
    await show(page, 'desk', 'admin-wrong-secret')
    await load(() => page.goto(`${site}/status`))
    await page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor()
    await page.getByTestId('details').click()
    await show(page, 'phone', 'status')
  })
}
