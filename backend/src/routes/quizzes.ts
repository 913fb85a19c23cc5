import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Authorization } from '../middleware/authorization.ts'
import { limitBody, readBody } from '../middleware/body.ts'
import { HttpError } from '../middleware/errors.ts'
import { newIdOf } from '../middleware/ids.ts'
import type { Quizzes } from '../services/quizzes.ts'
import { maxQuizBytes, quizSchema } from '../types/quiz.ts'

/** The editor's side: quizzes with versions as ETags. */
export function createQuizRoutes(quizzes: Quizzes, { requireAdmin }: Authorization) {
  return new Hono<{ Bindings: HttpBindings }>()
    .use('/api/quizzes/*', requireAdmin)
    .get('/api/quizzes', async (c) => c.json(await quizzes.list()))
    .post('/api/quizzes', limitBody(maxQuizBytes), async (c) => {
      const id = newIdOf(c)
      const added = await quizzes.add(id, await readBody(c, quizSchema))
      if (!added) throw await refusal(id)
      return c.json(added, 201, { etag: etagOf(added.version) })
    })
    .get('/api/quizzes/:id', async (c) => {
      const found = await quizzes.get(c.req.param('id'))
      if (!found) throw noSuchQuiz()
      return c.json(found, 200, { etag: etagOf(found.version) })
    })
    .put('/api/quizzes/:id', limitBody(maxQuizBytes), async (c) => {
      const seen = seenVersion(c)
      const id = c.req.param('id')
      const changed = await quizzes.change(id, await readBody(c, quizSchema), seen)
      if (!changed) throw await refusal(id)
      return c.json(changed, 200, { etag: etagOf(changed.version) })
    })
    .delete('/api/quizzes/:id', async (c) => {
      const id = c.req.param('id')
      if (!(await quizzes.remove(id, seenVersion(c)))) throw await refusal(id)
      return c.body(null, 204)
    })
    .post('/api/quizzes/:id/copy', async (c) => {
      const copied = await quizzes.copy(c.req.param('id'), newIdOf(c))
      if (!copied) throw noSuchQuiz()
      return c.json(copied, 201, { etag: etagOf(copied.version) })
    })

  /** Why a change was not made. */
  async function refusal(id: string): Promise<HttpError> {
    const found = await quizzes.get(id)
    if (!found) return noSuchQuiz()
    return new HttpError(412, 'changed', 'someone else has changed this quiz: load it again', {
      headers: { etag: etagOf(found.version) },
    })
  }
}

function etagOf(version: number): string {
  return `"${version}"`
}

/** The version in If-Match; a cache on the way may have marked it as weak. */
function seenVersion(c: Context): number {
  const [, version] = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(c.req.header('if-match') ?? '') ?? []
  if (version === undefined) throw new HttpError(428, 'if_match_missing', 'send the ETag that you saw as If-Match')
  return Number(version)
}

function noSuchQuiz(): HttpError {
  return new HttpError(404, 'no_such_quiz', 'there is no such quiz')
}
