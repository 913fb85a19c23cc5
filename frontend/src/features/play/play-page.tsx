import { lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { LoadFailure } from '../../components/load-failure.tsx'
import { moduleOf } from '../../lib/module-of.ts'
import { reloadOnce } from '../../lib/reload-once.ts'
import { Notice } from '../../components/notice.tsx'
import { socketUrl } from '../../lib/socket-url.ts'
import { useWakeLock } from '../../lib/wake-lock.ts'
import { useTexts } from '../../texts/language.tsx'
import { isBan, type Player } from './player.ts'
import { playerOf } from './players.ts'
import { Playing } from './playing.tsx'

const loadGame = () => moduleOf(import('./game.tsx'))
const loadEnded = () => moduleOf(import('./ended.tsx'))
const Game = lazy(async () => ({ default: (await loadGame()).Game }))
const Ended = lazy(async () => ({ default: (await loadEnded()).Ended }))

/** In the lobby already, so that nothing has to be loaded in the middle of a game. */
function prepareGame(): void {
  Promise.all([loadGame(), loadEnded()]).catch((error: unknown) => {
    console.warn('the game could not be loaded yet:', error)
  })
}

interface Props {
  event: string
  apiUrl: string
  wsUrl: string
}

/** The event as one of its players has it. */
export function PlayPage({ event, apiUrl, wsUrl }: Props) {
  const [player] = useState(() => playerOf(event, socketUrl(wsUrl, location)))
  if (player) return <Following player={player} apiUrl={apiUrl} />
  return (
    <Chunk>
      <Ended why="unknown" />
    </Chunk>
  )
}

function Following({ player, apiUrl }: { player: Player; apiUrl: string }) {
  const { status, view, answer } = useSyncExternalStore(player.subscribe, player.state)
  const { texts } = useTexts(view?.event.language)
  useWakeLock()
  useEffect(prepareGame, [])
  useEffect(() => {
    if (status.phase === 'outdated') reloadOnce('outdated')
  }, [status.phase])

  if (status.phase === 'outdated' || status.phase === 'ended') {
    return (
      <Chunk>
        <Ended why={isBan(status) ? 'banned' : status.phase === 'ended' ? status.code : 'outdated'} />
      </Chunk>
    )
  }
  if (!view) {
    const isLost = status.phase === 'reconnecting'
    const { connecting, connectingHint, reconnecting } = texts.connection
    return (
      <Notice sign="📡" title={connecting} hint={isLost ? reconnecting : connectingHint}>
        {null}
      </Notice>
    )
  }
  return (
    <Playing view={view} now={player.now} isConnected={status.phase === 'connected'}>
      {(scene) => (
        <Chunk>
          <Game {...{ scene, view, answer, player, apiUrl }} />
        </Chunk>
      )}
    </Playing>
  )
}

function Chunk({ children }: { children: ReactNode }) {
  const { connection: t } = useTexts().texts
  return (
    <LoadFailure>
      <Suspense fallback={<p className="m-auto text-xl">{t.connectingHint}</p>}>{children}</Suspense>
    </LoadFailure>
  )
}
