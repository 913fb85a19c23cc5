import { useLocation } from 'wouter'
import { closeCodes } from '../../../../backend/src/types/protocol.ts'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { usePlayTexts } from './use-play-texts.ts'

/** A close code, `unknown`: this browser is no player of the event, `banned` or `outdated`. */
export type Why = number | 'unknown' | 'banned' | 'outdated'

/** It has ended for good: why, and what can be done. */
export function Ended({ why }: { why: Why }) {
  const { ended: t } = usePlayTexts().t
  switch (why) {
    case closeCodes.removed:
      return (
        <Notice sign="👋" title={t.removed} hint={t.removedHint}>
          <Home label={t.rejoin} />
        </Notice>
      )
    case 'banned':
      return (
        <Notice sign="🚫" title={t.banned} hint={t.bannedHint}>
          <Home label={t.home} />
        </Notice>
      )
    case closeCodes.over:
      return (
        <Notice sign="🏁" title={t.over} hint={t.overHint}>
          <Home label={t.home} />
        </Notice>
      )
    case closeCodes.noSuchEvent:
      return (
        <Notice sign="🔍" title={t.gone} hint={t.goneHint}>
          <Home label={t.home} />
        </Notice>
      )
    case closeCodes.openedElsewhere:
      return (
        <Notice sign="🗂️" title={t.elsewhere} hint={t.elsewhereHint}>
          <Reload label={t.continueHere} />
        </Notice>
      )
    case closeCodes.unknownToken:
    case 'unknown':
      return (
        <Notice sign="🎟️" title={t.unknown} hint={t.unknownHint}>
          <Home label={t.rejoin} />
        </Notice>
      )
    case 'outdated':
      // reloading has not helped: what comes is still too old, such as out of a cache
      return (
        <Notice sign="🕰️" title={t.outdated} hint={t.outdatedHint}>
          <Reload label={t.reload} />
        </Notice>
      )
    default:
      return (
        <Notice sign="🔌" title={t.refused} hint={why === closeCodes.tooManyBadMessages ? t.refusedHint : t.silentHint}>
          <Reload label={t.continueHere} />
        </Notice>
      )
  }
}

function Home({ label }: { label: string }) {
  const [, go] = useLocation()
  return (
    <Button look="primary" onClick={() => go('/')}>
      {label}
    </Button>
  )
}

function Reload({ label }: { label: string }) {
  return (
    <Button look="primary" onClick={() => location.reload()}>
      {label}
    </Button>
  )
}
