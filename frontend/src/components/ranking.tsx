import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import type { BoardMessage } from '../../../backend/src/types/protocol.ts'

export type Top = BoardMessage['top']

interface Props {
  /** The ranking before; its rows move to where they are now. null: nothing to move from. */
  before: Top | null
  now: Top
  points: (points: number) => string
}

const lookBeforeMs = 900

/** The ten best. All sizes follow the size of the text. */
export function Ranking({ before, now, points }: Props) {
  const shown = useMoved(before, now)
  return (
    <ol className="flex flex-col gap-[0.3em]">
      {shown.map(({ player, name, rank, score }) => (
        <li
          key={player}
          className="flex items-center gap-[0.7em] rounded-[0.6em] bg-panel px-[0.7em] py-[0.22em] font-bold ring-1 ring-line/40"
          style={{ viewTransitionName: `player-${player}` }}
        >
          <span
            className={`flex h-[1.6em] min-w-[1.6em] shrink-0 items-center justify-center rounded-full px-[0.3em] tabular-nums ${rank === 1 ? 'bg-spot text-black' : 'bg-line/25'}`}
          >
            {rank}
          </span>
          <span className="min-w-0 grow truncate">{name}</span>
          <span className="shrink-0 tabular-nums">{points(score)}</span>
        </li>
      ))}
    </ol>
  )
}

/** First what was before, then, as one movement, what is now. The same ranking may come in another array with every render. */
function useMoved(before: Top | null, now: Top): Top {
  const wanted = JSON.stringify(now)
  const [shown, setShown] = useState(() => JSON.stringify(before ?? now))
  useEffect(() => {
    if (shown === wanted) return
    const move = () => moveTo(() => setShown(wanted))
    const wait = setTimeout(move, lookBeforeMs)
    return () => clearTimeout(wait)
  }, [shown, wanted])
  return JSON.parse(shown) as Top
}

/** Changes the page in a view transition, where the browser has them and the reader wants movement. */
function moveTo(change: () => void): void {
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  if (still || !('startViewTransition' in document)) change()
  else document.startViewTransition(() => flushSync(change))
}
