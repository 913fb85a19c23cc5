import * as fc from 'fast-check'
import type { Question, Quiz } from '../src/types/quiz.ts'

/** Text that stays as it is when it is trimmed. */
function line(most: number): fc.Arbitrary<string> {
  return fc.string({ minLength: 1, maxLength: most }).map((text) => text.trim() || 'x')
}

const image = fc.record({ id: fc.stringMatching(/^[0-9a-f]{64}$/), alt: line(200) })

/** Any question within the limits. */
export const question: fc.Arbitrary<Question> = fc.constantFrom('single', 'multiple', 'boolean', 'poll').chain((type) =>
  fc.array(line(120), { minLength: 2, maxLength: type === 'boolean' ? 2 : 6 }).chain((options) => {
    const positions = options.map((_, index) => index)
    const fewest = { single: 1, boolean: 1, multiple: 1, poll: 0 }[type]
    const most = { single: 1, boolean: 1, multiple: options.length, poll: 0 }[type]
    return fc.record<Question>({
      type: fc.constant(type),
      text: line(280),
      options: fc.constant(options),
      right: fc.subarray(positions, { minLength: fewest, maxLength: most }),
      seconds: fc.option(fc.integer({ min: 5, max: 240 })),
      points: fc.constantFrom(0, 1_000, 2_000),
      explanation: fc.string({ maxLength: 300 }).map((text) => text.trim()),
      image: fc.option(image),
    })
  }),
)

export const quiz: fc.Arbitrary<Quiz> = fc.record({
  title: line(100),
  language: fc.constantFrom('en', 'de'),
  questions: fc.array(question, { minLength: 1, maxLength: 5 }),
})
