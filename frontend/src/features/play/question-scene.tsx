import { type ReactNode, useEffect, useEffectEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Countdown, useSecondsLeft } from '../../components/countdown.tsx'
import { OptionButton } from '../../components/option-button.tsx'
import { announce } from '../../lib/announce.ts'
import { AnswerLine } from './answer-line.tsx'
import type { GameProps } from './game-props.ts'
import { isRefusal } from './player.ts'
import { QuestionKind } from './ready-scene.tsx'
import { questionOf } from './scene.ts'
import { usePlayTexts } from './use-play-texts.ts'

interface Props extends GameProps {
  scene: 'question' | 'over' | 'closed'
}

/** The question, from the time it opens until its result. Single choice and true or false: the tap is the answer. */
export function QuestionScene(props: Props) {
  const { t } = usePlayTexts()
  const question = questionOf(props.view)
  if (!question) return <p className="m-auto text-xl">{t.loading}</p>
  return <OpenQuestion {...props} question={question} />
}

function OpenQuestion({
  view,
  answer,
  player,
  apiUrl,
  scene,
  question,
}: Props & { question: NonNullable<ReturnType<typeof questionOf>> }) {
  const { language, t } = usePlayTexts()
  const [selected, setSelected] = useState<readonly number[]>([])
  const [isIncomplete, setIncomplete] = useState(false)
  const isMultiple = question.kind === 'multiple'
  const given = answer && !isRefusal(answer.status) ? answer.choices : undefined
  const isOpen = scene === 'question' && given === undefined
  // what was not sent is no answer, unless the host gives more time
  const shown = given ?? (scene === 'closed' ? [] : selected)

  const press = (at: number) => {
    if (!isOpen) return
    setIncomplete(false)
    if (!isMultiple) player.answer([at])
    else if (selected.includes(at)) setSelected(selected.filter((each) => each !== at))
    else setSelected([...question.options.keys()].filter((each) => each === at || selected.includes(each)))
  }
  const submit = () => {
    if (!isOpen) return
    if (selected.length > 0) player.answer([...selected])
    else setIncomplete(true)
  }
  useKeys(question.options.length, press, isMultiple ? submit : undefined)

  const { opensAt, closesAt } = view.state
  // on the projector only: big buttons, two in a row
  const isBare = question.options.every((option) => option === '')
  return (
    <>
      {scene === 'closed' || opensAt === null ? (
        <p className="text-center text-2xl font-black">{t.timeUp}</p>
      ) : (
        closesAt !== null && (
          <>
            <Countdown key={closesAt} from={opensAt} until={closesAt} now={player.now} label={t.secondsLeft} />
            {isOpen && <TimeCalls until={closesAt} now={player.now} />}
          </>
        )
      )}
      <QuestionKind question={question} t={t} />
      <h1
        className={`text-[clamp(1.125rem,5.5vw,1.5rem)] leading-snug font-bold text-balance wrap-anywhere hyphens-auto ${isBare ? 'text-center' : ''}`}
      >
        {question.text || t.lookUp}
      </h1>
      {question.image && (
        <img
          src={`${apiUrl}/media/${question.image.id}`}
          alt={question.image.alt}
          // as high before it is loaded: the options must not move under a finger
          className="h-[30dvh] w-full rounded-2xl object-contain"
        />
      )}
      <div className={`mt-auto grid gap-2.5 ${isBare ? 'grow grid-cols-2' : ''}`}>
        {question.options.map((text, at) => (
          <OptionButton
            // an option has no other name than its place
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            at={at}
            text={text}
            language={language}
            look={shown.includes(at) ? 'chosen' : given || scene !== 'question' ? 'aside' : 'open'}
            {...(given?.includes(at) && { note: t.yourAnswer })}
            {...(isMultiple && { pressed: shown.includes(at) })}
            disabled={!isOpen}
            onPress={() => press(at)}
          />
        ))}
      </div>
      <Below isSticky={isMultiple || !isOpen}>
        {/* also when it was pressed: it has the focus, and the answer may be refused */}
        {isMultiple && scene === 'question' && (
          <Button look="primary" wide aria-disabled={!isOpen} onClick={submit}>
            {t.send}
          </Button>
        )}
        <AnswerLine {...{ answer, scene, isIncomplete }} hint={isMultiple ? t.multiple : t.single} />
      </Below>
    </>
  )
}

/** Sticky: in view, however long the question is. What is to be pressed, and what has become of it. */
function Below({ isSticky, children }: { isSticky: boolean; children: ReactNode }) {
  const look = isSticky ? 'sticky bottom-0 -mx-4 -mb-4 border-t border-line/25 bg-page px-4 pt-3 pb-4' : ''
  return <div className={`flex flex-col gap-3 ${look}`}>{children}</div>
}

/** The time is said at 10 s and at 5 s only. */
function TimeCalls({ until, now }: { until: number; now: () => number }) {
  const { t } = usePlayTexts()
  const seconds = useSecondsLeft(until, now)
  const call = seconds === 0 || seconds > 10 ? undefined : seconds > 5 ? 10 : 5
  useEffect(() => {
    if (call !== undefined) announce(t.secondsLeft(call))
  }, [call, t])
  return null
}

/** What takes the focus when a question comes. */
export const stageId = 'stage'

/**
 * Keys 1 to 6 press an option; Enter sends, unless a button has the focus: that is pressed instead. Only where the stage has
 * the focus, or something in it: what is said to another part of the page is no answer.
 * https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts
 */
function useKeys(options: number, press: (at: number) => void, submit: (() => void) | undefined): void {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return
    const at = Number(event.key) - 1
    if (Number.isInteger(at) && at >= 0 && at < options) press(at)
    if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) submit?.()
  })
  useEffect(() => {
    const stage = document.getElementById(stageId)
    const listener = (event: KeyboardEvent) => pressed(event)
    stage?.addEventListener('keydown', listener)
    return () => stage?.removeEventListener('keydown', listener)
  }, [])
}
