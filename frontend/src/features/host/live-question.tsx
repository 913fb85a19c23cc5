import { Countdown, useSecondsLeft } from '../../components/countdown.tsx'
import { OptionBars } from '../../components/option-bars.tsx'
import { Progress } from '../../components/progress.tsx'
import { answeredOf, distributionOf, type EventView, questionOf, type Scene } from '../../lib/event-view.ts'
import type { HostTexts } from './texts.ts'

interface Props {
  view: EventView
  scene: Scene
  /** The server's time, in milliseconds. */
  now: () => number
  imageUrl: (id: string) => string
  t: HostTexts
}

/** The question as the host follows it: how long it is open, how many have answered, and then what they chose. */
export function LiveQuestion({ view, scene, now, imageUrl, t }: Props) {
  const { state, event, counts, result } = view
  const question = questionOf(view)
  const answered = answeredOf(view)
  const of = Math.max(counts?.connected ?? 0, answered)
  const revealed = scene === 'revealed'
  return (
    <div className="flex flex-col gap-4">
      <Progress
        at={state.question ?? 0}
        of={event.questions}
        text={t.question((state.question ?? 0) + 1, event.questions)}
      />
      {question && <h2 className="text-2xl leading-tight font-black text-balance wrap-anywhere">{question.text}</h2>}
      {question?.image && (
        <img
          src={imageUrl(question.image.id)}
          alt={question.image.alt}
          className="max-h-40 self-center rounded-xl object-contain"
        />
      )}
      {scene === 'ready' && state.opensAt !== null && <OpensIn at={state.opensAt} now={now} t={t} />}
      {scene === 'question' && <TimeLeft {...{ view, now, t }} />}
      {scene === 'closed' && state.phase === 'question' && <p className="font-semibold">{t.closing}</p>}
      <div className="flex flex-col gap-1">
        <div aria-hidden="true" className="h-4 overflow-hidden rounded-full bg-line/25">
          <div
            className="h-full rounded-full bg-good transition-[width] duration-500 motion-reduce:transition-none"
            style={{ width: `${of === 0 ? 0 : (answered / of) * 100}%` }}
          />
        </div>
        <p className="font-semibold tabular-nums">
          {t.answered(answered, of)}. {answered > 0 && <span className="font-normal text-soft">{t.allSaved}</span>}
        </p>
      </div>
      {question && (
        <section aria-label={revealed ? (question.kind === 'poll' ? t.poll : t.revealed) : undefined}>
          <OptionBars
            options={question.options}
            distribution={scene === 'closed' || revealed ? distributionOf(view) : null}
            right={revealed ? (result?.right ?? null) : null}
            language={event.language}
            words={t}
          />
        </section>
      )}
      {revealed && result && result.explanation !== '' && (
        <p className="rounded-2xl bg-page p-4 wrap-anywhere hyphens-auto">{result.explanation}</p>
      )}
    </div>
  )
}

function OpensIn({ at, now, t }: { at: number; now: () => number; t: HostTexts }) {
  const seconds = useSecondsLeft(at, now)
  return <p className="text-xl font-bold tabular-nums">{t.opensIn(seconds)}</p>
}

function TimeLeft({ view: { state }, now, t }: Pick<Props, 'view' | 'now' | 't'>) {
  if (state.opensAt === null || state.closesAt === null) return <p className="font-semibold">{t.noLimit}</p>
  // ten seconds more: another bar
  return <Countdown key={state.closesAt} from={state.opensAt} until={state.closesAt} now={now} label={t.secondsLeft} />
}
