/** What the server takes: JPEG, PNG and WebP of at most this many bytes. */
const largestBytes = 300 * 1024
const longestSide = 1_600
/** A file that is larger than this is refused before it is opened: it could exhaust a phone's memory. */
const largestFileBytes = 40 * 1024 * 1024
/** From good to just acceptable on a projector. */
const qualities = [0.85, 0.75, 0.65, 0.5]

export interface Picture {
  width: number
  height: number
  /** Draws the picture in that size and encodes it. Whatever the file carried beside its pixels is gone. */
  encode: (width: number, height: number, quality: number) => Promise<Blob>
  close: () => void
}

export type ImageProblem = 'too_large' | 'not_an_image'

/** A picture that cannot be used, and why. */
export class ImageRefused extends Error {
  readonly problem: ImageProblem
  constructor(problem: ImageProblem, cause?: unknown) {
    super(problem, { cause })
    this.problem = problem
  }
}

/**
 * A picture file as at most 1,600 px wide and high, at most 300 KB, and without EXIF: what a camera writes there may say
 * where someone lives. Throws `ImageRefused` for what is no picture, such as an SVG.
 */
export async function shrinkImage(file: Blob, open: (file: Blob) => Promise<Picture> = openPicture): Promise<Blob> {
  if (file.size > largestFileBytes) throw new ImageRefused('too_large')
  const picture = await open(file).catch((error: unknown) => {
    throw new ImageRefused('not_an_image', error)
  })
  try {
    for (let limit = longestSide; limit >= 200; limit = Math.round(limit * 0.75)) {
      const { width, height } = fitted(picture, limit)
      for (const quality of qualities) {
        const encoded = await picture.encode(width, height, quality)
        if (encoded.size <= largestBytes) return encoded
      }
    }
  } finally {
    picture.close()
  }
  throw new ImageRefused('too_large')
}

/** The size with the same proportions whose longer side is at most `limit`; never larger than it was. */
export function fitted({ width, height }: { width: number; height: number }, limit: number) {
  const scale = Math.min(1, limit / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

async function openPicture(file: Blob): Promise<Picture> {
  // turned the right way up by what EXIF says, for that is dropped
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  return {
    width: bitmap.width,
    height: bitmap.height,
    encode: async (width, height, quality) => {
      const canvas = document.createElement('canvas')
      canvas.width = width
      canvas.height = height
      const context = canvas.getContext('2d')
      if (!context) throw new Error('this browser has no canvas')
      context.imageSmoothingQuality = 'high'
      context.drawImage(bitmap, 0, 0, width, height)
      const webp = await encodeAs(canvas, 'image/webp', quality)
      if (webp.type === 'image/webp') return webp
      // Safari writes no WebP and answers with a PNG: https://caniuse.com/mdn-api_htmlcanvaselement_toblob_type_parameter_webp
      context.globalCompositeOperation = 'destination-over'
      context.fillStyle = '#fff'
      context.fillRect(0, 0, width, height)
      return encodeAs(canvas, 'image/jpeg', quality)
    },
    close: () => bitmap.close(),
  }
}

function encodeAs(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(`cannot write ${type}`))), type, quality)
  })
}
