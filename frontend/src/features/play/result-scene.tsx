import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import { Card } from '../../components/card.tsx'
import { OptionButton, type OptionLook } from '../../components/option-button.tsx'
import { usePlayTexts } from './use-play-texts.ts'
import { questionOf, resultOf } from './scene.ts'
import { verdictWords } from './scene-words.ts'

/** How it went: verdict, points, place, the right options and why. */
export function ResultScene({ view }: { view: Snapshot }) {
  const { language, t, locale } = usePlayTexts()
  const result = resultOf(view)
  const question = questionOf(view)
  if (!result || !question) return null
  const { own, right, distribution, answered, explanation } = result
  const isPoll = right.length === 0

  const look = (at: number): OptionLook => {
    const isOwn = own?.choices?.includes(at) === true
    if (right.includes(at)) return 'right'
    if (isPoll) return isOwn ? 'chosen' : 'open'
    return isOwn ? 'wrong' : 'aside'
  }
  const note = (at: number) =>
    [
      right.includes(at) && t.rightAnswer,
      own?.choices?.includes(at) && t.yourAnswer,
      t.people(distribution[at] ?? 0, answered),
    ]
      .filter(Boolean)
      .join(', ')

  return (
    <>
      <Verdict view={view} />
      <p className="font-bold text-balance wrap-anywhere hyphens-auto empty:hidden">{question.text}</p>
      <div className="grid gap-3">
        {question.options.map((text, at) => (
          <div
            // an option has no other name than its place
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            className="flex flex-col gap-1"
          >
            <OptionButton at={at} text={text} language={language} look={look(at)} note={note(at)} disabled />
            <Share of={answered} chosen={distribution[at] ?? 0} />
          </div>
        ))}
      </div>
      {explanation !== '' && (
        <Card>
          <h2 className="font-bold">{t.explanation}</h2>
          <p className="wrap-anywhere">{explanation}</p>
        </Card>
      )}
      {own && (
        <p className="text-center text-lg font-semibold">
          {own.score > 0 && `${t.rank(own.rank)} · `}
          {t.total(own.score.toLocaleString(locale))}
        </p>
      )}
    </>
  )
}

function Verdict({ view }: { view: Snapshot }) {
  const { t, locale } = usePlayTexts()
  const own = resultOf(view)?.own
  const isRight = own?.correct === true
  return (
    <div
      className={`flex flex-col items-center gap-1 rounded-3xl px-4 py-6 text-center ${isRight ? 'bg-emerald-700 text-white' : 'bg-panel ring-1 ring-line/40'}`}
    >
      <span aria-hidden="true" className="animate-pop text-5xl motion-reduce:animate-none">
        {isRight ? '🎉' : own?.correct === false ? '💡' : '👍'}
      </span>
      <h1 className="text-3xl font-black text-balance">{verdictWords(view, t)}</h1>
      {own && own.points > 0 && (
        <p className="animate-pop text-4xl font-black tabular-nums motion-reduce:animate-none">
          {t.points(own.points.toLocaleString(locale))}
        </p>
      )}
    </div>
  )
}

/** How many chose it, as a bar; the option's name says it in words. */
function Share({ chosen, of }: { chosen: number; of: number }) {
  return (
    <div aria-hidden="true" className="flex items-center gap-2 px-1 text-sm font-semibold text-soft tabular-nums">
      <span className="h-2 grow overflow-hidden rounded-full bg-line/25">
        <span
          className="block h-full rounded-full bg-accent"
          style={{ width: `${of === 0 ? 0 : (chosen / of) * 100}%` }}
        />
      </span>
      {chosen}
    </div>
  )
}
