import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import type { Page } from 'playwright-core'
import { violationsOn } from '../support/accessible.mts'

/** Where the pictures of the last run are: ignored by git, and made again by each run. */
export const galleryDirectory = join(import.meta.dirname, '..', 'screens')

const frames = {
  phone: [
    { width: 320, height: 640 },
    { width: 390, height: 844 },
  ],
  projector: [
    { width: 3840, height: 2160 },
    { width: 1280, height: 720 },
  ],
  desk: [
    { width: 390, height: 844 },
    { width: 1280, height: 800 },
  ],
}

export type Frame = keyof typeof frames

/** What is wrong with the pages that were shown: one run finds all of it. */
const problems: string[] = []

export function emptyGallery(): void {
  rmSync(galleryDirectory, { recursive: true, force: true })
  mkdirSync(galleryDirectory, { recursive: true })
}

/**
 * Keeps a picture of the page as it is, in light and dark and in every size of its frame, and notes what axe finds and what
 * does not fit. The page keeps the last of its sizes.
 */
export async function show(page: Page, frame: Frame, name: string): Promise<void> {
  await page.locator('main').waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    // what moves in has another contrast while it does
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const size of frames[frame]) {
      await page.setViewportSize(size)
      await lookForMisfits(page, frame, `${name} at ${size.width}`)
      const path = join(galleryDirectory, `${name}-${size.width}-${colorScheme}.png`)
      await page.screenshot({ path, fullPage: frame !== 'projector' })
    }
    for (const violation of await violationsOn(page)) problems.push(`${name}, ${colorScheme}: ${violation}`)
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
}

/** Nobody scrolls a phone sideways, nor a projector at all. */
async function lookForMisfits(page: Page, frame: Frame, what: string): Promise<void> {
  const [width, ...cut] = await page.evaluate<[number, ...string[]]>(`(() => {
    const isCut = (box) => box.scrollHeight > box.clientHeight + 1 && !getComputedStyle(box).maskImage.includes('gradient')
    const all = [...document.querySelectorAll('main, main :not(.sr-only)')]
    const boxes = all.filter((box) => getComputedStyle(box).overflowY === 'hidden')
    const texts = boxes.filter((box) => isCut(box) && box.textContent).map((box) => box.outerHTML.slice(0, 200))
    return [document.documentElement.scrollWidth, ...texts]
  })()`)
  if (width > (page.viewportSize()?.width ?? 0)) problems.push(`${what} is ${width} wide`)
  if (frame === 'projector') problems.push(...cut.map((box) => `${what} is cut: ${box}`))
}

/** Comes after all that shows something. */
export function isFitToBeSeen(): void {
  it('axe finds nothing on any page, and everything fits', () => {
    assert.deepEqual(problems, [])
  })
}
