import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Checkout } from '../test/e2e/support/checkout.mts'
import { site } from './by-hand.mts'
import { timeInTurn, type Figure } from './figures.mts'

/** With the nine of the page and what Vite makes of it, about a thousand. */
const hashed = 900
const plain = 100

/**
 * Publishes a site of about a thousand files, with its build and its invalidation, against the documented two passes of
 * `aws s3`; the toolkit's side verifies every file through the CDN as well.
 * @param typed seconds of lines in a shell of the other local AWS
 */
export async function timePublishing(
  toolkit: Checkout,
  hand: Checkout,
  typed: (lines: string[]) => Promise<number>,
): Promise<Figure[]> {
  const both = (write: (directory: string) => void) =>
    [toolkit, hand].forEach(({ path }) => write(join(path, 'frontend/public')))
  const sides = {
    ours: async () => {
      const { exitCode, output, seconds } = await toolkit.run(['./deploy/frontend.mts', 'local'])
      if (exitCode !== 0) throw new Error(`deploy/frontend.mts ended with ${exitCode}:\n${output}`)
      return seconds
    },
    beside: () => typed(site),
  }
  both((directory) => writeFiles(directory, hashed, plain))
  const first = await timeInTurn('publish 1,000 files, the first time', 1.2, sides)
  both((directory) => writeFiles(directory, 5, 0, 'changed'))
  const changed = await timeInTurn('five changed', 1, sides)
  const unchanged = await timeInTurn('unchanged', 0.5, sides)
  return [first, changed, unchanged]
}

/** Files of 1 to 40 KB, of six types; a hashed one has its hash in its name, as a bundler makes it. */
function writeFiles(directory: string, hashedCount: number, plainCount: number, salt = ''): void {
  const types = ['js', 'css', 'svg', 'json', 'txt', 'woff2']
  for (let number = 0; number < hashedCount + plainCount; number++) {
    const body = `${salt}${number} `.repeat(200 + (number % 40) * 150)
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 8)
    const name = number < hashedCount ? `assets/many/file-${number}-${hash}` : `many/plain-${number}`
    const file = join(directory, `${name}.${types[number % types.length]}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, body)
  }
}
