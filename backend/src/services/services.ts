import { randomUUID } from 'node:crypto'
import type { OpenTable } from '../db/client.ts'
import { codeRepository } from '../db/repositories/codes.ts'
import { eventRepository } from '../db/repositories/events.ts'
import { imageRepository } from '../db/repositories/images.ts'
import { logRepository } from '../db/repositories/log.ts'
import { quizRepository } from '../db/repositories/quizzes.ts'
import { seenRepository } from '../db/repositories/seen.ts'
import type { Config } from '../types/config.ts'
import type { Quiz } from '../types/quiz.ts'
import { createEvents } from './events.ts'
import { createFigures } from './figures.ts'
import { createHub } from './hub/hub.ts'
import { createLimits } from './limits.ts'
import { systemClock } from './log/clock.ts'
import { createOpenLogs } from './log/open-logs.ts'
import type { Log } from './log.ts'
import { createMedia } from './media.ts'
import { createQuizzes } from './quizzes.ts'
import { createResults } from './results.ts'

export type Services = ReturnType<typeof createServices>

/** Everything that a task does, over the application table. */
export function createServices(config: Config, table: OpenTable, log: Log) {
  const task = randomUUID()
  const quizzes = quizRepository<Quiz>(table.rest)
  const stored = {
    events: eventRepository(table.rest),
    codes: codeRepository(table.rest),
    log: logRepository(table.rest),
    seen: seenRepository(table.rest),
    quizzes,
  }
  const logs = logRepository(table.live)
  const events = createEvents(stored, config, task, log)
  return {
    limits: createLimits(),
    figures: createFigures(log),
    throttles: table.throttles,
    hub: createHub({
      task,
      release: config.release,
      openLogs: createOpenLogs({ task, repository: logs, clock: systemClock, log }),
      events: eventRepository(table.live),
      codes: codeRepository(table.live),
      seen: seenRepository(table.live),
      logs,
      // anyone may ping: that reads the list of events beside what a running event waits for
      live: events.live,
      log,
    }),
    quizzes: createQuizzes(quizzes),
    media: createMedia(imageRepository(table.rest)),
    events,
    results: createResults(stored.log),
  }
}
