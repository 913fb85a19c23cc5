import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string
  nodes: { html: string }[]
}

/** Fails with what axe finds on the page as it is, in light and in dark. */
export async function requireAccessible(page: Page, what: string): Promise<void> {
  await page.locator('main').waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    // what moves in has another contrast while it does
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(axe)
    const violations = (await page.evaluate('axe.run(document).then(({ violations }) => violations)')) as Violation[]
    const found = violations.map(
      ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    )
    assert.deepEqual(found, [], `${what}, ${colorScheme}`)
  }
}
