import type { Task } from './model.ts'
import type { Platform } from './platform.ts'
import type { Records } from './records.ts'
import { beginTask, type StopRequest, type TaskLife, type TaskObserver } from './task-life.ts'

/** The tasks that are alive. */
export interface Tasks {
  begin(task: Task, observer: TaskObserver): void
  stop(task: Task, request: StopRequest): void
  /** Kills all at once, without draining, and removes their containers. */
  close(): Promise<void>
}

export function createTasks(settings: Omit<Platform, 'closing'>, records: Records): Tasks {
  const closing = new AbortController()
  const platform = { ...settings, closing: closing.signal }
  const lives = new Map<string, TaskLife>()
  return {
    begin(task, observer) {
      records.addTask(task)
      const life = beginTask(task, platform, observer)
      lives.set(task.arn, life)
      void life.ended.then(() => lives.delete(task.arn))
    },
    stop: (task, request) => lives.get(task.arn)?.stop(request),
    async close() {
      closing.abort()
      const all = [...lives.values()]
      for (const life of all) {
        const { task } = life
        life.stop({ reason: 'The local AWS is shutting down', code: 'UserInitiated' })
        if (task.runtimeId) await platform.engine.kill(task.runtimeId)
      }
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}
