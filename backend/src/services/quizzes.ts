import * as v from 'valibot'
import type { QuizEntry, Quizzes as QuizRepository } from '../db/repositories/quizzes.ts'
import { type Quiz, quizSchema } from '../types/quiz.ts'
import { createToken } from './tokens.ts'

export type Quizzes = ReturnType<typeof createQuizzes>

interface ReadQuiz extends QuizEntry {
  quiz: Quiz
}

/**
 * The quizzes that can be edited, each with a version that counts its changes: of two editors who saw the same version,
 * the second is refused. Every function rejects when the database does not answer.
 */
export function createQuizzes(quizzes: QuizRepository<Quiz>) {
  async function add(quiz: Quiz): Promise<QuizEntry> {
    const added = await quizzes.put(createToken(), quiz, 0)
    if (!added) throw new Error('a random id was taken')
    return added
  }

  return {
    list: async (): Promise<QuizEntry[]> => await quizzes.list(),
    get: async (id: string): Promise<ReadQuiz | undefined> => await quizzes.get(id),
    add,

    /** @returns its new entry; undefined when it is not at that version any more, or is gone. */
    async change(id: string, quiz: Quiz, seenVersion: number): Promise<QuizEntry | undefined> {
      return await quizzes.put(id, quiz, seenVersion)
    },

    /** @returns whether it was deleted: it was still at that version. */
    async remove(id: string, seenVersion: number): Promise<boolean> {
      return await quizzes.remove(id, seenVersion)
    },

    /** Under another title, with every question. Undefined when there is no such quiz. */
    async copy(id: string): Promise<QuizEntry | undefined> {
      const found = await quizzes.get(id)
      if (!found) return undefined
      return await add({ ...found.quiz, title: titleOfCopy(found.quiz) })
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
