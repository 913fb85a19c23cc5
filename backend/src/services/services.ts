import { randomUUID } from 'node:crypto'
import type { Table } from '../db/client.ts'
import { codeRepository } from '../db/repositories/codes.ts'
import { createConnections } from '../db/repositories/connections.ts'
import { eventRepository } from '../db/repositories/events.ts'
import { imageRepository } from '../db/repositories/images.ts'
import { logRepository } from '../db/repositories/log.ts'
import { quizRepository } from '../db/repositories/quizzes.ts'
import { seenRepository } from '../db/repositories/seen.ts'
import type { Config } from '../types/config.ts'
import type { Quiz } from '../types/quiz.ts'
import { createEvents } from './events.ts'
import { createLimits } from './limits.ts'
import type { Log } from './log.ts'
import { createMedia } from './media.ts'
import { createPresence } from './presence.ts'
import { createQuizzes } from './quizzes.ts'
import { createResults } from './results.ts'

export type Services = ReturnType<typeof createServices>

/** Everything that a task does, over the application table. */
export function createServices(config: Config, table: { live: Table; rest: Table }, log: Log) {
  const taskId = randomUUID()
  const quizzes = quizRepository<Quiz>(table.rest)
  const stored = {
    events: eventRepository(table.rest),
    codes: codeRepository(table.rest),
    log: logRepository(table.rest),
    seen: seenRepository(table.rest),
    quizzes,
  }
  return {
    limits: createLimits(),
    presence: createPresence(createConnections(table.rest.client, table.rest.name), config.heartbeatSeconds),
    quizzes: createQuizzes(quizzes),
    media: createMedia(imageRepository(table.rest)),
    events: createEvents(stored, config, taskId, log),
    results: createResults(stored.log),
  }
}
