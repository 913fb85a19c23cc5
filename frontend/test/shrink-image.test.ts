import { expect, test, vi } from 'vitest'
import { fitted, type Picture, shrinkImage } from '../src/features/editor/shrink-image.ts'

const file = new Blob(['bytes of a camera'])
const kb = 1024

/** A picture that needs `bytesPerPixel` at full quality, and notes what was asked of it. */
function picture(width: number, height: number, bytesPerPixel: number) {
  const asked: [width: number, height: number, quality: number][] = []
  const close = vi.fn<() => void>()
  const encode = (w: number, h: number, quality: number) => {
    asked.push([w, h, quality])
    return Promise.resolve({ size: Math.round(w * h * bytesPerPixel * quality) } as Blob)
  }
  const open = (): Promise<Picture> => Promise.resolve({ width, height, encode, close })
  return { open, asked, close }
}

test('a photo is drawn with its longer side at 1,600 px', async () => {
  const { open, asked } = picture(4000, 3000, 0.1)
  await shrinkImage(file, open)
  expect(asked).toEqual([[1600, 1200, 0.85]])
})

test('a small picture keeps its size', () =>
  expect(fitted({ width: 320, height: 200 }, 1600)).toEqual({ width: 320, height: 200 }))

test('a line one pixel high stays one pixel high', () =>
  expect(fitted({ width: 16_000, height: 1 }, 1600)).toEqual({ width: 1600, height: 1 }))

test('quality goes before size until it is at most 300 KB', async () => {
  const { open, asked } = picture(1600, 1200, 0.35)
  const shrunk = await shrinkImage(file, open)
  expect(shrunk.size).toBeLessThanOrEqual(300 * kb)
  expect(asked.at(-1)).toEqual([1200, 900, 0.75])
})

test('noise that cannot be made small is refused, and the picture closed', async () => {
  const { open, close } = picture(4000, 4000, 100)
  await expect(shrinkImage(file, open)).rejects.toMatchObject({ problem: 'too_large' })
  expect(close).toHaveBeenCalledOnce()
})

test('what the browser cannot open is no picture', async () => {
  const open = () => Promise.reject(new DOMException('The source image could not be decoded.', 'InvalidStateError'))
  await expect(shrinkImage(new Blob(['<svg/>']), open)).rejects.toMatchObject({ problem: 'not_an_image' })
})

test('a file of more than 40 MB is not opened', async () => {
  const open = vi.fn<() => Promise<Picture>>()
  await expect(shrinkImage({ size: 41 * kb * kb } as Blob, open)).rejects.toMatchObject({ problem: 'too_large' })
  expect(open).not.toHaveBeenCalled()
})
