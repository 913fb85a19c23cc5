// @vitest-environment node
import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { qrPath } from '../src/components/qr-code.tsx'

const text = 'https://d111111abcdef8.cloudfront.net/j/482913'

/** The modules that a path of unit-high rectangles covers. */
function painted(path: string, size: number): boolean[][] {
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    rows[Number(y)]?.fill(true, Number(x), Number(x) + Number(width))
  }
  return rows
}

test('the path paints exactly the modules of the code', () => {
  const { size, path } = qrPath(text)
  expect(painted(path, size)).toEqual(encode(text, { ecc: 'M', border: 4 }).data)
  expect(path.replaceAll(/M\d+ \d+h\d+v1h-\d+z/g, '')).toBe('')
})

test('four white modules surround the code', () => {
  const { size, path } = qrPath(text)
  const inner = painted(path, size).flatMap((row, y) => row.flatMap((dark, x) => (dark ? [x, y] : [])))
  expect([Math.min(...inner), Math.max(...inner)]).toEqual([4, size - 5])
})
