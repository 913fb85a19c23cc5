import { browserStorage, type Store } from '../../lib/storage.ts'

/** Work on a quiz that the server does not have yet. */
interface UnsavedWork<Quiz> {
  /** The stored version that the work began from. */
  base: number
  quiz: Quiz
  /** When it was last changed, in milliseconds. */
  at: number
}

/** In place of the id of a quiz that the server never had. */
export const newQuizKey = 'new'

const keyOf = (quizId: string) => `live-quiz:unsaved:${quizId}`

/** Keeps the work in this browser, so that a reload, a crash or an expired sign-in loses nothing. False if it is full. */
export function keepUnsavedWork<Quiz>(
  quizId: string,
  work: UnsavedWork<Quiz>,
  store: Store = browserStorage(),
): boolean {
  try {
    store.setItem(keyOf(quizId), JSON.stringify(work))
    return true
  } catch {
    // the quota is used up, or the browser forbids storage: the page says that only the server keeps the work now
    return false
  }
}

/** `isQuiz` decides whether what an older release kept still makes sense. */
export function readUnsavedWork<Quiz>(
  quizId: string,
  isQuiz: (value: unknown) => value is Quiz,
  store: Store = browserStorage(),
): UnsavedWork<Quiz> | undefined {
  const kept = store.getItem(keyOf(quizId))
  if (kept === null) return
  const work = JSON.parse(kept) as Partial<UnsavedWork<unknown>> | null
  if (typeof work?.base !== 'number' || typeof work.at !== 'number' || !isQuiz(work.quiz)) return
  return { base: work.base, at: work.at, quiz: work.quiz }
}

export function hasUnsavedWork(quizId: string, store: Store = browserStorage()): boolean {
  return store.getItem(keyOf(quizId)) !== null
}

/** Drops what was kept `at` that time; work that another tab has kept since stays. */
export function dropUnsavedWork(quizId: string, at: number, store: Store = browserStorage()): void {
  const kept = JSON.parse(store.getItem(keyOf(quizId)) ?? 'null') as Partial<UnsavedWork<unknown>> | null
  if (kept?.at === at) store.removeItem(keyOf(quizId))
}
