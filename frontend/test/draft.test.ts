// @vitest-environment node
import { describe, expect, test } from 'vitest'
import {
  type Draft,
  type DraftQuestion,
  draftOf,
  emptyQuestion,
  quizOf,
  withLanguage,
  withMoreOptions,
  withNewQuestion,
  withOption,
  withoutOption,
  withoutQuestion,
  withQuestion,
  withQuestionMoved,
  withRight,
  withType,
} from '../src/features/editor/draft.ts'
import { missingIn } from '../src/features/editor/missing.ts'

const lyon: DraftQuestion = {
  key: 'a',
  type: 'single',
  text: 'Where do the Rhône and the Saône meet?',
  options: ['Paris', 'Lyon', 'Marseille'],
  right: [1],
  seconds: 20,
  points: 1_000,
  explanation: '',
  image: null,
}
const quiz: Draft = {
  title: 'Rivers',
  language: 'en',
  questions: [lyon, { ...lyon, key: 'b' }, { ...lyon, key: 'c' }],
}
const order = (draft: Draft) => draft.questions.map(({ key }) => key).join('')
const one = (question: DraftQuestion): Draft => ({ ...quiz, questions: [question] })

describe('moving questions', () => {
  test('by a button or by drag', () => {
    expect(order(withQuestionMoved(quiz, 'a', 1))).toBe('bac')
    expect(order(withQuestionMoved(quiz, 'a', 2))).toBe('bca')
    expect(order(withQuestionMoved(quiz, 'c', 0))).toBe('cab')
  })

  test('beyond the ends it stays at the end', () => {
    expect(order(withQuestionMoved(quiz, 'a', -1))).toBe('abc')
    expect(order(withQuestionMoved(quiz, 'a', 9))).toBe('bca')
  })

  test('a question that is gone moves nothing', () => expect(withQuestionMoved(quiz, 'x', 0)).toBe(quiz))
})

describe('questions', () => {
  test('a new one comes after the one that is open, else at the end', () => {
    expect(order(withNewQuestion(quiz, { ...lyon, key: 'n' }, 'a'))).toBe('anbc')
    expect(order(withNewQuestion(quiz, { ...lyon, key: 'n' }))).toBe('abcn')
  })

  test('a hundred are enough', () => {
    const full = { ...quiz, questions: Array.from({ length: 100 }, (_, at) => ({ ...lyon, key: String(at) })) }
    expect(withNewQuestion(full, lyon)).toBe(full)
  })

  test('one is deleted, one is changed, the others stay', () => {
    expect(order(withoutQuestion(quiz, 'b'))).toBe('ac')
    const changed = withQuestion(quiz, { ...lyon, key: 'b', text: 'new' })
    expect(changed.questions.map(({ text }) => text)).toEqual([lyon.text, 'new', lyon.text])
  })

  test('what is stored has no keys and no blanks around texts', () => {
    const draft = one({ ...lyon, text: ' Where? ', options: [' Lyon', 'Paris '], image: { id: 'x', alt: ' A map ' } })
    expect(quizOf(draft).questions[0]).toEqual({
      type: 'single',
      text: 'Where?',
      options: ['Lyon', 'Paris'],
      right: [1],
      seconds: 20,
      points: 1_000,
      explanation: '',
      image: { id: 'x', alt: 'A map' },
    })
    expect(quizOf(draftOf(quizOf(quiz), () => 'k'))).toEqual(quizOf(quiz))
  })
})

describe('options', () => {
  test('deleting one moves the right ones along', () => {
    const multiple: DraftQuestion = { ...lyon, type: 'multiple', right: [0, 2] }
    expect(withoutOption(multiple, 1)).toMatchObject({ options: ['Paris', 'Marseille'], right: [0, 1] })
    expect(withoutOption(multiple, 0)).toMatchObject({ options: ['Lyon', 'Marseille'], right: [1] })
  })

  test('two stay, and six are enough', () => {
    const two = { ...lyon, options: ['a', 'b'] }
    const six = { ...lyon, options: ['a', 'b', 'c', 'd', 'e', 'f'] }
    expect(withoutOption(two, 0)).toBe(two)
    expect(withMoreOptions(six)).toBe(six)
    expect(withMoreOptions(two).options).toEqual(['a', 'b', ''])
  })

  test('one right option at most, several with multiple choice, none in a poll', () => {
    expect(withRight(lyon, 0).right).toEqual([0])
    const multiple: DraftQuestion = { ...lyon, type: 'multiple' }
    expect(withRight(multiple, 0).right).toEqual([0, 1])
    expect(withRight(multiple, 1).right).toEqual([])
    expect(withRight({ ...lyon, type: 'poll', right: [] }, 1).right).toEqual([])
  })
})

describe('another type', () => {
  test('true or false brings its two words, and loses them again', () => {
    const boolean = withType(lyon, 'boolean', 'de')
    expect(boolean).toMatchObject({ options: ['Richtig', 'Falsch'], right: [1] })
    const stored: DraftQuestion = { ...lyon, type: 'boolean', options: ['Richtig', 'Falsch'] }
    expect(withType(stored, 'single', 'de')).toMatchObject({ options: ['', '', '', ''], right: [1] })
  })

  test('going through all types by keyboard changes nothing', () => {
    const multiple: DraftQuestion = { ...lyon, type: 'multiple', right: [0, 2] }
    let question = multiple
    for (const type of ['boolean', 'poll', 'single', 'multiple'] as const) question = withType(question, type, 'en')
    expect(quizOf(one(question))).toEqual(quizOf(one(multiple)))
  })

  test('what is changed on the way is not taken back', () => {
    const poll = withoutOption(withType(lyon, 'poll', 'en'), 0)
    expect(withType(poll, 'single', 'en')).toMatchObject({ options: ['Lyon', 'Marseille'], right: [] })
    const boolean = withOption(withType(lyon, 'boolean', 'en'), 0, 'Yes')
    expect(withType(boolean, 'single', 'en')).toMatchObject({ options: ['Yes', 'False'], right: [1] })
  })

  test('from multiple to single choice only one stays right', () =>
    expect(withType({ ...lyon, type: 'multiple', right: [0, 2] }, 'single', 'en')).toMatchObject({
      options: lyon.options,
      right: [0],
    }))

  test('a poll forgets what was right, and keeps its options', () =>
    expect(withType(lyon, 'poll', 'en')).toMatchObject({ options: lyon.options, right: [] }))

  test("another language changes true and false, but not words of one's own", () => {
    const draft = {
      ...quiz,
      questions: [withType(lyon, 'boolean', 'en'), withOption(withType(lyon, 'boolean', 'en'), 0, 'Yes')],
    }
    expect(withLanguage(draft, 'de').questions.map(({ options }) => options)).toEqual([
      ['Richtig', 'Falsch'],
      ['Yes', 'False'],
    ])
  })
})

describe('what is missing', () => {
  test('nothing in a whole quiz', () => expect(missingIn(quiz)).toEqual([]))

  test('in an empty one: title and questions', () =>
    expect(missingIn({ title: ' ', language: 'en', questions: [] })).toEqual([
      { code: 'title' },
      { code: 'no_question' },
    ]))

  test('in an empty question: text, each option and the right one', () =>
    expect(missingIn(one(emptyQuestion('k', 'single', 'en')))).toEqual([
      { question: 'k', code: 'text' },
      ...[0, 1, 2, 3].map((option) => ({ question: 'k', code: 'option', option })),
      { question: 'k', code: 'right' },
    ]))

  test('each kind of question has its own rule for right ones', () => {
    for (const type of ['single', 'multiple', 'boolean'] as const) {
      const options = ['a', 'b']
      expect(missingIn(one({ ...lyon, type, options, right: [] }))).toEqual([{ question: 'a', code: 'right' }])
    }
    expect(missingIn(one({ ...lyon, type: 'poll', right: [] }))).toEqual([])
  })

  const long = (length: number) => 'x'.repeat(length)
  const cases: [code: string, change: Partial<DraftQuestion>][] = [
    ['text_too_long', { text: long(281) }],
    ['option_too_long', { options: ['a', long(121)], right: [0] }],
    ['explanation_too_long', { explanation: long(301) }],
    ['seconds', { seconds: 4 }],
    ['seconds', { seconds: 241 }],
    ['seconds', { seconds: Number.NaN }],
    ['image_alt', { image: { id: 'a'.repeat(64), alt: '' } }],
    ['image_alt_too_long', { image: { id: 'a'.repeat(64), alt: long(201) } }],
  ]
  for (const [code, change] of cases) {
    test(`${code}: ${JSON.stringify(change).slice(0, 40)}`, () =>
      expect(missingIn(one({ ...lyon, ...change }))).toMatchObject([{ question: 'a', code }]))
  }

  test('a title of 101 characters, a hundred and one questions', () => {
    expect(missingIn({ ...quiz, title: long(101) })).toEqual([{ code: 'title_too_long' }])
    const questions = Array.from({ length: 101 }, () => lyon)
    expect(missingIn({ ...quiz, questions })).toEqual([{ code: 'too_many_questions' }])
  })

  test('more than 250 KB', () => {
    const options = Array.from({ length: 6 }, () => 'ö'.repeat(120))
    const questions = Array.from({ length: 100 }, () => ({
      ...lyon,
      options,
      text: '漢'.repeat(280),
      explanation: '漢'.repeat(300),
    }))
    expect(missingIn({ ...quiz, questions })).toEqual([{ code: 'too_large' }])
  })
})
