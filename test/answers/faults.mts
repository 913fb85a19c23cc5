import type { Call } from '../../backend/local/fault-proxy.ts'
import type { Task, TwoTasks } from './two-tasks.mts'

/** A share of the appends, from 0 to 1, is done without an answer, or throttled. @returns how many of each so far */
export function breakWrites({ tasks }: TwoTasks, shares: { lost: number; throttled: number }) {
  const broken = { lost: 0, throttled: 0 }
  // by turns and not at random: a short test has its share for certain
  let appends = 0
  for (const { proxy } of tasks) {
    proxy.control.fault = (call) => {
      if (!isAppend(call)) return 'none'
      appends += 1
      const fault = faultOf(appends, shares)
      if (fault !== 'none') broken[fault] += 1
      return fault
    }
  }
  return () => broken
}

function faultOf(nth: number, { lost, throttled }: { lost: number; throttled: number }): 'lost' | 'throttled' | 'none' {
  const isEvery = (share: number, offset: number) => share > 0 && (nth + offset) % Math.round(1 / share) === 0
  if (isEvery(lost, 0)) return 'lost'
  return isEvery(throttled, 3) ? 'throttled' : 'none'
}

/** The task ends without a word while an item with answers of its own is on its way to the table, which stores it. */
export function killWhileItWrites(task: Task): Promise<void> {
  return new Promise((resolve) => {
    task.proxy.control.fault = (call) => {
      if (isAppend(call) && call.body.includes('answered')) {
        task.process.kill('SIGKILL')
        resolve()
      }
      return 'none'
    }
  })
}

function isAppend({ operation, body }: Call): boolean {
  return operation === 'PutItem' && body.includes('"LOG#')
}
