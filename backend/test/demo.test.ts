import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playEvent } from '../local/demo/play.ts'
import { linksOf, quizClient } from '../local/quiz-client.ts'
import { sampleQuiz } from '../local/sample-quiz.ts'
import { adminSecret, dynamoDb, task } from './backend.ts'

/** The second and the third question, at once. */
const short = { ...sampleQuiz, questions: sampleQuiz.questions.slice(1, 3) }
const pace = { reading: 50, slowestTap: 400 }
const never = new AbortController().signal

test('simulated players on two tasks play the sample quiz, and every tap is saved and counted', async (t) => {
  await dynamoDb(t)
  const [one, other] = [await task(t), await task(t)]
  const client = quizClient(one.http, adminSecret)
  const event = await client.startEvent(short, { getReadySeconds: 1 })
  const said: string[] = []
  const way = { url: one.ws }
  const played = await playEvent(way, event, 5, (text) => said.push(text), never, pace)
  assert.deepEqual(played, { joined: 5, tapped: 10, saved: 10, late: 0, refused: 0, lost: 0 })
  assert.equal(await quizClient(other.http, adminSecret).countAnswers(event), 10)
  assert.deepEqual(said.slice(0, 2), ['5 players have joined', 'question 1 of 2 is asked'])
  assert.equal(said.at(-1), 'the event has ended, with 5 players')
})

test('pages of a task that stops enter on another one first, and lose nothing', async (t) => {
  await dynamoDb(t)
  const [one, other] = [await task(t), await task(t)]
  const event = await quizClient(other.http, adminSecret).startEvent(short, { getReadySeconds: 1 })
  let stopped: Promise<void> | undefined
  const way = { url: () => (stopped ? other.ws : one.ws) }
  const say = (text: string) => {
    if (text === 'question 1 of 2 is asked') stopped = one.stop(10_000)
  }
  const played = await playEvent(way, event, 5, say, never, pace)
  await stopped
  assert.deepEqual(played, { joined: 5, tapped: 10, saved: 10, late: 0, refused: 0, lost: 0 })
})

test('an interruption ends the play', async (t) => {
  await dynamoDb(t)
  const { http, ws } = await task(t)
  const event = await quizClient(http, adminSecret).startEvent(short, { getReadySeconds: 1 })
  const interrupt = new AbortController()
  const playing = playEvent({ url: ws }, event, 2, () => interrupt.abort(new Error('Ctrl-C')), interrupt.signal, pace)
  await assert.rejects(playing, /Ctrl-C/)
})

test('a system that is not there is named', async () => {
  const { startEvent } = quizClient(
    'http://127.0.0.1:9',
    'secret',
    async () => new Response('<p>\r\n  nothing\u001b</p>\n', { status: 502 }),
  )
  await assert.rejects(startEvent(short), /POST \/api\/quizzes answers 502: <p> nothing <\/p>$/)
})

test('tokens stand behind a #, which no server is sent', () => {
  const event = { id: 'e', title: 'Cities', code: '012345', hostToken: 'h', screenToken: 's' }
  assert.deepEqual(linksOf('https://quiz.example', event), {
    join: 'https://quiz.example/j/012345',
    host: 'https://quiz.example/host/e#h',
    screen: 'https://quiz.example/screen/e#s',
  })
})
