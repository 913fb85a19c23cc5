import * as v from 'valibot'
import { maxQuizBytes, quizSchema } from '../../../../backend/src/types/quiz.ts'
import { type Draft, quizOf } from './draft.ts'

/** What keeps a quiz from being saved; the page has the words for it. */
export type MissingCode =
  | 'title'
  | 'title_too_long'
  | 'no_question'
  | 'too_many_questions'
  | 'too_large'
  | 'text'
  | 'text_too_long'
  | 'option'
  | 'option_too_long'
  | 'options'
  | 'right'
  | 'seconds'
  | 'explanation_too_long'
  | 'image_alt'
  | 'image_alt_too_long'
  | 'other'

export interface Missing {
  code: MissingCode
  /** Key of the question; undefined: of the quiz as a whole. */
  question?: string
  /** Position of the option. */
  option?: number
}

/** All that is missing, in the order of the page. The server's own schema decides, so nothing is found only by saving. */
export function missingIn(draft: Draft): Missing[] {
  const quiz = quizOf(draft)
  const { issues = [] } = v.safeParse(quizSchema, quiz)
  const missing = issues.map((issue) => missingOf(issue, draft))
  if (new TextEncoder().encode(JSON.stringify(quiz)).length > maxQuizBytes) missing.push({ code: 'too_large' })
  return missing
}

function missingOf(issue: v.BaseIssue<unknown>, draft: Draft): Missing {
  const [root, index, field, inner] = issue.path?.map(({ key }) => key) ?? []
  const tooLong = issue.type === 'max_length'
  if (root === 'title') return { code: tooLong ? 'title_too_long' : 'title' }
  const question = typeof index === 'number' ? draft.questions[index] : undefined
  if (root !== 'questions') return { code: 'other' }
  if (!question) return { code: tooLong ? 'too_many_questions' : 'no_question' }
  const of = { question: question.key }
  if (field === 'text') return { ...of, code: tooLong ? 'text_too_long' : 'text' }
  if (field === 'options' && typeof inner === 'number')
    return { ...of, code: tooLong ? 'option_too_long' : 'option', option: inner }
  if (field === 'options') return { ...of, code: 'options' }
  if (field === 'right') return { ...of, code: 'right' }
  if (field === 'seconds') return { ...of, code: 'seconds' }
  if (field === 'explanation') return { ...of, code: 'explanation_too_long' }
  if (field === 'image') return { ...of, code: tooLong ? 'image_alt_too_long' : 'image_alt' }
  return { ...of, code: 'other' }
}
