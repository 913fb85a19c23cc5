import { randomSecret } from '../../lib/secret.ts'
import { browserStorage, type Store } from '../../lib/storage.ts'

/** Work on a quiz that the server does not have yet. */
interface UnsavedWork<Quiz> {
  /** The stored version that the work began from. */
  base: number
  quiz: Quiz
  /** When it was last changed, in milliseconds. */
  at: number
}

/** In place of the id of a quiz that the server never had: another one for each, so that two tabs keep two quizzes. */
export function newQuizPlace(): string {
  return `new-${randomSecret()}`
}

/** Whether it is one; older releases made shorter ones. */
export function isNewQuizPlace(id: string): boolean {
  return /^new(-[\w-]{8}|-[\w-]{22})?$/.test(id)
}

/** The id that the quiz at this place will get: after a reload it is the same, and the quiz is not stored twice. */
export function newQuizId(place: string): string {
  return /^new-([\w-]{22})$/.exec(place)?.[1] ?? randomSecret()
}

const prefix = 'live-quiz:unsaved:'
const keyOf = (quizId: string) => prefix + quizId

/** What this browser could not keep: it stays in the page until that is closed, and closing it asks first. */
const unkept = new Map<string, string>()

function askWhileUnkept(event: BeforeUnloadEvent): void {
  if (unkept.size > 0) event.preventDefault()
}

const textOf = (quizId: string, store: Store) => unkept.get(keyOf(quizId)) ?? store.getItem(keyOf(quizId))

/** Keeps the work in this browser, so that a reload, a crash or an expired sign-in loses nothing. False if it is full. */
export function keepUnsavedWork<Quiz>(
  quizId: string,
  work: UnsavedWork<Quiz>,
  store: Store = browserStorage(),
): boolean {
  const text = JSON.stringify(work)
  try {
    store.setItem(keyOf(quizId), text)
    unkept.delete(keyOf(quizId))
    return true
  } catch {
    // the quota is used up, or the browser forbids storage: the page says that only the server keeps the work now
    unkept.set(keyOf(quizId), text)
    window.addEventListener('beforeunload', askWhileUnkept)
    return false
  }
}

/** `isQuiz` decides whether what an older release kept still makes sense. */
export function readUnsavedWork<Quiz>(
  quizId: string,
  isQuiz: (value: unknown) => value is Quiz,
  store: Store = browserStorage(),
): UnsavedWork<Quiz> | undefined {
  const kept = textOf(quizId, store)
  if (kept === null) return
  const work = JSON.parse(kept) as Partial<UnsavedWork<unknown>> | null
  if (typeof work?.base !== 'number' || typeof work.at !== 'number' || !isQuiz(work.quiz)) return
  return { base: work.base, at: work.at, quiz: work.quiz }
}

/** The new quizzes that were begun in this browser. */
export function unsavedNewQuizzes(store: Store = browserStorage()): { place: string; title: string }[] {
  const kept = new Set([...Object.keys(store), ...unkept.keys()])
  const places = [...kept].flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : []))
  return places.filter(isNewQuizPlace).map((place) => {
    const work = JSON.parse(textOf(place, store) ?? 'null') as { quiz?: { title?: string } } | null
    return { place, title: work?.quiz?.title ?? '' }
  })
}

/** Drops what was kept `at` that time; work that another tab has kept since stays. */
export function dropUnsavedWork(quizId: string, at: number, store: Store = browserStorage()): void {
  unkept.delete(keyOf(quizId))
  const kept = JSON.parse(store.getItem(keyOf(quizId)) ?? 'null') as Partial<UnsavedWork<unknown>> | null
  if (kept?.at === at) store.removeItem(keyOf(quizId))
}
