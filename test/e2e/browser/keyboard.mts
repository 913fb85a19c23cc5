import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Page } from 'playwright-core'
import type { Opened } from '../support/browser.mts'
import { joinAsPlayer, type SimulatedPlayer } from '../support/simulated-player.mts'
import { show } from './gallery.mts'
import { crowd, germanQuiz } from './german-quiz.mts'
import { german, openHall, phone, pressStep, type Stage } from './stage.mts'

/** A whole game in German, in which host and player touch nothing but keys. The hall is full. */
export function playsByKeyboardAlone(stage: () => Stage): void {
  const opened: Opened[] = []
  let player: Page, host: Page, screen: Page
  const others: SimulatedPlayer[] = []

  /** All three pages, as they are. */
  const showAll = (name: string) =>
    Promise.all([
      show(player, 'phone', `de-play-${name}`),
      show(host, 'phone', `de-host-${name}`),
      show(screen, 'projector', `de-screen-${name}`),
    ])
  /** The others answer one after the other, each something else. */
  const answer = (question: number, options: number[][]) =>
    Promise.all(others.map((other, at) => other.answer(question, options[at % options.length]!)))
  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor()

  it('a player joins, and a hall with them', async () => {
    const { browser, site, admin } = stage()
    const event = await admin.startEvent(germanQuiz, { getReadySeconds: 5, reveal: 'host' })
    const hall = await openHall(stage(), event, german)
    const own = await browser.open(site, { ...phone, ...german })
    opened.push(own, hall.host, hall.screen)
    ;[player, host, screen] = [own.page, hall.host.page, hall.screen.page]
    await show(player, 'phone', 'de-code')
    await player.keyboard.press('Tab')
    await player.keyboard.type(event.code)
    await player.keyboard.press('Enter')
    await player.getByLabel('Dein Name').waitFor()
    await show(player, 'phone', 'de-join')
    await player.keyboard.press('Tab')
    await player.keyboard.type('Franziska')
    await player.keyboard.press('Enter')
    await heading(player, 'Du bist dabei!')
    for (const name of crowd) others.push(await joinAsPlayer(site, event.code, name))
    await host.getByText('12 Mitspieler', { exact: true }).waitFor()
    await screen.getByText('Jule').waitFor()
    await showAll('lobby')
  })

  it('a practice question: get ready, answer, time is up, why, ranking', async () => {
    await pressStep(host, 'Los geht’s')
    await heading(screen, 'Gleich geht’s los')
    await showAll('ready')
    await player.getByRole('button', { name: 'A, Dreieck: Prag' }).waitFor()
    await showAll('practice')
    await player.keyboard.press('1')
    await player.getByText(/^Gespeichert/).waitFor()
    await answer(0, [[0], [0], [1], [2]])
    await player.getByRole('main').getByText('Die Zeit ist um').waitFor()
    await showAll('closed')
    await pressStep(host, 'Richtige Antwort zeigen')
    await heading(player, 'Richtig!')
    await showAll('practice-right')
    await pressStep(host, 'Rangliste zeigen')
    await heading(player, 'Rangliste')
    await showAll('board-without-points')
  })

  it('multiple choice: number keys choose, Enter sends', async () => {
    await pressStep(host, 'Nächste Frage')
    await player.getByRole('button', { name: 'A, Dreieck: Bolivien' }).waitFor()
    for (const key of '135') await player.keyboard.press(key)
    await showAll('multiple')
    await player.keyboard.press('Enter')
    await player.getByText(/^Gespeichert/).waitFor()
    await answer(1, [[0, 2, 4], [0], [2, 4], [0, 2, 4]])
    await pressStep(host, 'Richtige Antwort zeigen')
    await heading(player, 'Richtig!')
    await showAll('multiple-right')
    await pressStep(host, 'Rangliste zeigen')
    await heading(screen, 'Rangliste')
    await showAll('board')
  })

  it('true or false, wrong this time', async () => {
    await pressStep(host, 'Nächste Frage')
    await player.getByRole('button', { name: 'A, Dreieck: Richtig' }).waitFor()
    await player.keyboard.press('1')
    await answer(2, [[1], [0], [1]])
    await pressStep(host, 'Richtige Antwort zeigen')
    await heading(player, 'Diesmal nicht')
    await showAll('truth-wrong')
    await pressStep(host, 'Rangliste zeigen')
    await heading(screen, 'Rangliste')
    // first it is as it was before, then the rows move
    await screen.getByRole('listitem').first().waitFor()
    await showAll('board-moved')
  })

  it('a poll has no right answer', async () => {
    await pressStep(host, 'Nächste Frage')
    await player.getByRole('button', { name: 'A, Dreieck: Mit dem Zug' }).waitFor()
    await player.keyboard.press('4')
    await player.getByText(/^Gespeichert/).waitFor()
    await answer(3, [[0], [1], [1], [3]])
    await pressStep(host, 'Richtige Antwort zeigen')
    await heading(player, 'Danke für deine Stimme')
    await showAll('poll')
    await pressStep(host, 'Rangliste zeigen')
  })

  it('a question with as much text as it may have', async () => {
    await pressStep(host, 'Nächste Frage')
    await player.getByRole('button', { name: /^F, Sechseck/ }).waitFor()
    await showAll('longest')
    await player.keyboard.press('3')
    await answer(4, [[2], [1], [5]])
    await pressStep(host, 'Richtige Antwort zeigen')
    await heading(player, 'Richtig!')
    await showAll('longest-right')
  })

  it('the end: podium, own answers and results', async () => {
    await pressStep(host, 'Rangliste zeigen')
    await pressStep(host, 'Quiz beenden')
    await heading(host, 'Das war’s')
    await heading(player, 'Deine Antworten')
    await showAll('end')
    const download = host.waitForEvent('download')
    await host.getByRole('button', { name: 'Mitspieler', exact: true }).press('Enter')
    assert.match((await download).suggestedFilename(), /\.csv$/)
    others.forEach(({ leave }) => leave())
    assert.deepEqual(
      opened.flatMap(({ complaints }) => complaints),
      [],
    )
  })
}
