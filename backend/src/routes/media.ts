import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Authorization } from '../middleware/authorization.ts'
import { limitBody } from '../middleware/body.ts'
import { HttpError } from '../middleware/errors.ts'
import { maxImageBytes, type Media } from '../services/media.ts'

/** A year: an image's id is the hash of its bytes. */
const forever = 'public, max-age=31536000, immutable'

export function createMediaRoutes(media: Media, { requireAdmin }: Authorization) {
  return new Hono<{ Bindings: HttpBindings }>()
    .post('/api/media', requireAdmin, limitBody(maxImageBytes), async (c) => {
      const added = await media.add(new Uint8Array(await c.req.arrayBuffer()))
      if (!added) throw new HttpError(415, 'not_an_image', 'only JPEG, PNG and WebP are taken')
      return c.json(added, 201)
    })
    .get('/api/media/:id', async (c) => {
      const id = c.req.param('id')
      const image = /^[0-9a-f]{64}$/.test(id) ? await media.get(id) : undefined
      if (!image) throw new HttpError(404, 'no_such_image', 'there is no such image')
      return c.body(new Uint8Array(image.bytes), 200, {
        'content-type': image.type,
        'cache-control': forever,
        etag: `"${id}"`,
        // whatever the bytes are, a browser that opens them by themselves runs nothing
        'content-security-policy': "default-src 'none'; sandbox",
      })
    })
}
