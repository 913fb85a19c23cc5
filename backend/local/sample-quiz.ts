import type { Question, Quiz } from '../src/types/quiz.ts'

const usual = { right: [0], seconds: 20, points: 1_000, explanation: '', image: null } as const

function ask(question: Partial<Question> & Pick<Question, 'type' | 'text' | 'options'>): Question {
  return { ...usual, right: [...usual.right], ...question }
}

/** A quiz with every kind of question, for `npm run dev` and `make quiz-demo`. */
export const sampleQuiz: Quiz = {
  title: 'Around the world in six questions',
  language: 'en',
  questions: [
    ask({
      type: 'single',
      text: 'Practice, no points yet: which planet do we live on?',
      options: ['Mars', 'Earth', 'Venus'],
      right: [1],
      points: 0,
    }),
    ask({
      type: 'single',
      text: 'In which city did the first underground railway open?',
      options: ['Paris', 'New York', 'London', 'Budapest'],
      right: [2],
      explanation: 'The Metropolitan Railway opened in London in 1863.',
    }),
    ask({
      type: 'multiple',
      text: 'Which of these countries have no coast?',
      options: ['Bolivia', 'Portugal', 'Mongolia', 'Peru', 'Austria'],
      right: [0, 2, 4],
      seconds: 30,
      points: 2_000,
      explanation: 'Portugal lies at the Atlantic, Peru at the Pacific.',
    }),
    ask({
      type: 'boolean',
      text: 'The Great Wall of China can be seen from the Moon with the naked eye.',
      options: ['True', 'False'],
      right: [1],
      seconds: 15,
      explanation: 'It is long, but far too narrow.',
    }),
    ask({
      type: 'single',
      text: 'How many time zones does China have?',
      options: ['One', 'Three', 'Five'],
      explanation: 'All of China keeps the time of Beijing.',
    }),
    ask({
      type: 'poll',
      text: 'How would you rather travel?',
      options: ['By train', 'By bicycle', 'By ship', 'I stay at home'],
      right: [],
      points: 0,
    }),
  ],
}
