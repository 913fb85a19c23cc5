import { preload } from 'react-dom'
import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import { useSecondsLeft } from '../../components/countdown.tsx'
import { usePlayTexts } from './use-play-texts.ts'
import type { PlayTexts } from './texts.ts'
import { questionOf } from './scene.ts'

interface Props {
  view: Snapshot
  now: () => number
  apiUrl: string
}

/** Asked, but not open yet: every phone opens it at the same time of the server. */
export function ReadyScene({ view, now, apiUrl }: Props) {
  const { t } = usePlayTexts()
  const seconds = useSecondsLeft(view.state.opensAt ?? 0, now)
  const question = questionOf(view)
  // it is there when the question opens
  if (question?.image) preload(`${apiUrl}/media/${question.image.id}`, { as: 'image' })
  return (
    <div className="m-auto flex flex-col items-center gap-6 text-center">
      <h1 className="text-4xl font-black tracking-tight">{t.getReady}</h1>
      <p
        // each number pops up
        key={seconds}
        role="timer"
        aria-label={t.opensIn(seconds)}
        className="flex size-40 animate-pop items-center justify-center rounded-full bg-violet-600 text-8xl font-black text-white tabular-nums motion-reduce:animate-none"
      >
        <span aria-hidden="true">{Math.max(1, seconds)}</span>
      </p>
      {question && <QuestionKind question={question} t={t} />}
    </div>
  )
}

/** What is special about a question: that it is a poll, practice, or counts double. */
export function QuestionKind({ question, t }: { question: NonNullable<Snapshot['question']>; t: PlayTexts }) {
  const words = kindWords(question, t)
  if (words === undefined) return null
  return <p className="self-center rounded-full bg-spot px-4 py-1 text-base font-bold text-black">{words}</p>
}

function kindWords({ kind, points }: NonNullable<Snapshot['question']>, t: PlayTexts): string | undefined {
  if (kind === 'poll') return t.poll
  if (points === 0) return t.practice
  return points === 2_000 ? t.double : undefined
}
