import type { Language } from '../../../backend/src/types/quiz.ts'
import { RequestFailed } from './request.ts'

/** By the status of the answer; 0 where none came, 200 where it was no answer of ours. */
const german: Record<number, string> = {
  0: 'der Server ist nicht erreichbar',
  200: 'die Antwort ist nicht zu verstehen',
  401: 'der Zugang gilt nicht mehr',
  404: 'das gibt es nicht mehr',
  413: 'das ist zu groß',
  415: 'nur JPEG, PNG und WebP werden angenommen',
  422: 'der Inhalt ist nicht gültig',
  429: 'zu viele falsche Versuche, warte eine Minute',
  500: 'der Server hat einen Fehler, mehr steht in seinem Log',
  503: 'die Datenbank antwortet nicht',
}

/**
 * Why something failed, for the middle of a sentence. In English that is what the server says. What is no `RequestFailed` is
 * a bug, and named too.
 */
export const reason: Record<Language, (error: unknown) => string> = {
  en: messageOf,
  de: (error) => {
    if (!(error instanceof RequestFailed)) return messageOf(error)
    return german[error.status] ?? `der Server antwortete mit ${error.status}`
  },
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
