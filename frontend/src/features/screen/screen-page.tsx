import { useEffect } from 'react'
import type { Language } from '../../../../backend/src/types/quiz.ts'
import { LinkEnd } from '../../components/link-end.tsx'
import { useLiveEvent, useScene } from '../../lib/use-live-event.ts'
import { useWakeLock } from '../../lib/wake-lock.ts'
import { useTexts } from '../../texts/language.tsx'
import { Projector } from './projector.tsx'
import { screenTexts } from './texts.ts'

interface Props {
  apiUrl: string
  wsUrl: string
  event: string
  /** Until the event's own is known. */
  language: Language
}

/** `/screen/:event#token` */
export function ScreenPage({ apiUrl, wsUrl, event, language }: Props) {
  const live = useLiveEvent('screen', event, wsUrl)
  useWakeLock()
  useTexts(live?.view?.event.language)
  useProjectorSizes()
  const t = screenTexts[live?.view?.event.language ?? language]
  const now = live?.now ?? Date.now
  const scene = useScene(live?.view, now)

  if (!live) return <LinkEnd code={undefined} words={t.ends} />
  const { status, view, again } = live
  if (status.phase === 'ended') return <LinkEnd code={status.code} words={t.ends} again={again} />
  if (status.phase === 'outdated') return <LinkEnd code="outdated" words={t.ends} />
  if (!view || !scene) return <p className="p-[1em]">{t.connecting}</p>
  return (
    <Projector
      {...{ view, scene, now, t }}
      connected={status.phase === 'connected' || scene === 'ended'}
      imageUrl={(id) => `${apiUrl}/media/${id}`}
    />
  )
}

/** All sizes of the page follow the size of the screen, for as long as it is a projector's. */
function useProjectorSizes(): void {
  useEffect(() => {
    document.documentElement.classList.add('projector')
    return () => document.documentElement.classList.remove('projector')
  }, [])
}
