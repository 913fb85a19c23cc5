import { useLocation } from 'wouter'
import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { optionMarks } from '../../components/option-mark.tsx'
import { usePlayTexts } from './use-play-texts.ts'
import { Board } from './board-scene.tsx'

const medals = ['🥇', '🥈', '🥉']

/** The end: one's place, the ten best, and one's own answers. */
export function EndScene({ view }: { view: Snapshot }) {
  const { t, locale } = usePlayTexts()
  const [, go] = useLocation()
  const { player, state } = view
  // without points all would be first
  const isWinner = player !== null && player.rank === 1 && player.score > 0
  return (
    <>
      <div className="flex flex-col items-center gap-2 rounded-3xl bg-spot px-4 py-8 text-center text-black">
        <span aria-hidden="true" className="animate-pop text-7xl motion-reduce:animate-none">
          {(player && player.score > 0 && medals[player.rank - 1]) || '🎊'}
        </span>
        <h1 className="text-4xl font-black tracking-tight">{isWinner ? t.winner : t.end}</h1>
        {player && (
          <p className="text-xl font-bold text-balance">
            {t.finalRank(player.rank, state.players)} · {t.total(player.score.toLocaleString(locale))}
          </p>
        )}
      </div>
      <h2 className="text-2xl font-black">{t.board}</h2>
      <Board view={view} />
      {view.review && view.review.length > 0 && <Review review={view.review} />}
      <Button wide onClick={() => go('/')}>
        {t.again}
      </Button>
    </>
  )
}

function Review({ review }: { review: NonNullable<Snapshot['review']> }) {
  const { t, locale } = usePlayTexts()
  const letters = (choices: number[]) => choices.map((at) => optionMarks[at]?.letter).join(', ')
  return (
    <>
      <h2 className="text-2xl font-black">{t.answers}</h2>
      <ol className="flex flex-col gap-2">
        {review.map(({ question, text, choices, right, correct, points }) => (
          <li key={question}>
            <Card className="flex flex-col gap-1">
              <p className="font-bold wrap-anywhere">
                {question + 1}. {text}
              </p>
              <p className="flex flex-wrap justify-between gap-x-4">
                <span className={correct === null ? 'text-soft' : correct ? 'text-good' : 'text-bad'}>
                  {correct !== null && <span aria-hidden="true">{correct ? '✓ ' : '✗ '}</span>}
                  {choices === null ? t.nothing : `${t.yourAnswer}: ${letters(choices)}`}
                </span>
                <span className="font-semibold tabular-nums">{t.points(points.toLocaleString(locale))}</span>
              </p>
              {correct === false && (
                <p className="text-soft">
                  {t.rightAnswer}: {letters(right)}
                </p>
              )}
            </Card>
          </li>
        ))}
      </ol>
    </>
  )
}
