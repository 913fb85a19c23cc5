import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { canInstall, installPackages } from '../../../infrastructure/local/testing.ts'
import { Failure } from '../../../lib/script/failure.mts'

export interface Browser {
  /** A new page that notes whatever would turn the console red: errors, failed requests, uncaught exceptions. */
  open(url: string): Promise<{ page: Page; complaints: string[] }>
  close(): Promise<void>
}

/** Headless Chromium with a fresh profile; on Debian as root it is installed if it is missing. */
export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'live-quiz-chromium-'))
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: await chromiumPath(),
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
    open: async (url) => {
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`))
      await page.goto(url)
      return { page, complaints }
    },
    close: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

async function chromiumPath(): Promise<string> {
  if (!found() && canInstall()) await installPackages(['chromium'], 'the page is looked at in a real browser')
  const path = found()
  if (path === undefined) throw new Failure('there is no Chromium here', 'install it, and run the tests again')
  return path
}

function found(): string | undefined {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
}
