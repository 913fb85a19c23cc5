import type { Question, Quiz } from '../src/types/quiz.ts'

/** A question with every field, changed where a test says so. */
export function question(changes: Partial<Question> = {}): Question {
  return {
    type: 'single',
    text: 'Which city has the oldest underground?',
    options: ['London', 'Lyon', 'Lagos'],
    right: [0],
    seconds: 20,
    points: 1_000,
    explanation: 'It opened in 1863.',
    image: null,
    ...changes,
  }
}

export function quiz(changes: Partial<Quiz> = {}): Quiz {
  return { title: 'Cities', language: 'en', questions: [question()], ...changes }
}
