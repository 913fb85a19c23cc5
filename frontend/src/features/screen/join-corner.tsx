import { QrCode } from '../../components/qr-code.tsx'
import type { EventView } from '../../lib/event-view.ts'
import { joinLink, spacedCode } from '../../lib/links.ts'
import type { ScreenTexts } from './texts.ts'

/** For those who come late, while they still may join. */
export function JoinCorner({ view: { event, state }, t }: { view: EventView; t: ScreenTexts }) {
  if (!event.lateJoining || state.locked) return
  return (
    <aside className="flex items-center gap-[0.5em] text-right">
      <p className="leading-tight">
        <span className="text-soft">{t.lateJoin}</span> <span className="font-bold">{location.host}</span>
        <br />
        <span className="text-[1.3em] font-black tracking-wider tabular-nums">{spacedCode(event.code)}</span>
      </p>
      <QrCode text={joinLink(location.origin, event.code)} label={t.qr} className="size-[3.6em] rounded-[0.3em]" />
    </aside>
  )
}
