import { QrCode } from '../../components/qr-code.tsx'
import type { EventView } from '../../lib/event-view.ts'
import { joinLink, spacedCode } from '../../lib/links.ts'
import type { HostTexts } from './texts.ts'

/** How players get in: the code to scan, the address and the digits to read out. */
export function Lobby({ view, t }: { view: EventView; t: HostTexts }) {
  const { code } = view.event
  const words = t.lobby
  return (
    <div className="flex flex-col items-center gap-3 text-center">
      <QrCode text={joinLink(location.origin, code)} label={words.qr} className="w-full max-w-52 rounded-2xl" />
      <p className="text-soft">{words.hint(location.host)}</p>
      <p className="text-5xl font-black tracking-widest tabular-nums">{spacedCode(code)}</p>
      <p className="text-sm text-soft">{words.notAPlayer}</p>
    </div>
  )
}
