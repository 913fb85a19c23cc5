import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../client.ts'
import { type Condition, type Item, putItemIf, queryItems, readItem } from './items.ts'

/** What a list shows of a quiz. */
export interface QuizEntry {
  id: string
  title: string
  /** How many. */
  questions: number
  /** Counts the changes, from 1. */
  version: number
  /** Milliseconds. */
  changedAt: number
}

export interface StoredQuiz<Quiz> extends QuizEntry {
  quiz: Quiz
}

export type Quizzes<Quiz extends Content> = ReturnType<typeof quizRepository<Quiz>>

interface Content {
  title: string
  questions: readonly unknown[]
}

const pk = 'QUIZ'

/** The quizzes that can be edited; they do not expire. Rejects with the SDK's error when DynamoDB does not answer. */
export function quizRepository<Quiz extends Content>(table: Table) {
  return {
    /**
     * Writes the quiz if it is still at the version that the editor saw; 0: there was none.
     * @returns its new entry; undefined when someone else has changed it, or deleted it.
     */
    async put(id: string, quiz: Quiz, seenVersion: number, changedAt = Date.now()): Promise<QuizEntry | undefined> {
      const entry = {
        title: quiz.title,
        questions: quiz.questions.length,
        version: seenVersion + 1,
        changedAt,
      }
      // one attribute: a hundred questions as maps and lists would take ten times as long to pack
      const item = { pk, sk: id, ...entry, content: JSON.stringify(quiz) }
      return (await putItemIf(table, item, atVersion(seenVersion))) ? { id, ...entry } : undefined
    },

    async get(id: string): Promise<StoredQuiz<Quiz> | undefined> {
      const item = await readItem(table, { pk, sk: id })
      return item && { ...entryOf(item), quiz: JSON.parse(String(item['content'])) as Quiz }
    },

    /** The last changed first. */
    async list(): Promise<QuizEntry[]> {
      const items = await queryItems(table, {
        KeyConditionExpression: 'pk = :pk',
        ProjectionExpression: 'sk, title, questions, version, changedAt',
        ExpressionAttributeValues: { ':pk': pk },
      })
      return items.map(entryOf).toSorted((one, other) => other.changedAt - one.changedAt)
    },

    /** False when the quiz is not at the version that the editor saw any more, or is gone. */
    async remove(id: string, seenVersion: number): Promise<boolean> {
      try {
        await table.client.send(
          new DeleteCommand({ TableName: table.name, Key: { pk, sk: id }, ...atVersion(seenVersion) }),
        )
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      }
    },
  }
}

function atVersion(seen: number): Condition {
  if (seen === 0) return { ConditionExpression: 'attribute_not_exists(pk)' }
  return { ConditionExpression: 'version = :seen', ExpressionAttributeValues: { ':seen': seen } }
}

function entryOf({ sk, title, questions, version, changedAt }: Item): QuizEntry {
  return {
    id: String(sk),
    title: String(title),
    questions: Number(questions),
    version: Number(version),
    changedAt: Number(changedAt),
  }
}
