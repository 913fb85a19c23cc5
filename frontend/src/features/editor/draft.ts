import { type Language, most, type Question, type QuestionType, type Quiz } from '../../../../backend/src/types/quiz.ts'

type Choices = Pick<Question, 'options' | 'right'>

/** A question while it is written: anything may still be empty. `key` stays the same when it is moved. */
export interface DraftQuestion extends Question {
  key: string
  /** The options as they were written, and what the type made of them when it was chosen. */
  written?: Choices & { shown: Choices }
}

export interface Draft extends Omit<Quiz, 'questions'> {
  questions: DraftQuestion[]
}

const minOptions = 2

/** `newKey` gives each question a name of its own within this page. */
export function draftOf(quiz: Quiz, newKey: () => string): Draft {
  return { ...quiz, questions: quiz.questions.map((question) => ({ ...question, key: newKey() })) }
}

/** As it is stored: text without blanks around it, so that what looks equal is equal. */
export function quizOf({ title, language, questions }: Draft): Quiz {
  return {
    title: title.trim(),
    language,
    questions: questions.map(({ key: _key, written: _written, ...question }) => ({
      ...question,
      text: question.text.trim(),
      options: question.options.map((option) => option.trim()),
      explanation: question.explanation.trim(),
      image: question.image && { ...question.image, alt: question.image.alt.trim() },
    })),
  }
}

const truth = { en: ['True', 'False'], de: ['Richtig', 'Falsch'] } satisfies Record<Language, string[]>

export function emptyQuestion(key: string, type: QuestionType, language: Language): DraftQuestion {
  const options = type === 'boolean' ? [...truth[language]] : ['', '', '', '']
  return { key, type, text: '', options, right: [], seconds: 20, points: 1_000, explanation: '', image: null }
}

/**
 * Another type shows as much as makes sense there. The rest comes back with the next type: by keyboard, the way to a
 * type leads through the others.
 */
export function withType(question: DraftQuestion, type: QuestionType, language: Language): DraftQuestion {
  const written = writtenIn(question)
  const options = type === 'boolean' ? [...truth[language]] : written.options
  const shown = { options, right: rightFor(type, written.right) }
  return { ...question, type, ...shown, written: { ...written, shown } }
}

/** The options that were written last, also where the type of the question does not show them. */
function writtenIn({ type, options, right, written }: DraftQuestion): Choices {
  const here = { options, right }
  if (type === 'boolean' && isTruth(options)) return written ?? { options: ['', '', '', ''], right }
  return written && written.shown.options === options && written.shown.right === right ? written : here
}

function rightFor(type: QuestionType, right: number[]): number[] {
  if (type === 'poll') return []
  if (type === 'multiple') return right
  return right.filter((at) => type === 'single' || at < 2).slice(0, 1)
}

function isTruth(options: string[]): boolean {
  return Object.values(truth).some((words) => words.join() === options.join())
}

/** Says that an option is right; of several kinds of question only one may be. Multiple choice: or takes that back. */
export function withRight(question: DraftQuestion, option: number): DraftQuestion {
  if (question.type === 'poll') return question
  if (question.type !== 'multiple') return { ...question, right: [option] }
  const right = question.right.includes(option)
    ? question.right.filter((each) => each !== option)
    : [...question.right, option].toSorted((one, other) => one - other)
  return { ...question, right }
}

export function withOption(question: DraftQuestion, at: number, text: string): DraftQuestion {
  return { ...question, options: question.options.with(at, text) }
}

export function withMoreOptions(question: DraftQuestion): DraftQuestion {
  if (question.options.length >= most.options) return question
  return { ...question, options: [...question.options, ''] }
}

export function withoutOption(question: DraftQuestion, at: number): DraftQuestion {
  if (question.options.length <= minOptions) return question
  const right = question.right.filter((each) => each !== at).map((each) => (each > at ? each - 1 : each))
  return { ...question, options: question.options.toSpliced(at, 1), right }
}

export function withQuestion(draft: Draft, question: DraftQuestion): Draft {
  return { ...draft, questions: draft.questions.map((each) => (each.key === question.key ? question : each)) }
}

/** Puts a question after the one with that key, or at the end. */
export function withNewQuestion(draft: Draft, question: DraftQuestion, after?: string): Draft {
  if (draft.questions.length >= most.questions) return draft
  const at = draft.questions.findIndex(({ key }) => key === after)
  return { ...draft, questions: draft.questions.toSpliced(at === -1 ? draft.questions.length : at + 1, 0, question) }
}

export function withoutQuestion(draft: Draft, key: string): Draft {
  return { ...draft, questions: draft.questions.filter((each) => each.key !== key) }
}

/** Puts a question at another place, from 0; a place beyond the ends is the first or the last. */
export function withQuestionMoved(draft: Draft, key: string, to: number): Draft {
  const question = draft.questions.find((each) => each.key === key)
  if (!question) return draft
  const others = draft.questions.filter((each) => each !== question)
  return { ...draft, questions: others.toSpliced(Math.max(0, to), 0, question) }
}

/** Where true and false are still the words that were given, they change with the language. */
export function withLanguage(draft: Draft, language: Language): Draft {
  const questions = draft.questions.map((question) =>
    question.type === 'boolean' && isTruth(question.options)
      ? { ...question, options: [...truth[language]] }
      : question,
  )
  return { ...draft, language, questions }
}
