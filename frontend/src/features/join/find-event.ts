import * as v from 'valibot'
import { languages } from '../../../../backend/src/types/kinds.ts'

const foundSchema = v.object({
  event: v.string(),
  title: v.string(),
  language: v.picklist(languages),
  /** The event hands out names. */
  generatedNames: v.boolean(),
  /** Milliseconds since 1970: until then name and answers are kept. */
  keptUntil: v.number(),
})

export type FoundEvent = v.InferOutput<typeof foundSchema>

/** `none`: no event has that code; `over`; `wait`: too many wrong codes; `unreachable`. */
export type FindProblem = 'none' | 'over' | 'wait' | 'unreachable'

export interface NotFound {
  problem: FindProblem
  /** Where it is over: who has played can look at the result for an hour. */
  event?: string | undefined
}

const problems: Record<number, FindProblem> = { 400: 'none', 404: 'none', 429: 'wait' }

/** The event that a code leads to, or why there is none. */
export async function findEvent(apiUrl: string, code: string): Promise<FoundEvent | NotFound> {
  try {
    const response = await fetch(`${apiUrl}/join/${encodeURIComponent(code)}`, {
      // iOS 15 has no such timeout
      signal: AbortSignal.timeout?.(10_000) ?? null,
    })
    if (response.status === 410)
      return { problem: 'over', ...((await response.json().catch(() => {})) as { event?: string }) }
    if (!response.ok) return { problem: problems[response.status] ?? 'unreachable' }
    return v.parse(foundSchema, await response.json())
  } catch (error) {
    console.warn('the event could not be looked up:', error)
    return { problem: 'unreachable' }
  }
}
