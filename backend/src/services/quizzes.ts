import * as v from 'valibot'
import type { QuizEntry, Quizzes as QuizRepository } from '../db/repositories/quizzes.ts'
import { type Quiz, quizSchema } from '../types/quiz.ts'

export type Quizzes = ReturnType<typeof createQuizzes>

interface ReadQuiz extends QuizEntry {
  quiz: Quiz
}

/**
 * The quizzes that can be edited, each with a version that counts its changes: of two editors who saw the same version,
 * the second is refused. Every function rejects when the database does not answer.
 */
export function createQuizzes(quizzes: QuizRepository<Quiz>) {
  return {
    list: async (): Promise<QuizEntry[]> => await quizzes.list(),
    get: async (id: string): Promise<ReadQuiz | undefined> => await quizzes.get(id),

    /** @returns its entry; undefined when there is one with this id. */
    add: async (id: string, quiz: Quiz): Promise<QuizEntry | undefined> => await quizzes.put(id, quiz, 0),

    /** @returns its new entry; undefined when it is not at that version any more, or is gone. */
    async change(id: string, quiz: Quiz, seenVersion: number): Promise<QuizEntry | undefined> {
      return await quizzes.put(id, quiz, seenVersion)
    },

    /** @returns whether it was deleted: it was still at that version. */
    async remove(id: string, seenVersion: number): Promise<boolean> {
      return await quizzes.remove(id, seenVersion)
    },

    /** Under another title, with every question; once for each new id. Undefined when there is no such quiz. */
    async copy(id: string, newId: string): Promise<QuizEntry | undefined> {
      const found = await quizzes.get(id)
      if (!found) return undefined
      const copy = { ...found.quiz, title: titleOfCopy(found.quiz) }
      return (await quizzes.put(newId, copy, 0)) ?? (await quizzes.get(newId))
    },
  }
}

/** The title and a mark, with as many whole characters as a title may have. */
function titleOfCopy({ title, language }: Quiz): string {
  const mark = language === 'de' ? ' (Kopie)' : ' (copy)'
  const characters = Array.from(new Intl.Segmenter().segment(title), ({ segment }) => segment)
  while (!v.is(quizSchema.entries.title, characters.join('') + mark)) characters.pop()
  return characters.join('') + mark
}
