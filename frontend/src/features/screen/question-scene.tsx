import { preload } from 'react-dom'
import { Countdown, useSecondsLeft } from '../../components/countdown.tsx'
import { OptionBars } from '../../components/option-bars.tsx'
import { answeredOf, distributionOf, type EventView, questionOf, type Scene } from '../../lib/event-view.ts'
import type { ScreenTexts } from './texts.ts'

interface Props {
  view: EventView
  scene: Scene
  /** The server's time, in milliseconds. */
  now: () => number
  imageUrl: (id: string) => string
  t: ScreenTexts
}

/** A question from its announcement until its right answer. */
export function QuestionScene(props: Props) {
  const { view, scene } = props
  if (scene === 'ready') return <GetReady {...props} />
  const question = questionOf(view)
  if (!question) return
  return <OpenQuestion {...props} question={question} />
}

function OpenQuestion({
  view,
  scene,
  now,
  imageUrl,
  t,
  question,
}: Props & { question: NonNullable<EventView['question']> }) {
  const { state, counts, result, event } = view
  const { image, options, text } = question
  const answered = answeredOf(view)
  /** Options side by side. */
  const many = options.length > (image ? 4 : 3)
  const revealed = scene === 'revealed'
  return (
    <div className="flex min-h-0 grow flex-col gap-[0.8em]">
      <h1
        className={`font-black text-balance wrap-anywhere ${text.length > 70 ? 'text-[1.45em]' : 'text-[1.9em]'} leading-tight`}
      >
        {text}
      </h1>
      <div className="flex min-h-[2.4em] flex-col justify-center gap-[0.2em]">
        {scene === 'question' && state.opensAt !== null && state.closesAt !== null && (
          <Countdown key={state.closesAt} from={state.opensAt} until={state.closesAt} now={now} label={t.secondsLeft} />
        )}
        <p className="flex justify-between gap-[1em] font-bold tabular-nums">
          <span>{scene === 'closed' && t.timeUp}</span>
          <span>{t.answered(answered, Math.max(answered, counts?.connected ?? state.players))}</span>
        </p>
      </div>
      <div
        className={`grid grow items-center gap-[1em] ${image ? (many ? 'grid-cols-[1fr_2fr]' : 'grid-cols-2') : ''}`}
      >
        {image && (
          <div className="relative min-h-[9em] self-stretch">
            <img src={imageUrl(image.id)} alt={image.alt} className="absolute inset-0 size-full object-contain" />
          </div>
        )}
        <OptionBars
          options={options}
          distribution={scene === 'closed' || revealed ? distributionOf(view) : null}
          right={revealed ? (result?.right ?? null) : null}
          language={event.language}
          words={t}
          className={`${many ? 'grid-cols-2' : ''} text-[1.15em]`}
        />
      </div>
      {revealed && result && result.explanation !== '' && (
        <p className="rounded-[0.6em] bg-panel px-[1em] py-[0.5em] ring-1 ring-line/40">{result.explanation}</p>
      )}
    </div>
  )
}

function GetReady({ view, now, imageUrl, t }: Props) {
  const { state, event } = view
  const seconds = Math.max(1, useSecondsLeft(state.opensAt ?? 0, now))
  const question = questionOf(view)
  const special = specialOf(question, t)
  // it is there when the question opens
  if (question?.image) preload(imageUrl(question.image.id), { as: 'image' })
  return (
    <div className="flex grow flex-col items-center justify-center gap-[0.5em] text-center">
      <p className="text-[1.4em] font-bold text-soft">{t.question((state.question ?? 0) + 1, event.questions)}</p>
      <h1 className="text-[3em] leading-tight font-black">{t.getReady}</h1>
      {special && <p className="rounded-full bg-spot px-[1em] py-[0.2em] font-bold text-black">{special}</p>}
      <p
        key={seconds}
        aria-hidden="true"
        className="flex size-[2.4em] animate-pop items-center justify-center rounded-full bg-violet-700 text-[3.4em] font-black text-white tabular-nums motion-reduce:animate-none"
      >
        {seconds}
      </p>
    </div>
  )
}

function specialOf(question: EventView['question'], t: ScreenTexts): string | undefined {
  if (question?.kind === 'poll') return t.poll
  if (question?.points === 0) return t.practice
  return question?.points === 2_000 ? t.double : undefined
}
