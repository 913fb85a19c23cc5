import * as v from 'valibot'
import { type Quiz, quizSchema } from '../../../../backend/src/types/quiz.ts'
import type { AdminApi, StoredQuiz } from '../../lib/admin-api.ts'
import { RequestFailed } from '../../lib/request.ts'
import { type Draft, draftOf, quizOf } from './draft.ts'
import { dropUnsavedWork, keepUnsavedWork, readUnsavedWork } from './unsaved-work.ts'

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
  let saved = stored?.quiz ?? empty
  let base = stored?.version ?? 0
  /** When this page last kept its unsaved work. */
  let keptAt = 0
  const subscribers = new Set<() => void>()
  let state = begin()

  function begin(): EditorState {
    const kept = readUnsavedWork(place, isDraftQuiz)
    keptAt = kept?.at ?? 0
    const draft = draftOf(kept?.quiz ?? saved, newKey)
    const started = { id: stored?.id, draft, keepsWork: true, unsaved: kept !== undefined, ...nothingIsWrong }
    if (!kept || !stored || kept.base === base) return { ...started, restored: kept !== undefined }
    // one says now, and not when they save, that their work began from an older version
    return { ...started, problem: { code: 'changed', theirs: stored } }
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
    dropUnsavedWork(state.id ?? place, keptAt)
    set({ ...nothingIsWrong, draft: draftOf(saved, newKey), unsaved: false })
  }

  /** Saves what is there now, over version `seen` or as a new quiz; what is typed meanwhile stays unsaved. */
  async function save(seen = base, asNew = state.id === undefined): Promise<void> {
    if (state.saving) return
    const { id, draft } = state
    set({ saving: true, problem: undefined })
    try {
      const quiz = quizOf(draft)
      const entry = await (asNew || id === undefined ? api.addQuiz(quiz) : api.changeQuiz(id, quiz, seen))
      saved = quiz
      base = entry.version
      dropUnsavedWork(id ?? place, keptAt)
      set({ ...nothingIsWrong, id: entry.id, unsaved: false })
      if (state.draft !== draft) change(state.draft)
    } catch (error) {
      set({ saving: false })
      set({ problem: await problemOf(error, id) })
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
      if (state.problem?.code === 'changed') await save(state.problem.theirs.version)
    },

    /** After `changed`: continues with what the other editor saved. */
    takeTheirs: () => {
      if (state.problem?.code !== 'changed') return
      const { theirs } = state.problem
      saved = theirs.quiz
      base = theirs.version
      discard()
    },

    /** After `changed` or `gone`: saves this as a quiz of its own; until then it is kept under the old one. */
    saveAsNew: () => save(base, true),

    discard,
  }
}

/** Whether unsaved work has the shape of a quiz, however much of it is missing. */
function isDraftQuiz(value: unknown): value is Quiz {
  const result = v.safeParse(quizSchema, value)
  return result.typed
}
