import type { RecordKind } from '../../types/records.ts'
import { standings } from '../game/standings.ts'
import type { EventState, Player } from '../game/state.ts'
import { boardMessage, ownResult, questionMessage, sharedResult, stateMessage } from '../game/views.ts'
import type { TextFor } from './fan-out.ts'

const changesState: ReadonlySet<RecordKind> = new Set([
  'locked',
  'unlocked',
  'asked',
  'extended',
  'closing',
  'closed',
  'revealed',
  'board',
  'skipped',
  'ended',
])
const showsBoard: readonly RecordKind[] = ['board', 'skipped', 'ended']
/** While a board is shown, they make another one of it. */
const changesBoard: readonly RecordKind[] = ['removed', 'banned', 'renamed']

/**
 * What everyone is sent after an item of the log, in this order. Nothing for joins and answers: five thousand of them
 * would be twenty-five million messages. All texts are made now, before the state changes again.
 * `here`: the players on this task; `now` in milliseconds.
 */
export function announcements(
  state: EventState,
  kinds: ReadonlySet<RecordKind>,
  { now, here }: { now: number; here: ReadonlySet<Player> },
): TextFor[] {
  const texts: TextFor[] = []
  // the content comes before the change of phase, so that all phones can open it at the same time
  if (kinds.has('asked')) texts.push(questionTexts(state))
  if ([...kinds].some((kind) => changesState.has(kind))) {
    const text = encoded(stateMessage(state, now))
    texts.push(() => text)
  }
  if (kinds.has('revealed')) texts.push(resultTexts(state, here))
  const isShown = state.phase === 'board' || state.phase === 'ended'
  const has = (kind: RecordKind) => kinds.has(kind)
  if (showsBoard.some(has) || (isShown && changesBoard.some(has))) {
    const text = encoded(boardMessage(state))
    texts.push(() => text)
  }
  return texts
}

function questionTexts(state: EventState): TextFor {
  const onPhone = encoded(questionMessage(state, true))
  const onScreen = encoded(questionMessage(state, false))
  return ({ role }) => (role === 'player' ? onPhone : onScreen)
}

function resultTexts(state: EventState, here: ReadonlySet<Player>): TextFor {
  const shared = sharedResult(state)
  if (!shared) return () => undefined
  const watched = encoded(shared)
  // the shared part is made once; a player's own is put where its null stands
  const { own: _none, ...rest } = shared
  const head = JSON.stringify(rest).slice(0, -1)
  const own = new Map(
    standings(state)
      .filter(({ player }) => here.has(player))
      .map((placed) => [placed.player.no, JSON.stringify(ownResult(state, placed))] as const),
  )
  return ({ player }) => {
    if (!player) return watched
    const part = own.get(player.no)
    return part && `${head},"own":${part}}`
  }
}

function encoded(message: unknown): Buffer {
  return Buffer.from(JSON.stringify(message))
}
