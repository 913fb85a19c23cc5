import { foldItem } from '../src/services/game/fold.ts'
import type { EventState } from '../src/services/game/state.ts'
import type { FoldedItem } from '../src/types/records.ts'

/** What a whole log says, by the fold of the tasks. */
export function foldLog(items: readonly FoldedItem[]): EventState | undefined {
  let state: EventState | undefined
  for (const item of items) state = foldItem(state, item)
  return state
}
