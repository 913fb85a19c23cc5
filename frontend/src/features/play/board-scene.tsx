import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import { usePlayTexts } from './use-play-texts.ts'

/** The ten best, with one's own place. */
export function BoardScene({ view }: { view: Snapshot }) {
  const { t } = usePlayTexts()
  return (
    <>
      <h1 className="text-center text-3xl font-black tracking-tight">{t.board}</h1>
      <Board view={view} />
    </>
  )
}

/** Nothing until it has come; without points all would be first. */
export function Board({ view: { board, player } }: { view: Snapshot }) {
  const { t } = usePlayTexts()
  if (!board) return null
  const { top } = board
  if (top.every(({ score }) => score === 0)) return <p className="text-center text-lg">{t.nobody}</p>
  const isBelow = player !== null && !top.some((row) => row.player === player.player)
  return (
    <ol className="flex flex-col gap-2">
      {top.map((row) => (
        <Row key={row.player} {...row} isOwn={row.player === player?.player} />
      ))}
      {isBelow && top.length > 0 && <Row {...player} isOwn />}
    </ol>
  )
}

interface RowProps {
  name: string
  rank: number
  score: number
  isOwn: boolean
}

function Row({ name, rank, score, isOwn }: RowProps) {
  const { t, locale } = usePlayTexts()
  return (
    <li
      className={`flex items-center gap-3 rounded-2xl px-3 py-2 text-lg font-bold ${isOwn ? 'bg-spot text-black' : 'bg-panel ring-1 ring-line/40'}`}
    >
      <span
        className={`flex size-9 shrink-0 items-center justify-center rounded-full tabular-nums ${isOwn ? 'bg-black text-white' : 'bg-line/25'}`}
      >
        {rank}
      </span>
      <span className="flex min-w-0 grow items-baseline gap-1.5">
        <span className="truncate">{name}</span>
        {isOwn && <span className="shrink-0 text-sm font-semibold">({t.you})</span>}
      </span>
      <span className="shrink-0 tabular-nums">{score.toLocaleString(locale)}</span>
    </li>
  )
}
