import { Readable } from 'node:stream'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Authorization } from '../middleware/authorization.ts'
import { reports, type Results } from '../services/results.ts'
import { noSuchEvent } from './events.ts'

/** Longer than any name. */
const longestSearch = 100

/** What the host gets of an event beside its link: who takes part, and the reports. */
export function createResultRoutes(results: Results, { requireHost }: Authorization) {
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.get('/api/events/:id/players', requireHost, async (c) => {
    const search = (c.req.query('search') ?? '').slice(0, longestSearch)
    const after = Number(/^\d{1,9}$/.exec(c.req.query('after') ?? '')?.[0] ?? 0)
    const found = await results.players(c.req.param('id'), search, after)
    if (!found) throw noSuchEvent()
    return c.json(found)
  })

  for (const report of reports) {
    app.get(`/api/events/:id/results/${report}.csv`, requireHost, async (c) => {
      const pieces = await results.report(c.req.param('id'), report, c.req.query('names') !== 'no')
      if (!pieces) throw noSuchEvent()
      const bytes = Readable.toWeb(Readable.from(pieces).map((text: string) => Buffer.from(text)))
      return c.body(bytes as ReadableStream, 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${report}.csv"`,
      })
    })
  }
  return app
}
