import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Page } from 'playwright-core'
import { show } from './gallery.mts'
import { button, phone, type Stage } from './stage.mts'

/** Three questions, one with an image, written as an admin does it on a phone. */
export async function writeQuiz(admin: Page): Promise<void> {
  await button(admin, '+ New quiz').tap()
  await show(admin, 'desk', 'editor-empty')
  await admin.getByLabel('Title of the quiz').fill('Two rivers')

  await button(admin, '+ Add a question').tap()
  await show(admin, 'desk', 'editor-missing')
  await writeQuestion(admin, 'Single choice', 'Where do the Rhône and the Saône meet?', ['Paris', 'Lyon', 'Marseille'])
  await button(admin, 'Delete option D').tap()
  await admin.getByLabel('B is right').check()
  await admin.getByLabel('Explanation').fill('They meet in Lyon.')
  const image = { name: 'red.png', mimeType: 'image/png', buffer: await drawRivers(admin) }
  await admin.getByLabel('Image', { exact: true }).setInputFiles(image)
  await admin.getByLabel('What the image shows').fill('Two rivers that meet')

  await button(admin, '+ Add a question').tap()
  await writeQuestion(admin, 'True or false', 'The Danube flows through ten countries.', [])
  await admin.getByLabel('Time to answer').selectOption('15')
  await admin.getByLabel('A is right').check()

  await button(admin, '+ Add a question').tap()
  await writeQuestion(admin, 'Multiple choice', 'Which of these are rivers of Africa?', [
    'Nile',
    'Congo',
    'Tagus',
    'Po',
  ])
  for (const letter of 'AB') await admin.getByLabel(`${letter} is right`).check()

  await button(admin, /^1 Where/).tap()
  await show(admin, 'desk', 'editor')
  await button(admin, 'Save').tap()
  await admin.getByText('All is saved.').waitFor()
}

async function writeQuestion(admin: Page, kind: string, text: string, options: string[]): Promise<void> {
  await admin.locator('label').filter({ hasText: kind }).tap()
  // longer than the slowest machine takes to look at it
  await admin.getByLabel('Time to answer').selectOption('240')
  await admin.getByLabel('Question', { exact: true }).fill(text)
  for (const [at, option] of options.entries()) {
    await admin.getByLabel(`Option ${'ABCD'[at]}`, { exact: true }).fill(option)
  }
}

/** Larger than an image may be: the page makes it smaller. */
async function drawRivers(page: Page): Promise<Buffer> {
  const url = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 2400, height: 1600 })
    const context = canvas.getContext('2d')
    context.fillStyle = '#86c06c'
    context.fillRect(0, 0, 2400, 1600)
    for (const [colour, width, from] of [['#2f6fd0', 160, 300], ['#5fa8e8', 110, 1800]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width })
      context.beginPath()
      context.moveTo(from, 0)
      context.bezierCurveTo(from, 900, 1200, 700, 1200, 1600)
      context.stroke()
    }
    return canvas.toDataURL('image/png')
  })()`)
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}

/** Starts an event from the list, as an admin; resolves with its links. */
export async function startFromList({ site }: Stage, admin: Page, title: string) {
  await admin.getByRole('listitem').filter({ hasText: title }).getByRole('button', { name: 'Start an event' }).tap()
  await show(admin, 'desk', 'admin-start')
  await button(admin, 'Start').tap()
  await button(admin, 'Close').waitFor()
  await show(admin, 'desk', 'admin-links')
  const [host, screen, join] = await admin
    .getByRole('link', { name: 'Open' })
    .evaluateAll((links) => links.map((link) => (link as unknown as { href: string }).href))
  assert.ok(host && screen && join)
  const code = join.slice(-6)
  assert.equal(join, `${site}/j/${code}`)
  return { host, screen, join, code }
}

/** The quiz that was written: comes after playsAWholeQuiz. */
export function tellsTheSecondEditor(stage: () => Stage): void {
  it('who saves second is told of the first, and loses nothing', async () => {
    const { browser, site, adminSecret } = stage()
    const editors: Page[] = []
    while (editors.length < 2) {
      const { page } = await browser.open(`${site}/admin`, phone)
      await page.getByLabel('Admin secret').fill(adminSecret)
      await button(page, 'Sign in').tap()
      const edit = button(page, 'Edit')
      await page
        .getByRole('listitem')
        .filter({ hasText: 'Two rivers', has: edit })
        .getByRole('button', { name: 'Edit' })
        .tap()
      await page.getByLabel('Title of the quiz').waitFor()
      editors.push(page)
    }
    const [first, second] = editors as [Page, Page]
    for (const [page, title] of [
      [first, 'Three rivers'],
      [second, 'Four rivers'],
    ] as const) {
      await page.getByLabel('Title of the quiz').fill(title)
      await button(page, 'Save').tap()
      if (page === first) await page.getByText('All is saved.').waitFor()
    }
    await second.getByText('Someone else saved this quiz (“Three rivers”').waitFor()
    assert.equal(await second.getByLabel('Title of the quiz').inputValue(), 'Four rivers')
    await show(second, 'desk', 'editor-changed')
    await button(second, 'Discard mine, take theirs').tap()
    await second.getByText('All is saved.').waitFor()
    await Promise.all(editors.map((page) => page.context().close()))
  })
}
