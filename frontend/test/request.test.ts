// @vitest-environment node
import { expect, test, vi } from 'vitest'
import { jsonOf, request } from '../src/lib/request.ts'

/** Answers every request with `response`, and notes the requests. */
function answer(response: Response) {
  const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.resolve(response))
  vi.stubGlobal('fetch', fetch)
  return () => {
    const [address, options] = fetch.mock.calls[0] ?? []
    return { address, method: options?.method, headers: new Headers(options?.headers), body: options?.body }
  }
}

/** A server that never answers. */
function keepSilent() {
  vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    signal.throwIfAborted()
  })
}

test('the secret travels in a header and not in the address', async () => {
  const sent = answer(Response.json([]))
  await request('/api/quizzes', { token: 'secret' })
  expect(sent().address).toBe('/api/quizzes')
  expect(sent().headers.get('authorization')).toBe('Bearer secret')
})

test('a body is sent as JSON, with the version that was seen', async () => {
  const sent = answer(Response.json({}))
  await request('/api/quizzes/q1', { token: 's', method: 'PUT', body: { title: 'Ü' }, ifMatch: '"3"', key: 'k' })
  expect(sent()).toMatchObject({ method: 'PUT', body: '{"title":"Ü"}' })
  expect(sent().headers.get('content-type')).toBe('application/json')
  expect(sent().headers.get('if-match')).toBe('"3"')
  expect(sent().headers.get('idempotency-key')).toBe('k')
})

test('an image is sent as its bytes', async () => {
  const sent = answer(Response.json({}))
  const image = new Blob(['bytes'], { type: 'image/webp' })
  await request('/api/media', { token: 's', method: 'POST', body: image })
  expect(sent().body).toBe(image)
  expect(sent().headers.get('content-type')).toBe('image/webp')
})

test('a refusal carries status, code and message', async () => {
  answer(Response.json({ error: { code: 'stale', message: 'someone else saved it' } }, { status: 412 }))
  await expect(request('/api/quizzes/q1', { token: 's' })).rejects.toMatchObject({
    status: 412,
    code: 'stale',
    message: 'someone else saved it',
  })
})

for (const body of ['<html>Bad gateway</html>', '', 'null', '{"error":{}}']) {
  test(`an answer of something in between says its status: ${body || 'empty'}`, async () => {
    answer(new Response(body, { status: 502 }))
    await expect(request('/api/quizzes', { token: 's' })).rejects.toMatchObject({
      status: 502,
      code: 'unknown',
      message: 'the server answered 502',
    })
  })
}

test('no network is not a refusal', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(request('/api/quizzes', { token: 's' })).rejects.toMatchObject({ status: 0, code: 'unreachable' })
})

test('an answer that breaks off is no answer', async () => {
  const body = new ReadableStream({
    pull: (stream) => stream.error(new DOMException('it took too long', 'TimeoutError')),
  })
  answer(new Response(body))
  await expect(request('/api/quizzes', { token: 's' })).rejects.toMatchObject({ status: 0, code: 'unreachable' })
})

test('an answer that is no JSON, such as a page of a network to sign in to, is refused', async () => {
  answer(new Response('<html>Sign in</html>'))
  const asked = request('/api/quizzes', { token: 's' }).then(jsonOf)
  await expect(asked).rejects.toMatchObject({ code: 'unknown', message: 'the answer is no JSON' })
})

test('a browser without AbortSignal.any and AbortSignal.timeout can ask, too', async () => {
  vi.stubGlobal('AbortSignal', {})
  answer(Response.json([]))
  const { signal } = new AbortController()
  expect(await (await request('/api/quizzes', { token: 's', signal })).text()).toBe('[]')
})

test('an answer that takes too long is given up', async () => {
  vi.useFakeTimers()
  keepSilent()
  const asked = request('/api/quizzes', { token: 's', withinMs: 5_000 })
  const refused = expect(asked).rejects.toMatchObject({ status: 0, code: 'unreachable' })
  await vi.advanceTimersByTimeAsync(5_000)
  await refused
  vi.useRealTimers()
})

test('a request that is given up on its way ends there', async () => {
  keepSilent()
  const leaving = new AbortController()
  const asked = request('/api/quizzes', { token: 's', signal: leaving.signal })
  leaving.abort()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
})

test('a request that was given up throws what it was given up with', async () => {
  vi.stubGlobal('fetch', (_: string, { signal }: RequestInit) => Promise.reject(signal?.reason as Error))
  const signal = AbortSignal.abort(new DOMException('the page was left', 'AbortError'))
  await expect(request('/api/quizzes', { token: 's', signal })).rejects.toMatchObject({ name: 'AbortError' })
})
