import { existsSync } from 'node:fs'
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { canInstall, installPackages } from '../../../infrastructure/local/testing.ts'
import { Failure } from '../../../lib/script/failure.mts'

export interface Browser {
  /** A new page of a visitor who was never here before, or of one who has other pages open. */
  open(url: string, visitor?: BrowserContextOptions | Opened): Promise<Opened>
  close(): Promise<void>
}

export interface Opened {
  page: Page
  /** Whatever would turn the console red (errors, failed requests, uncaught exceptions), and whom else the page asked. */
  complaints: string[]
}

/** Headless Chromium; on Debian as root it is installed if it is missing. */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: await provideChromium(),
    // the sandbox refuses to run as root, which is what a container or CI machine is
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    open: async (url, visitor = {}) => {
      const context: BrowserContext =
        'page' in visitor ? visitor.page.context() : await browser.newContext({ locale: 'en-GB', ...visitor })
      const page = await context.newPage()
      const complaints = noteComplaints(page, new URL(url).host)
      await load(async () => {
        // of a load that was broken off, what was still under way
        complaints.length = 0
        await page.goto(url)
      })
      return { page, complaints }
    },
    close: () => browser.close(),
  }
}

/** Loads a page, and again where the browser broke that off: a network of this machine came or went, with a container of another suite. */
export async function load(go: () => Promise<unknown>): Promise<void> {
  try {
    await go()
  } catch (error) {
    if (!(error as Error).message.includes('ERR_NETWORK_CHANGED')) throw error
    await go()
  }
}

function noteComplaints(page: Page, site: string): string[] {
  const complaints: string[] = []
  const note = (complaint: string) => {
    // a container of another suite came or went, and with it a network of this machine: no fault of the page, which loads again
    if (!complaint.includes('ERR_NETWORK_CHANGED')) complaints.push(complaint)
  }
  const noteElsewhere = (url: string) => {
    if (!/^(data|blob):/.test(url) && new URL(url).host !== site) note(`asked elsewhere: ${url}`)
  }
  page.on('console', (message) => message.type() === 'error' && note(message.text()))
  page.on('pageerror', (error) => note(String(error)))
  page.on('requestfailed', (request) => note(`${request.url()} ${request.failure()?.errorText}`))
  page.on('request', (request) => noteElsewhere(request.url()))
  page.on('websocket', (socket) => noteElsewhere(socket.url()))
  return complaints
}

/** Path of the browser; installs it where that is possible and it is missing. */
export async function provideChromium(): Promise<string> {
  if (!found() && canInstall())
    await installPackages(['chromium', 'fonts-noto-color-emoji'], 'the page is looked at in a real browser')
  const path = found()
  if (path === undefined) throw new Failure('there is no Chromium here', 'install it, and run the tests again')
  return path
}

function found(): string | undefined {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
}
