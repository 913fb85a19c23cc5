import { Ranking } from '../../components/ranking.tsx'
import type { EventView } from '../../lib/event-view.ts'
import type { ScreenTexts } from './texts.ts'

export function RankingScene({ view: { board, boardBefore }, t }: { view: EventView; t: ScreenTexts }) {
  if (!board) return
  const scored = board.top.some(({ score }) => score > 0)
  return (
    <div className="mx-auto flex w-full max-w-[36em] grow flex-col gap-[0.5em]">
      <h1 className="text-[1.6em] leading-tight font-black">{t.ranking}</h1>
      {scored ? <Ranking before={boardBefore?.top ?? null} now={board.top} points={t.points} /> : <p>{t.nobody}</p>}
    </div>
  )
}
