import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'

export interface Browser {
  /** A new page that notes whatever would turn the console red: errors, failed requests, uncaught exceptions. */
  open(url: string): Promise<{ page: Page; complaints: string[] }>
  close(): Promise<void>
}

/** Headless Chromium with a fresh profile; on Debian as root it is installed if it is missing. */
export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'live-quiz-chromium-'))
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
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

function chromiumPath(): string {
  const found = () =>
    ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
  const path = found()
  if (path !== undefined) return path
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    throw new Error('there is no Chromium here; install it (Debian: apt-get install chromium) and run the tests again')
  }
  console.error('installing chromium with apt-get (the page is looked at in a real browser)')
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  apt('update')
  apt('install', '--yes', '--no-install-recommends', 'chromium')
  return found() ?? '/usr/bin/chromium'
}
