import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openTable } from '../src/db/client.ts'
import { logRepository } from '../src/db/repositories/log.ts'
import type { LogRecord } from '../src/types/records.ts'
import { adminSecret, client, dynamoDb, table, task } from './backend.ts'
import { quiz } from './game.ts'

interface Started {
  id: string
  hostToken: string
}

/** An event whose log has these records after its first one, and its host. */
async function played(t: TestContext, records: LogRecord[]) {
  await dynamoDb(t)
  const { http } = await task(t)
  const ask = client(http, adminSecret)
  const { body: added } = await ask<{ id: string }>('POST /api/quizzes', quiz)
  const { body: event } = await ask<Started>('POST /api/events', { quiz: added.id })
  const log = logRepository(openTable('us-east-1', table).rest)
  const item = { number: 2, format: 1, by: 'task', nonce: 'nonce', at: Date.now(), records }
  assert.deepEqual(await log.append(event.id, item, Math.ceil(Date.now() / 1_000) + 60), { outcome: 'written' })
  const host = client(http, event.hostToken)
  return {
    http,
    event,
    get: <Body = string>(path: string) => host<Body>(`GET /api/events/${event.id}${path}`),
  }
}

/** Ann is right and fast, =1+1 is wrong, Cleo was removed, Dan is late. */
const game: LogRecord[] = [
  {
    kind: 'joined',
    players: [
      [1, 'Ann', 'a'],
      [2, '=1+1', 'b'],
      [3, 'Cleo', 'c'],
      [4, 'Dän, jr', 'd'],
    ],
  },
  { kind: 'asked', question: 0, opensAt: 1_000, closesAt: 21_000 },
  {
    kind: 'answered',
    question: 0,
    answers: [
      [1, 0b010, 400],
      [2, 0b001, 2_000],
      [3, 0b010, 300],
    ],
  },
  { kind: 'closed' },
  { kind: 'late', question: 0, answers: [[4, 0b010, 23_000]] },
  { kind: 'revealed' },
  { kind: 'removed', player: 3 },
  { kind: 'board' },
  { kind: 'asked', question: 2, opensAt: 30_000, closesAt: 35_000 },
  { kind: 'answered', question: 2, answers: [[4, 0b01, 1_500]] },
]

const lines = (text: string) => text.split('\r\n')

test('players.csv has rank, points and right answers of everyone who was not removed', async (t) => {
  const { get } = await played(t, game)
  const { status, headers, body } = await get('/results/players.csv')
  assert.deepEqual(
    [status, headers.get('content-type'), headers.get('content-disposition'), headers.get('cache-control')],
    [200, 'text/csv; charset=utf-8', 'attachment; filename="players.csv"', 'no-store'],
  )
  assert.deepEqual(lines(body), [
    'rank,player,name,score,right,answered,seconds',
    '1,1,Ann,1000,1,1,0.4',
    "2,2,'=1+1,0,0,1,2",
    '2,4,"Dän, jr",0,0,0,',
    '',
  ])
})

test('the CSVs begin with the mark of UTF-8', async (t) => {
  const { http, event } = await played(t, game)
  for (const report of ['players', 'answers', 'questions']) {
    const answer = await fetch(`${http}/api/events/${event.id}/results/${report}.csv`, {
      headers: { authorization: `Bearer ${event.hostToken}` },
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    assert.deepEqual(bytes.subarray(0, 3), Buffer.from([0xef, 0xbb, 0xbf]))
  }
})

test('answers.csv has every answer, the late ones too', async (t) => {
  const { get } = await played(t, game)
  assert.deepEqual(lines((await get('/results/answers.csv')).body), [
    'player,name,question,text,choice,right,milliseconds,points,status',
    '1,Ann,1,Which city lies on the Rhône?,B,yes,400,1000,saved',
    "2,'=1+1,1,Which city lies on the Rhône?,A,no,2000,0,saved",
    '4,"Dän, jr",1,Which city lies on the Rhône?,B,yes,23000,0,late',
    '4,"Dän, jr",3,How are you?,A,,1500,0,saved',
    '',
  ])
})

test('questions.csv has the share of each option', async (t) => {
  const { get } = await played(t, game)
  const [columns, first, second, end] = lines((await get('/results/questions.csv')).body)
  assert.match(columns ?? '', /^question,text,type,status,answered,right share,A,A right,A chosen,A share,B,/)
  assert.equal(
    first,
    '1,Which city lies on the Rhône?,single,revealed,2,0.5,Paris,no,1,0.5,Lyon,yes,1,0.5,Lille,no,0,0,,,,,,,,,,,,',
  )
  assert.match(second ?? '', /^3,How are you\?,poll,open,1,,Well,no,1,1,So so,no,0,0,/)
  assert.equal(end, '')
  const cells = (columns ?? '').split(',').length
  assert.deepEqual([first?.split(',').length, second?.split(',').length], [cells, cells])
})

test('names are left out on request', async (t) => {
  const { get } = await played(t, game)
  const players = lines((await get('/results/players.csv?names=no')).body)
  assert.deepEqual(players.slice(0, 2), ['rank,player,score,right,answered,seconds', '1,1,1000,1,1,0.4'])
  const answers = lines((await get('/results/answers.csv?names=no')).body)
  assert.equal(answers[1], '1,1,Which city lies on the Rhône?,B,yes,400,1000,saved')
  assert.doesNotMatch([...players, ...answers].join(), /Ann|Dän|1\+1/)
})

test('the host finds players by a part of the name in any case', async (t) => {
  const { get } = await played(t, game)
  assert.deepEqual((await get<unknown>('/players?search=DÄN')).body, {
    players: [{ player: 4, name: 'Dän, jr', standing: 'in', score: 0, rank: 2 }],
    next: null,
  })
  assert.deepEqual((await get<unknown>('/players?search=cleo')).body, {
    players: [{ player: 3, name: 'Cleo', standing: 'removed', score: 1_000, rank: null }],
    next: null,
  })
  assert.deepEqual((await get<unknown>('/players?search=%F0%9F%98%80')).body, { players: [], next: null })
})

test('players come in pages of 50', async (t) => {
  const players = Array.from({ length: 120 }, (_, index): [number, string, string] => [
    index + 1,
    `P${index}`,
    `${index}`,
  ])
  const { get } = await played(t, [{ kind: 'joined', players }])
  const numbers: number[] = []
  let after: number | null = 0
  while (after !== null) {
    const { body }: { body: { players: { player: number }[]; next: number | null } } = await get(
      `/players?after=${after}`,
    )
    assert.ok(body.players.length <= 50)
    numbers.push(...body.players.map(({ player }) => player))
    after = body.next
  }
  assert.deepEqual(
    numbers,
    players.map(([no]) => no),
  )
})

test('a log that a newer release wrote gets 503, and says so', async (t) => {
  const { get } = await played(t, [{ kind: 'telepathy' } as unknown as LogRecord])
  const { status, body } = await get<unknown>('/results/players.csv')
  assert.deepEqual(
    [status, body],
    [503, { error: { code: 'not_understood', message: 'a newer release wrote this event' } }],
  )
})

for (const path of ['/players', '/results/players.csv', '/results/answers.csv', '/results/questions.csv']) {
  test(`${path} is for the host of the event and the admin`, async (t) => {
    const { http, event } = await played(t, game)
    const statuses = await Promise.all(
      [undefined, 'wrong', adminSecret].map(
        async (secret) => (await client(http, secret)(`GET /api/events/${event.id}${path}`)).status,
      ),
    )
    assert.deepEqual(statuses, [401, 401, 200])
    assert.equal((await client(http, adminSecret)(`GET /api/events/none${path}`)).status, 404)
  })
}
