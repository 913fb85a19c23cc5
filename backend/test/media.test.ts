import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { adminSecret, client, dynamoDb, task } from './backend.ts'

/** One pixel each. */
const images = {
  'image/png': Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
  'image/webp': Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64'),
  'image/jpeg': Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01]),
} as const

interface Added {
  id: string
  type: string
}

async function admin(t: TestContext) {
  await dynamoDb(t)
  const { http } = await task(t)
  return { http, upload: (bytes: Uint8Array, type = 'image/png') => send(http, bytes, type) }
}
function send(http: string, bytes: Uint8Array, type: string) {
  return client(http, adminSecret)<Added>('POST /api/media', bytes, { 'content-type': type })
}

for (const [type, bytes] of Object.entries(images)) {
  test(`${type} is named by its bytes, and comes back as it was sent, for ever`, async (t) => {
    const { http, upload } = await admin(t)
    const { status, body } = await upload(bytes, 'application/octet-stream')
    const id = createHash('sha256').update(bytes).digest('hex')
    assert.deepEqual([status, body], [201, { id, type }])
    const found = await fetch(`${http}/api/media/${id}`)
    assert.deepEqual(Buffer.from(await found.arrayBuffer()), bytes)
    const { headers } = found
    assert.deepEqual(
      ['content-type', 'cache-control', 'etag', 'x-content-type-options'].map((name) => headers.get(name)),
      [type, 'public, max-age=31536000, immutable', `"${id}"`, 'nosniff'],
    )
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox")
  })
}

test('the same image twice is one image', async (t) => {
  const { upload } = await admin(t)
  const bytes = images['image/png']
  assert.deepEqual((await upload(bytes)).body, (await upload(bytes)).body)
})

for (const [what, text] of [
  ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['a script named .png', '#!/bin/sh\nrm -rf /'],
  ['a GIF', 'GIF89a\x01\x00'],
  ['a sound in the container of WebP', 'RIFF\x24\x00\x00\x00WAVEfmt '],
  ['nothing', ''],
] as const) {
  test(`${what} is no image`, async (t) => {
    const { upload } = await admin(t)
    const { status, body } = await upload(Buffer.from(text, 'latin1'), 'image/png')
    assert.deepEqual(
      [status, body],
      [415, { error: { code: 'not_an_image', message: 'only JPEG, PNG and WebP are taken' } }],
    )
  })
}

test('300 KB are stored, and one byte more gets 413', async (t) => {
  const { http, upload } = await admin(t)
  const largest = Buffer.concat([images['image/png'], Buffer.alloc(300 * 1_024 - images['image/png'].length, 7)])
  const { id } = (await upload(largest)).body
  assert.deepEqual(Buffer.from(await (await fetch(`${http}/api/media/${id}`)).arrayBuffer()), largest)
  assert.equal((await upload(Buffer.concat([largest, Buffer.alloc(1)]))).status, 413)
})

test('5 MB get 413, and the task serves the next request', async (t) => {
  const { http, upload } = await admin(t)
  assert.equal((await upload(Buffer.alloc(5_000_000))).status, 413)
  assert.equal((await fetch(`${http}/health`)).status, 200)
})

test('an image that is not there gets 404, which no cache keeps', async (t) => {
  const { http } = await admin(t)
  for (const id of ['0'.repeat(64), 'a.png', '%2e%2e']) {
    const response = await fetch(`${http}/api/media/${id}`)
    assert.deepEqual([response.status, response.headers.get('cache-control')], [404, 'no-store'])
  }
})

test('only the admin uploads', async (t) => {
  const { http } = await admin(t)
  assert.equal((await client(http)('POST /api/media', images['image/png'])).status, 401)
})
