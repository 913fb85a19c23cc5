import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { linksOf, quizClient, type StartedEvent } from '../../../backend/local/quiz-client.ts'
import type { Browser, Opened } from '../support/browser.mts'
import type { Checkout } from '../support/checkout.mts'

/** The deployed environment, and who looks at it. */
export interface Stage {
  copy: Checkout
  site: string
  adminSecret: string
  browser: Browser
  admin: ReturnType<typeof quizClient>
}

export const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
} satisfies BrowserContextOptions
export const projector = { viewport: { width: 1280, height: 720 } } satisfies BrowserContextOptions
export const german = { locale: 'de-DE' } satisfies BrowserContextOptions

export const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })

/** Reads the code off the QR code's address, types a name, and is in. */
export async function joinOnPhone(
  { browser, site }: Stage,
  code: string,
  name: string,
  visitor: BrowserContextOptions = phone,
): Promise<Opened> {
  const opened = await browser.open(`${site}/j/${code}`, visitor)
  await opened.page.getByRole('textbox').fill(name)
  await opened.page.locator('button[type=submit]').click()
  await opened.page.waitForURL(/\/play\//)
  await opened.page.getByText(name, { exact: true }).waitFor()
  return opened
}

/** The host's remote on a phone, and the projector. */
export async function openHall({ browser, site }: Stage, event: StartedEvent, visitor: BrowserContextOptions = {}) {
  const links = linksOf(site, event)
  const [host, screen] = await Promise.all([
    browser.open(links.host, { ...phone, ...visitor }),
    browser.open(links.screen, { ...projector, ...visitor }),
  ])
  return { host, screen }
}

/** Taps until the step is taken: right after a change of phase a tap does not count. */
export async function tapStep(host: Page, step: string): Promise<void> {
  await takeStep(host, step, (next) => next.tap({ timeout: 2_000 }))
}

/** The same with the space bar. */
export async function pressStep(host: Page, step: string): Promise<void> {
  await takeStep(host, step, () => host.keyboard.press('Space'))
}

async function takeStep(host: Page, step: string, take: (next: Locator) => Promise<void>): Promise<void> {
  const next = host.getByRole('button', { name: new RegExp(`^${step}`) }).first()
  await next.waitFor()
  while ((await next.count()) > 0) {
    // it may be gone by now
    await take(next).catch(() => {})
    await next.waitFor({ state: 'detached', timeout: 800 }).catch(() => {})
  }
}
