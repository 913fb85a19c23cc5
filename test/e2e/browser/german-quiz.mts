import type { Question, Quiz } from '../../../backend/src/types/quiz.ts'

const usual = { seconds: null, points: 1_000, explanation: '', image: null } as const

function ask(question: Partial<Question> & Pick<Question, 'type' | 'text' | 'options' | 'right'>): Question {
  return { ...usual, ...question }
}

/** As long as they may be. */
const longest = (text: string, most: number) => text.padEnd(most, ` ${text}`).slice(0, most).trim()

/** Every kind of question, with the long words of German and, in the last one, as much text as a question may have. */
export const germanQuiz: Quiz = {
  title: 'Sommerfest: Wie gut kennen wir unser Donaudampfschifffahrtsmuseum?',
  language: 'de',
  questions: [
    ask({
      type: 'single',
      text: 'Zum Aufwärmen: Welche Stadt nennt man die Stadt der hundert Türme?',
      options: ['Prag', 'Wien', 'Regensburg', 'Bad Mergentheim-Markelsheim'],
      right: [0],
      seconds: 240,
      points: 0,
      explanation: 'So heißt Prag seit dem 19. Jahrhundert. Heute sind es über fünfhundert.',
    }),
    ask({
      type: 'multiple',
      text: 'Welche dieser Länder haben keine Küste?',
      options: ['Bolivien', 'Portugal', 'Mongolei', 'Peru', 'Österreich'],
      right: [0, 2, 4],
      points: 2_000,
    }),
    ask({
      type: 'boolean',
      text: 'Die Chinesische Mauer ist vom Mond aus mit bloßem Auge zu sehen.',
      options: ['Richtig', 'Falsch'],
      right: [1],
      explanation: 'Sie ist lang, aber viel zu schmal.',
    }),
    ask({
      type: 'poll',
      text: 'Wie reist du am liebsten?',
      options: ['Mit dem Zug', 'Mit dem Fahrrad', 'Mit dem Schiff', 'Ich bleibe zu Hause'],
      right: [],
      points: 0,
    }),
    ask({
      type: 'single',
      text: longest(
        'Welche Geschwindigkeitsbegrenzung galt auf dem Donaudampfschifffahrtskanal, als er gebaut wurde?',
        280,
      ),
      options: [1, 2, 3, 4, 5, 6].map((number) =>
        longest(`Die ${number}. Möglichkeit ist eine Geschwindigkeitsbegrenzung`, 120),
      ),
      right: [2],
      explanation: longest('Das steht in der Donaudampfschifffahrtsgesellschaftsordnung.', 300),
    }),
  ],
}

/** Who fills the hall. One name is as long as it may be. */
export const crowd = [
  'Wolfeschlegelsteinha',
  'Ann-Kathrin',
  'Björn',
  'Ceyda',
  'Dörte',
  'Emil',
  'Fatima',
  'Gökhan',
  'Hannelore',
  'Ivo',
  'Jule',
]
