import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { load, type Opened } from '../support/browser.mts'
import { show } from './gallery.mts'
import { agree, readTables, type Tap } from './results.mts'
import { button, joinOnPhone, phone, projector, type Stage, tapStep } from './stage.mts'
import { startFromList, writeQuiz } from './writing.mts'

/** A quiz from its first word to its results, by hand: a host with a phone, a projector, and three phones that have it hard. */
export function playsAWholeQuiz(stage: () => Stage): void {
  let links: Awaited<ReturnType<typeof startFromList>>
  const taps: Tap[] = []
  const opened: Opened[] = []
  let host: Opened['page'], screen: Opened['page']
  let ada: Opened['page'], grace: Opened['page'], linus: Opened['page']

  const open = async (opening: Promise<Opened>) => {
    const visitor = await opening
    opened.push(visitor)
    return visitor.page
  }
  const tap = async (page: Opened['page'], name: string, question: number, options: string[]) => {
    for (const option of options) await button(page, new RegExp(`^${option}, `)).tap()
    taps.push({ name, question, choice: options.join(' '), told: 'saved' })
  }
  const saved = (page: Opened['page']) => page.getByText(/^Saved/).waitFor()

  it('an admin writes a quiz with an image on a phone, and starts an event', async () => {
    const { browser, site, adminSecret } = stage()
    const admin = await open(browser.open(`${site}/admin`, phone))
    await show(admin, 'desk', 'admin-sign-in')
    await admin.getByLabel('Admin secret').fill(adminSecret)
    await button(admin, 'Sign in').tap()
    await writeQuiz(admin)
    await button(admin, '← All quizzes').tap()
    links = await startFromList(stage(), admin, 'Two rivers')
    await button(admin, 'Close').tap()
    await show(admin, 'desk', 'admin')
  })

  it('the host’s and the projector’s token leave the address bar', async () => {
    const { browser } = stage()
    host = await open(browser.open(links.host, phone))
    screen = await open(browser.open(links.screen, projector))
    await screen.getByText('Two rivers').waitFor()
    for (const page of [host, screen]) assert.equal(new URL(page.url()).hash, '')
    await Promise.all([show(host, 'phone', 'host-lobby-empty'), show(screen, 'projector', 'screen-lobby-empty')])
  })

  it('people join with the code, and by its link', async () => {
    const { browser, site } = stage()
    ada = await open(browser.open(site, phone))
    await show(ada, 'phone', 'code')
    await ada.getByLabel('Code').fill(links.code)
    await button(ada, 'Next').tap()
    await ada.getByLabel('Your name').waitFor()
    await show(ada, 'phone', 'join')
    await ada.getByLabel('Your name').fill('Ada')
    await button(ada, 'Join').tap()
    await ada.getByRole('heading', { name: 'You are in!' }).waitFor()
    grace = await open(joinOnPhone(stage(), links.code, 'Grace'))
    await host.getByText('2 players', { exact: true }).waitFor()
    await screen.getByText('Grace').waitFor()
    await Promise.all([
      show(ada, 'phone', 'play-lobby'),
      show(host, 'phone', 'host-lobby'),
      show(screen, 'projector', 'screen-lobby'),
    ])
  })

  it('a player and a host who reload in mid-question miss nothing', async () => {
    await tapStep(host, 'Start')
    await screen.getByText('Get ready!').waitFor()
    await ada.getByRole('img', { name: 'Two rivers that meet' }).waitFor()
    await show(ada, 'phone', 'play-question')
    await tap(ada, 'Ada', 1, ['B'])
    await saved(ada)
    await load(() => ada.reload())
    await button(ada, 'B, diamond: Lyon. your answer').waitFor()
    await load(() => host.reload())
    await host.getByText(/^1 of 2 answered/).waitFor()
    await Promise.all([
      show(ada, 'phone', 'play-saved'),
      show(host, 'phone', 'host-question'),
      show(screen, 'projector', 'screen-question'),
    ])
    await tap(grace, 'Grace', 1, ['A'])
    // all have answered: it closes by itself
    await screen.getByText('B, diamond: Lyon, right, 1 person').waitFor()
    await ada.getByRole('heading', { name: 'Right!' }).waitFor()
    await grace.getByRole('heading', { name: 'Not this time' }).waitFor()
  })

  it('who comes late is in, and plays from the next question', async () => {
    linus = await open(joinOnPhone(stage(), links.code, 'Linus'))
    await linus.getByRole('heading', { name: 'You play from the next question' }).waitFor()
    await host.getByText('3 players', { exact: true }).waitFor()
    await Promise.all([
      show(ada, 'phone', 'play-right'),
      show(grace, 'phone', 'play-wrong'),
      show(linus, 'phone', 'play-late'),
      show(host, 'phone', 'host-revealed'),
      show(screen, 'projector', 'screen-revealed'),
    ])
    await tapStep(host, 'Show the ranking')
    await screen.getByRole('heading', { name: 'Ranking' }).waitFor()
    await ada.getByRole('heading', { name: 'Leaderboard' }).waitFor()
    await Promise.all([
      show(ada, 'phone', 'play-board'),
      show(host, 'phone', 'host-board'),
      show(screen, 'projector', 'screen-board'),
    ])
  })

  it('an answer kept offline over the deadline is sent, and its player is told that it was late', async () => {
    await tapStep(host, 'Next question')
    await button(ada, /^A, /).waitFor()
    await tap(ada, 'Ada', 2, ['A'])
    await tap(linus, 'Linus', 2, ['B'])
    await grace.getByRole('timer', { name: /^\d seconds? left$/ }).waitFor()
    await grace.context().setOffline(true)
    const back = sleep(15_000)
    await tap(grace, 'Grace', 2, ['A'])
    taps.at(-1)!.told = 'late'
    await grace.getByText(/^Kept on this phone/).waitFor()
    await show(grace, 'phone', 'play-offline')
    await back
    await grace.context().setOffline(false)
    await host
      .getByText('Right answer', { exact: true })
      .or(button(host, /^Show the ranking/))
      .first()
      .waitFor()
    await grace.getByRole('heading', { name: /^Too late/ }).waitFor()
    await ada.getByRole('heading', { name: 'Right!' }).waitFor()
    await show(grace, 'phone', 'play-too-late')
  })

  it('of several options only exactly the right ones count', async () => {
    await tapStep(host, 'Next question')
    await button(linus, /^A, /).waitFor()
    await button(linus, 'Send').tap()
    await linus.getByText('Choose at least one.').waitFor()
    for (const [page, name, options] of [
      [ada, 'Ada', ['A', 'B']],
      [linus, 'Linus', ['A', 'B']],
      [grace, 'Grace', ['B']],
    ] as const) {
      await tap(page, name, 3, [...options])
      if (name === 'Linus') await show(linus, 'phone', 'play-multiple')
      await button(page, 'Send').tap()
    }
    await linus.getByRole('heading', { name: 'Right!' }).waitFor()
    await grace.getByRole('heading', { name: 'Not this time' }).waitFor()
  })

  it('scores, ranks and all three tables agree with what was tapped', async () => {
    await tapStep(host, 'Show the ranking')
    await tapStep(host, 'End the quiz')
    await host.getByRole('heading', { name: 'That was it' }).waitFor()
    await screen.getByText('That was it. Thank you all!').waitFor()
    // each phone asks for its own answers within six seconds
    for (const page of [ada, grace, linus]) await page.getByRole('heading', { name: 'Your answers' }).waitFor()
    await Promise.all([
      show(ada, 'phone', 'play-end-winner'),
      show(grace, 'phone', 'play-end'),
      show(host, 'phone', 'host-end'),
      show(screen, 'projector', 'screen-end'),
    ])
    await agree(await readTables(host), taps, [
      { name: 'Ada', page: ada, right: 3, answered: 3 },
      { name: 'Linus', page: linus, right: 1, answered: 2 },
      { name: 'Grace', page: grace, right: 0, answered: 2 },
    ])
  })

  it('no page complained, or asked anyone else', () => {
    // of the phone that was offline; and a list that is not needed any more is not waited for
    const isMeant = (complaint: string) =>
      /ERR_INTERNET_DISCONNECTED|\/api\/(quizzes|events) net::ERR_ABORTED/.test(complaint)
    assert.deepEqual(
      opened.flatMap(({ complaints }) => complaints).filter((complaint) => !isMeant(complaint)),
      [],
    )
  })
}
