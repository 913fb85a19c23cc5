import type { EventView, Scene } from '../../lib/event-view.ts'
import { useTitle } from '../../lib/use-title.ts'
import { Fitted } from './fitted.tsx'
import { JoinCorner } from './join-corner.tsx'
import { LobbyScene } from './lobby-scene.tsx'
import { PodiumScene } from './podium-scene.tsx'
import { QuestionScene } from './question-scene.tsx'
import { RankingScene } from './ranking-scene.tsx'
import type { ScreenTexts } from './texts.ts'

interface Props {
  view: EventView
  scene: Scene
  connected: boolean
  /** The server's time, in milliseconds. */
  now: () => number
  imageUrl: (id: string) => string
  t: ScreenTexts
}

/** What the hall sees. All sizes follow the size of the screen, from 1280 × 720 to 4K. */
export function Projector({ view, scene, connected, now, imageUrl, t }: Props) {
  useTitle(view.event.title)
  const playing = scene !== 'lobby' && scene !== 'ended'
  return (
    <div className="flex h-dvh flex-col gap-[0.8em] overflow-hidden px-[1.6em] py-[1em]">
      {playing && (
        <header className="flex items-start justify-between gap-[1em]">
          <p className="min-w-0">
            <span className="block truncate font-bold">{view.event.title}</span>
            <span className="text-[0.85em] text-soft">
              {t.question((view.state.question ?? 0) + 1, view.event.questions)}
            </span>
          </p>
          <div className="shrink-0 text-[0.75em]">
            <JoinCorner view={view} t={t} />
          </div>
        </header>
      )}
      <main className="flex min-h-0 grow flex-col">
        <Fitted>
          <SceneOf {...{ view, scene, now, imageUrl, t }} />
        </Fitted>
      </main>
      {!connected && (
        <output className="rounded-[0.5em] bg-panel px-[0.8em] py-[0.3em] text-center font-bold text-bad">
          {t.lost}
        </output>
      )}
    </div>
  )
}

function SceneOf({ view, scene, now, imageUrl, t }: Omit<Props, 'connected'>) {
  switch (scene) {
    case 'lobby':
      return <LobbyScene view={view} t={t} />
    case 'board':
      return <RankingScene view={view} t={t} />
    case 'ended':
      return <PodiumScene view={view} t={t} />
    default:
      return <QuestionScene key={view.state.question} {...{ view, scene, now, imageUrl, t }} />
  }
}
