import { linkEnds } from '../../components/link-ends.ts'
import type { Language } from '../../../../backend/src/types/quiz.ts'

const en = {
  joinAt: 'Scan the code, or open',
  andType: 'and type',
  qr: 'QR code to join',
  players: (count: number) => (count === 1 ? '1 player' : `${count} players`),
  waiting: 'Be the first to join!',
  locked: 'Nobody else may join now.',
  lateJoin: 'Join:',
  question: (at: number, of: number) => `Question ${at} of ${of}`,
  getReady: 'Get ready!',
  practice: 'Practice: no points',
  double: 'Counts double',
  poll: 'Poll: no right or wrong',
  secondsLeft: (seconds: number) => (seconds === 1 ? '1 second left' : `${seconds} seconds left`),
  answered: (answered: number, of: number) => `${answered} of ${of} have answered`,
  timeUp: 'Time is up!',
  right: 'right',
  chosenBy: (count: number) => (count === 1 ? '1 person' : `${count} people`),
  ranking: 'Ranking',
  points: (points: number) => points.toLocaleString('en'),
  nobody: 'Nobody has points yet.',
  ended: 'The winners',
  over: 'That was it. Thank you all!',
  lost: 'Connection lost. The quiz continues; this screen comes back by itself.',
  connecting: 'Connecting…',
  ends: {
    ...linkEnds.en,
    noToken: 'This is not a projector’s link',
    elsewhereHint: 'This screen is open in three other tabs. Close one, or continue here.',
  },
}

export type ScreenTexts = typeof en

const de: ScreenTexts = {
  joinAt: 'Scanne den Code oder öffne',
  andType: 'und tippe',
  qr: 'QR-Code zum Beitreten',
  players: (count) => (count === 1 ? '1 Mitspieler' : `${count} Mitspieler`),
  waiting: 'Sei als Erstes dabei!',
  locked: 'Jetzt kommt niemand mehr dazu.',
  lateJoin: 'Mitspielen:',
  question: (at, of) => `Frage ${at} von ${of}`,
  getReady: 'Gleich geht’s los!',
  practice: 'Übung: ohne Punkte',
  double: 'Zählt doppelt',
  poll: 'Umfrage: kein Richtig oder Falsch',
  secondsLeft: (seconds) => (seconds === 1 ? 'noch 1 Sekunde' : `noch ${seconds} Sekunden`),
  answered: (answered, of) => `${answered} von ${of} haben geantwortet`,
  timeUp: 'Die Zeit ist um!',
  right: 'richtig',
  chosenBy: (count) => (count === 1 ? '1 Person' : `${count} Personen`),
  ranking: 'Rangliste',
  points: (points) => points.toLocaleString('de'),
  nobody: 'Noch hat niemand Punkte.',
  ended: 'Die Besten',
  over: 'Das war’s. Danke euch allen!',
  lost: 'Verbindung verloren. Das Quiz läuft weiter; diese Anzeige kommt von selbst zurück.',
  connecting: 'Verbinden …',
  ends: {
    ...linkEnds.de,
    noToken: 'Das ist kein Link für den Beamer',
    elsewhereHint: 'Diese Anzeige ist in drei anderen Tabs offen. Schließe einen, oder mach hier weiter.',
  },
}

export const screenTexts: Record<Language, ScreenTexts> = { en, de }
