import { duration } from './drawing.mts'
import { isDryRun } from './job.mts'
import { say } from './narration.mts'

/** What the documented timeline allows (docs/DEPLOYMENT_WORKFLOW.md), in minutes: the first time, and every time after. */
const allowed = {
  'CDK Bootstrap': { first: '2-3' },
  Infrastructure: { first: '10-15', again: '5-10' },
  Backend: { first: '5-8', again: '5-8' },
  Frontend: { first: '12-19', again: '12-17' },
  'Complete deployment': { first: '30-45', again: '20-30' },
} as const satisfies Record<string, { first: string; again?: string }>

export type Step = keyof typeof allowed

const took: { step: Step; milliseconds: number }[] = []

/** Runs a step of the documented timeline and remembers how long it took. */
export async function timed<T>(step: Step, work: () => Promise<T>): Promise<T> {
  const started = Date.now()
  const result = await work()
  took.push({ step, milliseconds: Date.now() - started })
  return result
}

let first = false

/** Says that this is the environment's first deployment: the documents allow it more. */
export function noteFirstDeployment(): void {
  first = true
}

/** Minutes that the documents allow a step. */
export function documented(step: Step): string {
  const limits: { first: string; again?: string } = allowed[step]
  return `${first ? limits.first : (limits.again ?? limits.first)} min`
}

/** Prints how long each step took, and what the documents allow. */
export function printTimeline(): void {
  if (isDryRun()) return
  say('')
  for (const { step, milliseconds } of took) {
    say(`${step.padEnd(20)} ${duration(milliseconds).padStart(11)}   documented: ${documented(step)}`)
  }
}
