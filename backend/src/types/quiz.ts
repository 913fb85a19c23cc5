import * as v from 'valibot'
import { languages, pointValues, questionTypes } from './kinds.ts'

export type { Language, QuestionType } from './kinds.ts'

/**
 * A quiz as the editor writes it and an event freezes it. The frontend imports this file by its path; `valibot` is a
 * dependency of both packages in the same version, so neither compiler nor bundler needs an alias.
 */

/** Longest request body that carries a quiz, in bytes. */
export const maxQuizBytes = 250 * 1_024

/** How many questions, options, and characters of each text a quiz may have. */
export const most = { questions: 100, options: 6, title: 100, text: 280, option: 120, explanation: 300, alt: 200 }

/** One line of text with something in it. */
function line(length: number) {
  return v.pipe(v.string(), v.trim(), v.minLength(1, 'missing'), atMost(length))
}

function atMost(length: number) {
  return v.maxLength<string, number, string>(length, `longer than ${length} characters`)
}

const image = v.strictObject({
  /** SHA-256 of the bytes in hexadecimal: `GET /api/media/:id`. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'not an image of this system')),
  /** Says what the image shows, for those who cannot see it. */
  alt: line(most.alt),
})

export const questionSchema = v.pipe(
  v.strictObject({
    type: v.picklist(questionTypes),
    text: line(most.text),
    /** `boolean`: the two words for true and false, in this order. */
    options: v.pipe(
      v.array(line(most.option)),
      v.minLength(2, 'fewer than two options'),
      v.maxLength(most.options, `more than ${most.options} options`),
    ),
    /** Positions in `options`, rising. A poll has none. */
    right: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
    /** null: until the host closes it. */
    seconds: v.nullable(
      v.pipe(v.number(), v.integer(), v.minValue(5, 'less than 5 seconds'), v.maxValue(240, 'more than 240 seconds')),
    ),
    points: v.picklist(pointValues),
    /** Shown with the right answer; may be empty. */
    explanation: v.pipe(v.string(), v.trim(), atMost(most.explanation)),
    image: v.nullable(image),
  }),
  v.forward(
    v.check(
      ({ options, right }) => right.every((each, index) => each < options.length && each > (right[index - 1] ?? -1)),
      'a right option that is not there',
    ),
    ['right'],
  ),
  v.forward(
    v.check(({ type, right }) => type !== 'poll' || right.length === 0, 'a poll has no right option'),
    ['right'],
  ),
  v.forward(
    v.check(({ type, right }) => type !== 'multiple' || right.length > 0, 'no right option'),
    ['right'],
  ),
  v.forward(
    v.check(
      ({ type, right }) => (type !== 'single' && type !== 'boolean') || right.length === 1,
      'not exactly one right option',
    ),
    ['right'],
  ),
  v.forward(
    v.check(({ type, options }) => type !== 'boolean' || options.length === 2, 'not exactly two options'),
    ['options'],
  ),
)
export type Question = v.InferOutput<typeof questionSchema>

export const quizSchema = v.strictObject({
  title: line(most.title),
  language: v.picklist(languages),
  questions: v.pipe(
    v.array(questionSchema),
    v.minLength(1, 'no question'),
    v.maxLength(most.questions, `more than ${most.questions} questions`),
  ),
})
export type Quiz = v.InferOutput<typeof quizSchema>

/** What is chosen when an event is started, and holds until its end. */
export const settingsSchema = v.strictObject({
  /** From the host's click until all phones open the question. */
  getReadySeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 3),
  /** `auto`: as soon as a question is closed. `host`: on the host's command. */
  reveal: v.optional(v.picklist(['auto', 'host']), 'auto'),
  /** Fast answers get more points. */
  speed: v.optional(v.boolean(), true),
  /** Phones show text and options, not only letters. */
  questionsOnPhones: v.optional(v.boolean(), true),
  /** Who comes after the first question may still join. */
  lateJoining: v.optional(v.boolean(), true),
  /** Players do not choose their names. */
  generatedNames: v.optional(v.boolean(), false),
})
export type EventSettings = v.InferOutput<typeof settingsSchema>
