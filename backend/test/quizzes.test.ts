import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createToken } from '../src/services/tokens.ts'
import { adminSecret, client, dynamoDb, task } from './backend.ts'
import { question, quiz } from './quiz-fixtures.ts'

interface Entry {
  id: string
  version: number
}

/** An admin at a task. */
async function admin(t: TestContext) {
  await dynamoDb(t)
  return client((await task(t)).http, adminSecret)
}

test('a quiz is stored as it was sent, at version 1', async (t) => {
  const ask = await admin(t)
  const added = await ask<Entry>('POST /api/quizzes', quiz())
  assert.deepEqual([added.status, added.body.version, added.headers.get('etag')], [201, 1, '"1"'])
  const found = await ask<{ quiz: unknown }>(`GET /api/quizzes/${added.body.id}`)
  assert.deepEqual([found.status, found.headers.get('etag'), found.body.quiz], [200, '"1"', quiz()])
})

test('a quiz or a copy whose answer was lost is sent again, and not stored twice', async (t) => {
  const ask = await admin(t)
  const [id, copy] = [createToken(), createToken()]
  const add = () => ask<Entry>('POST /api/quizzes', quiz(), { 'idempotency-key': id })
  const added = await add()
  assert.deepEqual([added.status, added.body.id], [201, id])
  const again = await add()
  assert.deepEqual([again.status, again.headers.get('etag')], [412, '"1"'])
  for (const _ of ['lost', 'again']) {
    const copied = await ask<Entry>(`POST /api/quizzes/${id}/copy`, undefined, { 'idempotency-key': copy })
    assert.deepEqual([copied.status, copied.body.id], [201, copy])
  }
  const { body } = await ask<Entry[]>('GET /api/quizzes')
  assert.deepEqual(new Set(body.map((entry) => entry.id)), new Set([id, copy]))
  assert.equal(body.length, 2)
})

test('an Idempotency-Key that can be no id gets 400', async (t) => {
  const ask = await admin(t)
  assert.equal((await ask('POST /api/quizzes', quiz(), { 'idempotency-key': 'QUIZ#1' })).status, 400)
  assert.deepEqual((await ask('GET /api/quizzes')).body, [])
})

test('the list has title and number of questions of each quiz, not the questions', async (t) => {
  const ask = await admin(t)
  await ask('POST /api/quizzes', quiz({ title: 'Rivers', questions: [question(), question()] }))
  const { body } = await ask<Record<string, unknown>[]>('GET /api/quizzes')
  assert.deepEqual(
    body.map(({ title, questions, version }) => ({ title, questions, version })),
    [{ title: 'Rivers', questions: 2, version: 1 }],
  )
})

test('of two editors who saw the same version the second gets 412, and changes nothing', async (t) => {
  const ask = await admin(t)
  const { id } = (await ask<Entry>('POST /api/quizzes', quiz())).body
  const change = (title: string) => ask(`PUT /api/quizzes/${id}`, quiz({ title }), { 'if-match': '"1"' })
  const first = await change('First')
  assert.deepEqual([first.status, first.headers.get('etag')], [200, '"2"'])
  const second = await change('Second')
  assert.deepEqual([second.status, second.headers.get('etag')], [412, '"2"'])
  assert.equal((await ask<{ title: string }>(`GET /api/quizzes/${id}`)).body.title, 'First')
})

test('a change without If-Match gets 428, and one of a quiz that is gone 404', async (t) => {
  const ask = await admin(t)
  const { id } = (await ask<Entry>('POST /api/quizzes', quiz())).body
  assert.equal((await ask(`PUT /api/quizzes/${id}`, quiz())).status, 428)
  assert.equal((await ask(`PUT /api/quizzes/${id}`, quiz(), { 'if-match': '"0"' })).status, 428)
  assert.equal((await ask('PUT /api/quizzes/none', quiz(), { 'if-match': '"1"' })).status, 404)
})

test('an ETag that a cache marked as weak is understood', async (t) => {
  const ask = await admin(t)
  const { id } = (await ask<Entry>('POST /api/quizzes', quiz())).body
  assert.equal((await ask(`PUT /api/quizzes/${id}`, quiz(), { 'if-match': 'W/"1"' })).status, 200)
})

test('a quiz is deleted at the version that was seen only', async (t) => {
  const ask = await admin(t)
  const { id } = (await ask<Entry>('POST /api/quizzes', quiz())).body
  await ask(`PUT /api/quizzes/${id}`, quiz(), { 'if-match': '"1"' })
  assert.equal((await ask(`DELETE /api/quizzes/${id}`, undefined, { 'if-match': '"1"' })).status, 412)
  assert.equal((await ask(`DELETE /api/quizzes/${id}`, undefined, { 'if-match': '"2"' })).status, 204)
  assert.equal((await ask(`GET /api/quizzes/${id}`)).status, 404)
  assert.equal((await ask(`DELETE /api/quizzes/${id}`, undefined, { 'if-match': '"2"' })).status, 404)
})

for (const [language, title] of [
  ['en', 'Cities (copy)'],
  ['de', 'Cities (Kopie)'],
] as const) {
  test(`a copy of a quiz in ${language} is ${title}`, async (t) => {
    const ask = await admin(t)
    const { id } = (await ask<Entry>('POST /api/quizzes', quiz({ language }))).body
    const copied = await ask<Entry>(`POST /api/quizzes/${id}/copy`)
    assert.deepEqual([copied.status, copied.body.version], [201, 1])
    const { body } = await ask<{ quiz: unknown }>(`GET /api/quizzes/${copied.body.id}`)
    assert.deepEqual(body.quiz, quiz({ language, title }))
  })
}

test('the copy of a quiz with a long title has whole characters, and can be stored again', async (t) => {
  const ask = await admin(t)
  // 97 of 100 characters, and the mark takes seven: the last one is five for a computer
  const { id } = (await ask<Entry>('POST /api/quizzes', quiz({ title: `${'x'.repeat(92)}👩‍🚀` }))).body
  const copied = (await ask<Entry>(`POST /api/quizzes/${id}/copy`)).body
  const { body } = await ask<{ quiz: { title: string } }>(`GET /api/quizzes/${copied.id}`)
  assert.equal(body.quiz.title, `${'x'.repeat(92)} (copy)`)
  assert.equal((await ask(`PUT /api/quizzes/${copied.id}`, body.quiz, { 'if-match': '"1"' })).status, 200)
})

test('a copy of a quiz that is not there gets 404', async (t) => {
  assert.equal((await (await admin(t))('POST /api/quizzes/none/copy')).status, 404)
})

for (const [what, sent, problem] of [
  ['no right option', quiz({ questions: [question({ right: [] })] }), /^questions\.0\.right: /],
  ['101 questions', quiz({ questions: Array.from({ length: 101 }, () => question()) }), /^questions: /],
  ['seven options', quiz({ questions: [question({ options: 'abcdefg'.split('') })] }), /^questions\.0\.options: /],
  ['a text of 281 characters', quiz({ questions: [question({ text: 'x'.repeat(281) })] }), /^questions\.0\.text: /],
  ['4 seconds', quiz({ questions: [question({ seconds: 4 })] }), /^questions\.0\.seconds: /],
  ['a field too many', { ...quiz(), owner: 'me' }, /^owner: /],
  [
    'an image by address',
    quiz({ questions: [question({ image: { id: 'https://e.x/a.png', alt: 'a' } })] }),
    /\.image\.id: /,
  ],
  ['no object', 3, /^the body: /],
] as const) {
  test(`a quiz with ${what} gets 422, and is not stored`, async (t) => {
    const ask = await admin(t)
    const { status, body } = await ask<{ error: { message: string } }>('POST /api/quizzes', sent)
    assert.equal(status, 422)
    assert.match(body.error.message, problem)
    assert.deepEqual((await ask('GET /api/quizzes')).body, [])
  })
}

test('a body that is not JSON gets 400', async (t) => {
  const ask = await admin(t)
  assert.equal((await ask('POST /api/quizzes', Buffer.from('{'))).status, 400)
})

test('HTML in a text is stored as text', async (t) => {
  const ask = await admin(t)
  const markup = quiz({ title: '<b>&amp;', questions: [question({ text: '<script>alert(1)</script>' })] })
  const { id } = (await ask<Entry>('POST /api/quizzes', markup)).body
  const found = await ask<{ quiz: unknown }>(`GET /api/quizzes/${id}`)
  assert.deepEqual(found.body.quiz, markup)
  assert.match(found.headers.get('content-type') ?? '', /^application\/json/)
})

test('more than 250 KB get 413, with and without a length', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const long = 'x'.repeat(250 * 1_024 + 1)
  assert.equal((await client(http, adminSecret)('POST /api/quizzes', Buffer.from(long))).status, 413)
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let start = 0; start < long.length; start += 10_000) {
        controller.enqueue(Buffer.from(long.slice(start, start + 10_000)))
      }
      controller.close()
    },
  })
  const { status } = await fetch(`${http}/api/quizzes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminSecret}` },
    body: pieces,
    duplex: 'half',
  })
  assert.equal(status, 413)
})

test('a quiz in pieces without a length is read whole', async (t) => {
  const text = JSON.stringify(quiz())
  await dynamoDb(t)
  const { http } = await task(t)
  const { status } = await fetch(`${http}/api/quizzes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminSecret}` },
    body: new Blob([text.slice(0, 50), text.slice(50)]).stream(),
    duplex: 'half',
  })
  assert.equal(status, 201)
})

test('quizzes are answered 503 while DynamoDB is out', async (t) => {
  const database = await dynamoDb(t)
  const { http } = await task(t)
  await database.close()
  const { status, body } = await client(http, adminSecret)('GET /api/quizzes')
  assert.deepEqual([status, body], [503, { error: { code: 'unavailable', message: 'the database does not answer' } }])
})
