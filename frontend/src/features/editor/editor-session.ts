import * as v from 'valibot'
import { type Quiz, quizSchema } from '../../../../backend/src/types/quiz.ts'
import type { AdminApi, QuizEntry, StoredQuiz } from '../../lib/admin-api.ts'
import { RequestFailed } from '../../lib/request.ts'
import { randomSecret } from '../../lib/secret.ts'
import { type Draft, draftOf, quizOf } from './draft.ts'
import { dropUnsavedWork, keepUnsavedWork, newQuizId, readUnsavedWork } from './unsaved-work.ts'

type SaveProblem =
  /** Someone else saved this quiz since it was opened; `theirs` is what they saved. */
  | { code: 'changed'; theirs: StoredQuiz }
  /** Someone else deleted it. */
  | { code: 'gone' }
  | { code: 'failed'; error: RequestFailed }

export interface EditorState {
  /** undefined: the server does not have this quiz yet. */
  id: string | undefined
  draft: Draft
  /** There is something that the server does not have. */
  unsaved: boolean
  saving: boolean
  /** Unsaved work of an earlier visit was found. */
  restored: boolean
  /** This browser keeps unsaved work. */
  keepsWork: boolean
  problem: SaveProblem | undefined
}

type Over = Pick<EditorState, 'id'> & Pick<StoredQuiz, 'version'>

export type EditorSession = ReturnType<typeof createEditorSession>

interface Options {
  api: Pick<AdminApi, 'addQuiz' | 'changeQuiz' | 'readQuiz'>
  /** The quiz's id, or the place of a new one: under this its unsaved work is kept. */
  place: string
  /** undefined: a new quiz, which begins with `empty`. */
  stored: StoredQuiz | undefined
  empty: Quiz
  newKey: () => string
}

const nothingIsWrong = { saving: false, restored: false, problem: undefined } as const

/**
 * One quiz while it is edited. Every change is kept in this browser at once and dropped only when the server has it, so
 * neither a reload nor a lost connection, nor a second editor loses any of it.
 */
export function createEditorSession({ api, place, stored, empty, newKey }: Options) {
  /** What the server has, and the version by which it knows it. */
  let saved: Pick<StoredQuiz, 'quiz' | 'version'> = stored ?? { quiz: empty, version: 0 }
  /** The version that the draft began from. */
  let base = saved.version
  /** What was sent last: the server may have it although its answer was lost. */
  let sent: Quiz | undefined
  /** The id with which a new quiz is sent, until it is stored. */
  let newId = newQuizId(place)
  /** When this page last kept its unsaved work. */
  let keptAt = 0
  const subscribers = new Set<() => void>()
  let state = begin()

  function begin(): EditorState {
    const kept = readUnsavedWork(place, isDraftQuiz)
    const draft = draftOf(kept?.quiz ?? saved.quiz, newKey)
    const started = { id: stored?.id, draft, keepsWork: true, unsaved: false, ...nothingIsWrong }
    if (!kept) return started
    keptAt = kept.at
    if (stored && isSame(stored.quiz, kept.quiz)) {
      // it was saved, only the answer was lost
      dropUnsavedWork(place, keptAt)
      return started
    }
    const work = { ...started, unsaved: true, keepsWork: keepUnsavedWork(place, kept) }
    if (kept.base === base) return { ...work, restored: true }
    // one says now, and not when they save, that their work began from an older version; saving it is refused
    base = kept.base
    return { ...work, problem: stored ? { code: 'changed', theirs: stored } : { code: 'gone' } }
  }

  const set = (changes: Partial<EditorState>) => {
    state = { ...state, ...changes }
    for (const changed of subscribers) changed()
  }

  function change(draft: Draft): void {
    const work = { base, quiz: quizOf(draft), at: Date.now() }
    const keepsWork = keepUnsavedWork(state.id ?? place, work)
    if (keepsWork) keptAt = work.at
    set({ draft, unsaved: true, keepsWork })
  }

  /** Back to what the server has; of a new quiz, to nothing. */
  function discard(): void {
    base = saved.version
    dropUnsavedWork(state.id ?? place, keptAt)
    set({ ...nothingIsWrong, draft: draftOf(saved.quiz, newKey), unsaved: false })
  }

  /** Saves what is there now, over that version or, without an id, as a new quiz; what is typed meanwhile stays unsaved. */
  async function save(over: Over = { id: state.id, version: base }): Promise<void> {
    if (state.saving) return
    const { id: keptAs = place, draft } = state
    const quiz = quizOf(draft)
    const sentBefore = sent
    sent = quiz
    const finish = (entry: QuizEntry) => {
      saved = { quiz, version: entry.version }
      base = entry.version
      dropUnsavedWork(keptAs, keptAt)
      set({ ...nothingIsWrong, id: entry.id, unsaved: false })
      if (state.draft !== draft) change(state.draft)
    }
    set({ saving: true, problem: undefined })
    try {
      finish(await (over.id === undefined ? api.addQuiz(quiz, newId) : api.changeQuiz(over.id, quiz, over.version)))
    } catch (error) {
      const problem = await problemOf(error, over.id ?? newId).finally(() => set({ saving: false }))
      // no one else has changed it: an answer was lost, to this save or to the one before
      const theirs = problem.code === 'changed' ? problem.theirs : undefined
      if (theirs && isSame(theirs.quiz, quiz)) return finish(theirs)
      if (theirs && sentBefore && isSame(theirs.quiz, sentBefore)) return await save(theirs)
      set({ problem })
    }
  }

  async function problemOf(error: unknown, id: string | undefined): Promise<SaveProblem> {
    if (!(error instanceof RequestFailed)) throw error
    if (error.status === 404) return { code: 'gone' }
    if (error.status !== 412 || id === undefined) return { code: 'failed', error }
    try {
      return { code: 'changed', theirs: await api.readQuiz(id) }
    } catch (reason) {
      return problemOf(reason, undefined)
    }
  }

  return {
    state: () => state,
    subscribe: (changed: () => void) => {
      subscribers.add(changed)
      return () => subscribers.delete(changed)
    },
    change,
    save: () => save(),

    /** After `changed`: saves over what the other editor saved. */
    keepMine: async () => {
      if (state.problem?.code === 'changed') await save(state.problem.theirs)
    },

    /** After `changed`: continues with what the other editor saved. */
    takeTheirs: () => {
      if (state.problem?.code !== 'changed') return
      const { theirs } = state.problem
      saved = theirs
      discard()
      set({ id: theirs.id })
    },

    /** After `changed` or `gone`: saves this as a quiz of its own; until then it is kept under the old one. */
    saveAsNew: async () => {
      if (state.problem?.code === 'changed' && state.problem.theirs.id === newId) newId = randomSecret()
      await save({ id: undefined, version: 0 })
    },

    discard,
  }
}

/** Whether this browser has unsaved work on a quiz, or on a new one at its place. */
export function hasUnsavedWork(place: string): boolean {
  return readUnsavedWork(place, isDraftQuiz) !== undefined
}

/** Whether both are stored as the same quiz: fields in the schema's order, texts without blanks around them. */
function isSame(one: Quiz, other: Quiz): boolean {
  const [first, second] = [one, other].map((quiz) => JSON.stringify(v.safeParse(quizSchema, quiz).output))
  return first === second
}

/** Whether unsaved work has the shape of a quiz, however much of it is missing. */
function isDraftQuiz(value: unknown): value is Quiz {
  const result = v.safeParse(quizSchema, value)
  return result.typed
}
