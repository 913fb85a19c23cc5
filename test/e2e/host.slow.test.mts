import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { requireAccessible } from './support/accessible.mts'
import { startBrowser } from './support/browser.mts'
import { startedDev } from './support/dev-server.mts'
import { joinAsPlayer } from './support/simulated-player.mts'

/* A quiz from its first word to its results, as its host does it: in a real browser, on a page as large as a phone. */

const phone = { width: 390, height: 844 }
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })

test(
  'a host writes a quiz with an image, runs it from a phone, and gets the results',
  { timeout: 480_000 },
  async (t) => {
    const { site } = await startedDev(t)
    const browser = await startBrowser()
    t.after(() => browser.close())
    const elsewhere: string[] = []
    const open = async (url: string) => {
      const opened = await browser.open('about:blank')
      opened.page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site)) elsewhere.push(request.url())
      })
      // the dev server builds each page when it is first opened
      opened.page.setDefaultTimeout(90_000)
      opened.page.on('dialog', (dialog) => void dialog.accept())
      await opened.page.goto(url)
      return opened
    }

    const { page: admin, complaints: ofAdmin } = await open(`${site}/admin`)
    await admin.setViewportSize(phone)
    await requireAccessible(admin, 'sign in')
    await admin.getByLabel('Admin secret').fill('dev')
    await button(admin, 'Sign in').click()
    await button(admin, '+ New quiz').click()
    await writeQuiz(admin)
    await requireAccessible(admin, 'editor')
    await button(admin, 'Save').click()
    await admin.getByText('All is saved.').waitFor()
    await button(admin, '← All quizzes').click()
    await requireAccessible(admin, 'lists')
    await admin
      .getByRole('listitem')
      .filter({ hasText: 'Two rivers' })
      .getByRole('button', { name: 'Start an event' })
      .click()
    await button(admin, 'Start').click()
    await requireAccessible(admin, 'links')
    const [hostLink, screenLink, joinLink] = await admin
      .getByRole('link', { name: 'Open' })
      .evaluateAll((links) => links.map((link) => (link as unknown as { href: string }).href))
    assert.ok(hostLink && screenLink && joinLink)

    const { page: host, complaints: ofHost } = await open(hostLink)
    const { page: screen, complaints: ofScreen } = await open(screenLink)
    await host.setViewportSize(phone)
    await screen.setViewportSize({ width: 1920, height: 1080 })
    await screen.getByText('Two rivers').waitFor()
    for (const page of [host, screen]) assert.equal(new URL(page.url()).hash, '', 'the token left the address bar')

    const code = joinLink.slice(-6)
    const players = await Promise.all(['Ada', 'Grace', 'Edsger'].map((name) => joinAsPlayer(site, code, name)))
    t.after(() => players.forEach(({ leave }) => leave()))
    const [ada, grace, edsger] = players
    assert.ok(ada && grace && edsger)
    await host.getByText('3 players', { exact: true }).waitFor()
    await screen.getByText('Edsger').waitFor()
    await requireAccessible(host, 'lobby')
    await requireAccessible(screen, 'lobby on the projector')

    // the first question, with the mouse
    await button(host, /^Start/).click()
    await screen.getByText('Get ready!').waitFor()
    await screen.getByRole('img', { name: 'A red square' }).waitFor()
    assert.equal((await ada.answer(0, [1])).status, 'saved')
    assert.equal((await grace.answer(0, [0])).status, 'saved')
    assert.equal((await grace.answer(0, [1])).status, 'already')
    await host.getByText(/^2 of 3 answered/).waitFor()
    await requireAccessible(host, 'question')
    await requireAccessible(screen, 'question on the projector')
    await host.reload()
    await host.getByText(/^2 of 3 answered/).waitFor()
    await pressWhenSettled(host, 'Close now')
    await screen.getByRole('listitem', { name: 'B, diamond: Lyon, right, 1 person' }).waitFor()
    await screen.getByText('They meet in Lyon.').waitFor()
    await requireAccessible(host, 'right answer')
    await requireAccessible(screen, 'right answer on the projector')
    await pressWhenSettled(host, 'Show the ranking')
    await screen.getByRole('heading', { name: 'Ranking' }).waitFor()
    await requireAccessible(screen, 'ranking on the projector')

    // the second one, and the end, by keyboard alone
    await pressWhenSettled(host, 'Next question')
    await screen.getByText('The Danube flows through ten countries.').waitFor()
    for (const player of players) assert.equal((await player.answer(1, [0])).status, 'saved')
    // all have answered: it closes by itself
    await host.getByRole('button', { name: /^Show the ranking/ }).waitFor()
    await pressWhenSettled(host, 'Show the ranking')
    await pressWhenSettled(host, 'End the quiz')
    await host.getByRole('heading', { name: 'That was it' }).waitFor()
    await screen.getByText('That was it. Thank you all!').waitFor()
    await requireAccessible(host, 'end')
    await requireAccessible(screen, 'end on the projector')

    const standings = await readResults(host, 'Players')
    assert.deepEqual(
      standings.map(({ name }) => name),
      await orderOf(host, ['Ada', 'Grace', 'Edsger']),
    )
    assert.deepEqual(standings.map(({ name, right, answered }) => `${name} ${right} of ${answered}`).toSorted(), [
      'Ada 2 of 2',
      'Edsger 1 of 1',
      'Grace 1 of 2',
    ])
    const taps = await readResults(host, 'Answers')
    assert.deepEqual(taps.map(({ question, name, choice }) => `${question} ${name} ${choice}`).toSorted(), [
      '1 Ada B',
      '1 Grace A',
      '2 Ada A',
      '2 Edsger A',
      '2 Grace A',
    ])
    assert.deepEqual([...ofAdmin, ...ofHost, ...ofScreen].filter(isOurs), [])
    assert.deepEqual(elsewhere, [])
  },
)

/** Two questions, one with an image. */
async function writeQuiz(page: Page): Promise<void> {
  await page.getByLabel('Title of the quiz').fill('Two rivers')
  await button(page, '+ Add a question').click()
  await page.getByLabel('Question', { exact: true }).fill('Where do the Rhône and the Saône meet?')
  for (const [at, text] of ['Paris', 'Lyon', 'Marseille'].entries()) {
    await page.getByLabel(`Option ${'ABC'[at]}`, { exact: true }).fill(text)
  }
  await button(page, 'Delete option D').click()
  await page.getByLabel('B is right').check()
  // longer than the slowest machine takes to look at it
  await page.getByLabel('Time to answer').selectOption('240')
  await page.getByLabel('Explanation').fill('They meet in Lyon.')
  await page
    .getByLabel('Image', { exact: true })
    .setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer: await redSquare(page) })
  await page.getByLabel('What the image shows').fill('A red square')
  await button(page, '+ Add a question').click()
  await page.locator('label').filter({ hasText: 'True or false' }).click()
  await page.getByLabel('Time to answer').selectOption('240')
  await page.getByLabel('Question', { exact: true }).fill('The Danube flows through ten countries.')
  await page.getByLabel('A is right').check()
}

async function redSquare(page: Page): Promise<Buffer> {
  const url = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 2000, height: 1500 })
    const context = canvas.getContext('2d')
    context.fillStyle = 'red'
    context.fillRect(0, 0, 2000, 1500)
    return canvas.toDataURL('image/png')
  })()`)
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}

/** Presses Space until the step is taken: right after a change of phase a press does not count. */
async function pressWhenSettled(page: Page, step: string): Promise<void> {
  const next = page.getByRole('button', { name: new RegExp(`^${step}`) }).first()
  await next.waitFor()
  while ((await next.count()) > 0) {
    await page.evaluate('document.activeElement?.blur()')
    await page.keyboard.press('Space')
    await next.waitFor({ state: 'detached', timeout: 500 }).catch(() => {})
  }
}

/** The rows of a table, each by the names of its columns. No cell of this quiz has a comma in it. */
async function readResults(page: Page, table: string): Promise<Record<string, string>[]> {
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, table).click()])
  const text = readFileSync(await download.path(), 'utf8')
  assert.equal(text.codePointAt(0), 0xfeff)
  const [columns, ...rows] = text
    .slice(1)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(row.map((cell, at) => [columns?.[at], cell])))
}

/** These names in the order in which the page has them. */
async function orderOf(page: Page, names: string[]): Promise<string[]> {
  const text = await page.locator('main').innerText()
  return names.toSorted((one, other) => text.indexOf(one) - text.indexOf(other))
}

/**
 * React mounts everything twice in development: the first connection is closed before it is open, and the first request
 * given up. A list that is loaded again gives up what was on its way.
 */
function isOurs(complaint: string): boolean {
  return !/WebSocket is closed before the connection is established|\/api\/(quizzes|events) net::ERR_ABORTED/.test(
    complaint,
  )
}
