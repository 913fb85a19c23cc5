import { useCallback, useState } from 'react'
import type { Language } from '../../../../backend/src/types/quiz.ts'
import { LinkEnd } from '../../components/link-end.tsx'
import type { Wanted } from '../../lib/commands.ts'
import { useLiveEvent, useScene } from '../../lib/use-live-event.ts'
import { useWakeLock } from '../../lib/wake-lock.ts'
import { useTexts } from '../../texts/language.tsx'
import { HealthLine } from './health-line.tsx'
import { Remote } from './remote.tsx'
import { hostTexts } from './texts.ts'

interface Props {
  apiUrl: string
  wsUrl: string
  event: string
  /** Until the event's own is known. */
  language: Language
}

/** `/host/:event#token` */
export function HostPage({ apiUrl, wsUrl, event, language }: Props) {
  const live = useLiveEvent('host', event, wsUrl)
  useWakeLock()
  useTexts(live?.view?.event.language)
  const t = hostTexts[live?.view?.event.language ?? language]
  const [news, setNews] = useState<string>()
  const now = live?.now ?? Date.now
  const scene = useScene(live?.view, now)
  const command = live?.command
  const send = useCallback(
    async (wanted: Wanted) => {
      setNews(undefined)
      const outcome = await command?.(wanted)
      if (outcome !== undefined && outcome !== 'ok') setNews(t.outcomes[outcome])
    },
    [command, t],
  )

  if (!live) return <LinkEnd code={undefined} words={t.ends} />
  const { status, view, token, again } = live
  if (status.phase === 'ended') return <LinkEnd code={status.code} words={t.ends} again={again} />
  if (status.phase === 'outdated') return <LinkEnd code="outdated" words={t.ends} />
  if (!view || !scene) return <HealthLine view={undefined} connected={false} t={t} />
  return (
    <Remote
      {...{ view, scene, now, send, news, t }}
      connected={status.phase === 'connected'}
      source={{ apiUrl, event, token }}
    />
  )
}
