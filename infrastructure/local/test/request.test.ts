import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { peekBody, readRequest } from '../gateway/request.ts'

/** A form of that length, of which nothing has arrived yet. Reading it a hundred times fails. */
function form(length: number) {
  let reads = 0
  const stream = new Readable({ read() {} })
  const read = stream.read.bind(stream)
  stream.read = (size) => {
    if (++reads > 100) throw new Error('it asks again and again, and lets nothing arrive')
    return read(size)
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(length) }
  return Object.assign(stream, { headers, method: 'POST', url: '/' }) as unknown as Readable & IncomingMessage
}

test('a body that arrives in parts is seen whole, and can still be read', async () => {
  const parts = ['a', 'b', 'c'].map((letter) => letter.repeat(20_000))
  const request = form(60_000)
  const seen = peekBody(request)
  for (const part of parts) {
    request.push(part)
    await turn()
  }
  assert.equal(await seen, parts.join(''))
  request.push(null)
  assert.equal((await readRequest(request)).body.toString(), parts.join(''))
})

test('a body that breaks off is seen as none', async () => {
  const request = form(60_000)
  const seen = peekBody(request)
  request.push('a')
  await turn()
  request.destroy()
  assert.equal(await seen, '')
})
