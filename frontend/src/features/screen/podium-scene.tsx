import type { Top } from '../../components/ranking.tsx'
import { Ranking } from '../../components/ranking.tsx'
import type { EventView } from '../../lib/event-view.ts'
import type { ScreenTexts } from './texts.ts'

/** Second, first, third: as on a stage. By place in the list, for two may share a rank. */
const steps = [
  { place: 1, height: 'h-[6em]', delay: '600ms' },
  { place: 0, height: 'h-[8em]', delay: '1200ms' },
  { place: 2, height: 'h-[4.5em]', delay: '0ms' },
]

export function PodiumScene({ view: { board, event }, t }: { view: EventView; t: ScreenTexts }) {
  // who has no points has won nothing
  const top = board?.top.filter(({ score }) => score > 0) ?? []
  const scored = top.length > 0
  const others = top.slice(3)
  return (
    <div
      className={`flex min-h-0 grow flex-col items-center gap-[0.8em] text-center ${scored ? '' : 'justify-center'}`}
    >
      <div className="text-balance wrap-anywhere">
        <p className="font-bold">{event.title}</p>
        <h1 className="text-[1.8em] leading-tight font-black">{scored ? t.ended : t.over}</h1>
      </div>
      {scored && (
        <div
          className={`grid min-h-0 w-full grow items-center gap-[2em] ${others.length > 0 ? 'grid-cols-[3fr_2fr]' : ''}`}
        >
          <ol className="flex items-end justify-center gap-[0.6em]">
            {steps.map((step) => {
              const player = top[step.place]
              return player && <Step key={step.place} {...{ player, t }} height={step.height} delay={step.delay} />
            })}
          </ol>
          {others.length > 0 && (
            <div className="min-w-0 text-left text-[0.8em]">
              <Ranking before={null} now={others} points={t.points} />
            </div>
          )}
        </div>
      )}
      {scored && <p className="text-[1.2em] font-bold">{t.over}</p>}
    </div>
  )
}

function Step({ player, height, delay, t }: { player: Top[number]; height: string; delay: string; t: ScreenTexts }) {
  const first = player.rank === 1
  return (
    <li
      className="flex w-[9em] min-w-0 origin-bottom animate-pop flex-col items-center gap-[0.3em] motion-reduce:animate-none"
      style={{ animationDelay: delay }}
    >
      <p className={`w-full font-black wrap-anywhere ${first ? 'text-[1.4em]' : 'text-[1.1em]'} leading-tight`}>
        {player.name}
      </p>
      <p className="tabular-nums">{t.points(player.score)}</p>
      <p
        className={`flex w-full justify-center rounded-t-[0.6em] pt-[0.2em] text-[1em] ${height} ${first ? 'bg-spot text-black' : 'bg-violet-700 text-white'}`}
      >
        <span className="text-[2.2em] font-black">{player.rank}</span>
      </p>
    </li>
  )
}
