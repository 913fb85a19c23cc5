import { type ReactNode, useEffect, useSyncExternalStore } from 'react'
import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import { Page } from '../../components/page.tsx'
import { announce } from '../../lib/announce.ts'
import { everyTick } from '../../lib/ticks.ts'
import { useTexts } from '../../texts/language.tsx'
import { LobbyScene } from './lobby-scene.tsx'
import { type Scene, sceneOf } from './scene.ts'

interface Props {
  view: Snapshot
  /** The server's time, in milliseconds. */
  now: () => number
  isConnected: boolean
  /** What is shown from the first question on. */
  children: (scene: Exclude<Scene, 'lobby'>) => ReactNode
}

/** The event as long as it lasts: who one is, the connection where it is lost, and the scene of the moment. */
export function Playing({ view, now, isConnected, children }: Props) {
  const scene = useSyncExternalStore(everyTick, () => sceneOf(view, now()))
  return (
    <Page header={<Header view={view} />}>
      <Connection isConnected={isConnected} />
      {scene === 'lobby' ? <LobbyScene view={view} /> : children(scene)}
    </Page>
  )
}

function Header({ view: { player, state } }: { view: Snapshot }) {
  const { locale, lobby: t } = useTexts().texts
  // the lobby shows the name itself
  if (!player || state.question === null) return null
  return (
    <p className="flex items-center justify-between gap-3 text-lg font-bold">
      <span className="min-w-0 truncate">{player.name}</span>
      <span className="shrink-0 rounded-full bg-panel px-3 py-1 tabular-nums ring-1 ring-line/40">
        {t.total(player.score.toLocaleString(locale))}
      </span>
    </p>
  )
}

/** Nothing while all is well. It lies over the page and takes no tap: nothing may move under a finger. */
function Connection({ isConnected }: { isConnected: boolean }) {
  const { connection: t } = useTexts().texts
  const problem = navigator.onLine ? !isConnected && t.reconnecting : t.offline
  useEffect(() => {
    if (problem) announce(problem)
  }, [problem])
  return (
    problem && (
      <p className="pointer-events-none fixed inset-x-4 top-[max(0.5rem,env(safe-area-inset-top))] z-10 mx-auto max-w-lg rounded-2xl bg-panel px-4 py-2 text-center font-semibold text-bad ring-2 ring-bad">
        {problem}
      </p>
    )
  )
}
