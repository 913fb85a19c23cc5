import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { questionTypes } from '../src/types/kinds.ts'
import { questionSchema, quizSchema, settingsSchema } from '../src/types/quiz.ts'
import { question, quiz } from './arbitraries.ts'

/** The first problem and where it is. */
function problem(schema: v.GenericSchema, value: unknown): string | undefined {
  const { issues } = v.safeParse(schema, value)
  return issues?.[0] && `${v.getDotPath(issues[0])}: ${issues[0].message}`
}

const lyon = {
  type: 'single',
  text: 'Which city lies on the Rhône?',
  options: ['Paris', 'Lyon', 'Lille'],
  right: [1],
  seconds: 20,
  points: 1_000,
  explanation: '',
  image: null,
}

test('every quiz within the limits is accepted as it is', () => {
  fc.assert(fc.property(quiz, (each) => assert.equal(JSON.stringify(v.parse(quizSchema, each)), JSON.stringify(each))))
})

test('a question says how many options are right, by its type', () => {
  fc.assert(
    fc.property(question, fc.constantFrom(...questionTypes), (each, type) => {
      const accepted = v.is(questionSchema, { ...each, type })
      const right = each.right.length
      const wanted = {
        single: right === 1,
        boolean: right === 1 && each.options.length === 2,
        multiple: right > 0,
        poll: right === 0,
      }
      assert.equal(accepted, wanted[type])
    }),
  )
})

for (const [change, wanted] of [
  [{ right: [] }, 'right: not exactly one right option'],
  [{ right: [3] }, 'right: a right option that is not there'],
  [{ type: 'multiple', right: [1, 0] }, 'right: a right option that is not there'],
  [{ type: 'multiple', right: [1, 1] }, 'right: a right option that is not there'],
  [{ text: ' ' }, 'text: missing'],
  [{ text: 'x'.repeat(281) }, 'text: longer than 280 characters'],
  [{ options: ['one'], right: [0] }, 'options: fewer than two options'],
  [{ options: ['1', '2', '3', '4', '5', '6', '7'] }, 'options: more than 6 options'],
  [{ options: ['1', 'x'.repeat(121)] }, 'options.1: longer than 120 characters'],
  [{ seconds: 4 }, 'seconds: less than 5 seconds'],
  [{ seconds: 241 }, 'seconds: more than 240 seconds'],
  [{ explanation: 'x'.repeat(301) }, 'explanation: longer than 300 characters'],
  [{ image: { id: '../../etc', alt: 'x' } }, 'image.id: not an image of this system'],
] as const) {
  test(`${JSON.stringify(change).slice(0, 60)} is refused`, () => {
    assert.equal(problem(questionSchema, { ...lyon, ...change }), wanted)
  })
}

test('a quiz has from 1 to 100 questions', () => {
  const of = (count: number) => ({
    title: 'Cities',
    language: 'en',
    questions: Array.from({ length: count }, () => lyon),
  })
  assert.equal(problem(quizSchema, of(100)), undefined)
  assert.equal(problem(quizSchema, of(101)), 'questions: more than 100 questions')
  assert.equal(problem(quizSchema, of(0)), 'questions: no question')
})

test('HTML in a text is kept as text', () => {
  assert.equal(v.parse(questionSchema, { ...lyon, text: '<script>' }).text, '<script>')
})

test('an event without settings has the defaults', () => {
  assert.deepEqual(v.parse(settingsSchema, {}), {
    getReadySeconds: 3,
    reveal: 'auto',
    speed: true,
    questionsOnPhones: true,
    lateJoining: true,
    generatedNames: false,
  })
})
