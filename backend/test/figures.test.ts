import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFigures } from '../src/services/figures.ts'
import { createLog } from '../src/services/log.ts'

test('every 10 seconds one line says how the task does, and what it counted starts again', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const lines: string[] = []
  const figures = createFigures(createLog('info', (line) => lines.push(line)))
  t.after(() => figures.stop())
  const reading = { sockets: 3, drain: 'serving', throttles: 0, events: 1, unwritten: 2, conflicts: 4, tailLag: 90 }
  figures.start(() => reading)
  for (let each = 1; each <= 100; each += 1) figures.acknowledged(each, each > 98 ? 'late' : 'saved')
  t.mock.timers.tick(10_000)
  t.mock.timers.tick(10_000)
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.equal(first?.['message'], 'figures')
  assert.deepEqual({ ...first, ...reading }, first)
  assert.deepEqual(
    ['answers', 'ackP50', 'ackP99', 'late'].map((key) => [first?.[key], second?.[key]]),
    [
      [100, 0],
      [51, null],
      [100, null],
      [2, 0],
    ],
  )
  assert.ok(Number(first?.['residentMb']) > 10)
})
