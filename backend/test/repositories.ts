import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../src/db/client.ts'
import { codeRepository } from '../src/db/repositories/codes.ts'
import { eventRepository, type QuizEvent } from '../src/db/repositories/events.ts'
import { imageRepository } from '../src/db/repositories/images.ts'
import { type LogItem, logRepository } from '../src/db/repositories/log.ts'
import { quizRepository } from '../src/db/repositories/quizzes.ts'
import { type Seen, seenRepository } from '../src/db/repositories/seen.ts'
import type { Quiz } from '../src/types/quiz.ts'
import type { LogRecord } from '../src/types/records.ts'

const inAnHour = Math.ceil(Date.now() / 1_000) + 3_600
const justNow = Math.floor(Date.now() / 1_000) - 1

function logItem(number: number, name = `player ${number}`): LogItem {
  const records: LogRecord[] = [{ kind: 'joined', players: [[number, name, 'hash']] }]
  return { number, format: 1, by: 'task', nonce: `nonce-${number}`, at: 1_764_000_000_000 + number, records }
}

function quizEvent(id: string, fields: Partial<QuizEvent> = {}): QuizEvent {
  return {
    id,
    title: `Event ${id}`,
    language: 'en',
    generatedNames: false,
    code: '123456',
    hostHash: 'host',
    screenHash: 'screen',
    createdAt: 1_764_000_000_000,
    players: 0,
    liveUntil: 0,
    expiresAt: inAnHour,
    ...fields,
  }
}

/** What every DynamoDB must show of the repositories; each test has ids of its own, so they share one table. */
export function describeRepositories(table: () => Table): void {
  describe('the log', () => {
    it('takes one item at each number, and reads them in order', async () => {
      const log = logRepository(table())
      for (const number of [1, 2, 10]) {
        const item = logItem(number)
        assert.deepEqual(await log.append('order', item, inAnHour), { outcome: 'written' })
      }
      assert.deepEqual(await log.append('order', logItem(2, 'other'), inAnHour), { outcome: 'taken' })
      assert.deepEqual(await log.read('order', 0), [], 'numbers 3 to 9 are missing')
      for (const number of [3, 4, 5, 6, 7, 8, 9]) await log.append('order', logItem(number), inAnHour)
      assert.deepEqual(
        await log.read('order', 0),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => logItem(number)),
      )
      assert.deepEqual(await log.read('order', 8), [logItem(9), logItem(10)])
      assert.deepEqual(await log.read('order', 10), [])
      assert.deepEqual(await log.read('another', 0), [])
    })

    it('gives the place to one of many who want it at the same time', async () => {
      const log = logRepository(table())
      const tries = Array.from({ length: 20 }, (_, writer) =>
        log.append('race', logItem(1, `writer ${writer}`), inAnHour),
      )
      const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome)
      assert.deepEqual(outcomes.toSorted(), [...Array.from({ length: 19 }, () => 'taken'), 'written'])
      assert.deepEqual(await log.read('race', 0), [logItem(1, `writer ${outcomes.indexOf('written')}`)])
    })

    it('is read over several pages', async () => {
      const log = logRepository(table())
      const long = 'x'.repeat(300_000)
      for (const number of [1, 2, 3, 4, 5]) await log.append('long', logItem(number, long), inAnHour)
      assert.deepEqual(
        await log.read('long', 0),
        [1, 2, 3, 4, 5].map((number) => logItem(number, long)),
      )
    })

    it('is gone when an item of it has expired', async () => {
      const log = logRepository(table())
      await log.append('expired', logItem(1), justNow)
      await log.append('expired', logItem(2), inAnHour)
      assert.deepEqual(await log.read('expired', 0), [])
    })

    it('is kept longer when asked to', async () => {
      const log = logRepository(table())
      for (const number of [1, 2, 3, 4, 5, 6]) await log.append('kept', logItem(number), justNow)
      await log.keepUntil('kept', inAnHour)
      // a task that is behind
      await log.keepUntil('kept', justNow)
      assert.equal((await log.read('kept', 0)).length, 6)
    })

    it('leaves nothing when it is removed', async () => {
      const log = logRepository(table())
      for (let number = 1; number <= 60; number += 1) await log.append('erased', logItem(number), inAnHour)
      await log.append('neighbour', logItem(1), inAnHour)
      await log.remove('erased')
      await log.keepUntil('erased', inAnHour)
      assert.deepEqual(await log.append('erased', logItem(1), inAnHour), { outcome: 'written' }, 'the place is free')
      assert.equal((await log.read('neighbour', 0)).length, 1)
    })
  })

  describe('codes', () => {
    it('lead to one event until they expire', async () => {
      const codes = codeRepository(table())
      assert.equal(await codes.take('111111', 'one', inAnHour), true)
      assert.equal(await codes.take('111111', 'other', inAnHour), false)
      assert.equal(await codes.find('111111'), 'one')
      await codes.remove('111111')
      assert.equal(await codes.find('111111'), undefined)
    })

    it('are free again when they have expired', async () => {
      const codes = codeRepository(table())
      await codes.take('222222', 'one', justNow)
      assert.equal(await codes.find('222222'), undefined)
      assert.equal(await codes.take('222222', 'other', inAnHour), true)
      assert.equal(await codes.find('222222'), 'other')
    })
  })

  describe('events', () => {
    it('are kept longer with their codes when asked to, and never shorter', async () => {
      const [codes, events] = [codeRepository(table()), eventRepository(table())]
      await codes.take('444444', 'longer', justNow)
      await events.create(quizEvent('longer', { expiresAt: justNow }))
      for (const until of [inAnHour, justNow]) {
        await codes.keepUntil('444444', 'longer', until)
        await events.keepUntil('longer', until)
      }
      assert.equal(await codes.find('444444'), 'longer')
      assert.equal((await events.get('longer'))?.expiresAt, inAnHour)
    })

    it('and codes that were erased, or lead elsewhere by now, are not kept', async () => {
      const [codes, events] = [codeRepository(table()), eventRepository(table())]
      await codes.keepUntil('555555', 'erased', inAnHour)
      await events.keepUntil('erased', inAnHour)
      assert.deepEqual([await codes.find('555555'), await events.get('erased')], [undefined, undefined])
      await codes.take('555555', 'other', justNow)
      await codes.keepUntil('555555', 'erased', inAnHour)
      assert.equal(await codes.find('555555'), undefined)
    })

    it('are created once, and read whole', async () => {
      const events = eventRepository(table())
      assert.equal(await events.create(quizEvent('one')), true)
      assert.equal(await events.create(quizEvent('one', { title: 'Other' })), false)
      assert.deepEqual(await events.get('one'), quizEvent('one'))
      assert.equal(await events.get('none'), undefined)
    })

    it('are gone when they have expired', async () => {
      const events = eventRepository(table())
      await events.create(quizEvent('old', { expiresAt: justNow, liveUntil: Date.now() + 60_000 }))
      assert.equal(await events.get('old'), undefined)
      assert.ok(!(await events.list()).some(({ id }) => id === 'old'))
      assert.ok(!(await events.listLive()).some(({ id }) => id === 'old'))
    })

    it('are listed with the newest first', async () => {
      const events = eventRepository(table())
      await events.create(quizEvent('later', { createdAt: 1_764_000_000_002 }))
      await events.create(quizEvent('latest', { createdAt: 1_764_000_000_003 }))
      await events.create(quizEvent('early', { createdAt: 1_764_000_000_001 }))
      const ids = (await events.list()).map(({ id }) => id).filter((id) => /^(later|latest|early)$/.test(id))
      assert.deepEqual(ids, ['latest', 'later', 'early'])
    })

    it('are live while their lease runs and they have not ended', async () => {
      const events = eventRepository(table())
      const now = Date.now()
      const isLive = async () => (await events.listLive(now)).find(({ id }) => id === 'live')
      await events.create(quizEvent('live'))
      assert.equal(await isLive(), undefined)
      assert.equal(await events.renewLease('live', { players: 3, liveUntil: now + 1, startedAt: 5 }), true)
      assert.deepEqual(await isLive(), quizEvent('live', { players: 3, liveUntil: now + 1, startedAt: 5 }))
      await events.renewLease('live', { players: 4, liveUntil: now + 2, startedAt: 6 })
      assert.equal((await isLive())?.startedAt, 5, 'started once')
      await events.renewLease('live', { players: 4, liveUntil: now })
      assert.equal(await isLive(), undefined)
      await events.renewLease('live', { players: 4, liveUntil: now + 1 })
      assert.equal(await events.end('live', { endedAt: now, players: 4, expiresAt: inAnHour + 1 }), true)
      assert.equal(await isLive(), undefined)
      assert.equal((await events.get('live'))?.expiresAt, inAnHour + 1)
    })

    it('have new links when asked', async () => {
      const events = eventRepository(table())
      await events.create(quizEvent('links'))
      assert.equal(await events.changeLinks('links', { hostHash: 'new host', screenHash: 'new screen' }), true)
      assert.deepEqual(
        await events.get('links'),
        quizEvent('links', { hostHash: 'new host', screenHash: 'new screen' }),
      )
    })

    it('are not put back by a late lease once they are removed', async () => {
      const events = eventRepository(table())
      await events.create(quizEvent('removed'))
      await events.remove('removed')
      assert.equal(await events.renewLease('removed', { players: 1, liveUntil: Date.now() + 60_000 }), false)
      assert.equal(await events.end('removed', { endedAt: 1, players: 1, expiresAt: inAnHour }), false)
      assert.equal(await events.get('removed'), undefined)
    })
  })

  describe('quizzes', () => {
    const quiz: Quiz = {
      title: 'Capitals',
      language: 'en',
      questions: [
        {
          type: 'single',
          text: 'France?',
          options: ['Paris', 'Lyon'],
          right: [0],
          seconds: 20,
          points: 1_000,
          explanation: '',
          image: null,
        },
      ],
    }

    it('are changed only by who saw the last version', async () => {
      const quizzes = quizRepository<Quiz>(table())
      assert.equal((await quizzes.put('changed', quiz, 0))?.version, 1)
      assert.equal(await quizzes.put('changed', quiz, 0), undefined)
      const entry = await quizzes.put('changed', { ...quiz, title: 'Rivers' }, 1)
      assert.equal(await quizzes.put('changed', quiz, 1), undefined)
      assert.deepEqual(await quizzes.get('changed'), { ...entry, quiz: { ...quiz, title: 'Rivers' } })
      assert.equal(await quizzes.remove('changed', 1), false)
      assert.equal(await quizzes.remove('changed', 2), true)
      assert.equal(await quizzes.remove('changed', 2), false)
      assert.equal(await quizzes.get('changed'), undefined)
      assert.equal(await quizzes.put('changed', quiz, 2), undefined, 'deleted meanwhile')
    })

    it('are listed without their questions, the last changed first', async () => {
      const quizzes = quizRepository<Quiz>(table())
      const first = await quizzes.put('first', quiz, 0, 1_764_000_000_001)
      const second = await quizzes.put('second', quiz, 0, 1_764_000_000_002)
      const listed = (await quizzes.list()).filter(({ id }) => id === 'first' || id === 'second')
      assert.deepEqual(listed, [second, first])
    })
  })

  it('an image keeps its bytes', async () => {
    const images = imageRepository(table())
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251)
    await images.put('hash', { bytes, type: 'image/webp' })
    await images.put('hash', { bytes: new Uint8Array([1]), type: 'image/png' })
    const image = await images.get('hash')
    assert.equal(image?.type, 'image/webp')
    assert.deepEqual(Buffer.from(image.bytes), Buffer.from(bytes))
    assert.equal(await images.get('none'), undefined)
  })

  it('what each task has seen is listed until it expires, is taken back or is erased', async () => {
    const seen = seenRepository(table())
    const row = (task: string): Seen => ({
      task,
      connected: 3,
      unanswered: 1,
      hosts: 1,
      screens: 0,
      version: 7,
      release: 'r1',
      draining: false,
      at: 1_764_000_000_000,
    })
    await seen.put('event', row('a'), inAnHour)
    await seen.put('event', row('b'), inAnHour)
    await seen.put('event', row('c'), justNow)
    await seen.put('event', { ...row('b'), connected: 4 }, inAnHour)
    assert.deepEqual(await seen.list('event'), [row('a'), { ...row('b'), connected: 4 }])
    await seen.remove('event', 'a', row('a').at - 1)
    assert.equal((await seen.list('event')).length, 2, 'the row was written after what is taken back')
    for (const task of ['a', 'a']) await seen.remove('event', task, row('a').at)
    assert.deepEqual(await seen.list('event'), [{ ...row('b'), connected: 4 }])
    await seen.removeAll('event')
    assert.deepEqual(await seen.list('event'), [])
  })

  it('an item without expiresAt is kept', async () => {
    const { name, client } = table()
    await client.send(new PutCommand({ TableName: name, Item: { pk: 'CODE#333333', sk: 'CODE', event: 'one' } }))
    assert.equal(await codeRepository(table()).find('333333'), 'one')
  })
}
