import { type ReactNode, useEffect, useRef } from 'react'
import { Progress } from '../../components/progress.tsx'
import { announce } from '../../lib/announce.ts'
import { BoardScene } from './board-scene.tsx'
import { EndScene } from './end-scene.tsx'
import type { GameProps } from './game-props.ts'
import { forgetOldTickets } from './last-day.ts'
import { QuestionScene, stageId } from './question-scene.tsx'
import { ReadyScene } from './ready-scene.tsx'
import { ResultScene } from './result-scene.tsx'
import { questionOf, resultOf } from './scene.ts'
import { sceneWords } from './scene-words.ts'
import { usePlayTexts } from './use-play-texts.ts'

/** All that a player sees from the first question to the end. A chunk of its own, loaded in the lobby. */
export function Game(props: GameProps) {
  const { view, scene } = props
  const { t } = usePlayTexts()
  const question = questionOf(view)
  const hasEnded = view.state.phase === 'ended'
  useEffect(() => forgetOldTickets(view.event, hasEnded), [view.event, hasEnded])
  return (
    <>
      {question && scene !== 'ended' && (
        <Progress at={question.question} of={question.of} text={t.question(question.question + 1, question.of)} />
      )}
      <Stage key={`${partOf(props)} ${view.state.question}`} words={sceneWords(view, scene, t)}>
        <CurrentScene {...props} />
      </Stage>
    </>
  )
}

/** A question stays in view from its opening until its result has come: that its time is up is said once. */
function partOf({ scene, view }: GameProps): string {
  const isQuestion = scene === 'over' || scene === 'closed' || (scene === 'revealed' && !resultOf(view))
  return isQuestion ? 'question' : scene
}

function CurrentScene(props: GameProps) {
  const { scene, view, player, apiUrl } = props
  switch (scene) {
    case 'ready':
      return <ReadyScene view={view} now={player.now} apiUrl={apiUrl} />
    case 'revealed':
      return resultOf(view) ? <ResultScene view={view} /> : <QuestionScene {...props} scene="closed" />
    case 'board':
      return <BoardScene view={view} />
    case 'ended':
      return <EndScene view={view} />
    default:
      return <QuestionScene {...props} scene={scene} />
  }
}

/** The part that changes with the phase. With each news it takes the focus, so that the keyboard starts there. */
function Stage({ words, children }: { words: string; children: ReactNode }) {
  const stage = useRef<HTMLDivElement>(null)
  useEffect(() => {
    announce(words)
    stage.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [words])
  return (
    <div
      ref={stage}
      id={stageId}
      tabIndex={-1}
      className="flex grow animate-rise flex-col gap-5 motion-reduce:animate-none"
    >
      {children}
    </div>
  )
}
