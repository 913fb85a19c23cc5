import { QrCode } from '../../components/qr-code.tsx'
import type { EventView } from '../../lib/event-view.ts'
import { joinLink, spacedCode } from '../../lib/links.ts'
import type { ScreenTexts } from './texts.ts'

/** As many names as fit at every size. */
const shownNames = 30

/** Everything to get in, and who already has. */
export function LobbyScene({ view, t }: { view: EventView; t: ScreenTexts }) {
  const { event, state, roster } = view
  const names = roster?.names.slice(0, shownNames) ?? []
  return (
    <div className="grid min-h-0 grow grid-cols-[auto_1fr] gap-[2em]">
      <section aria-label={t.qr} className="flex flex-col items-center justify-center gap-[0.4em] text-center">
        <QrCode
          text={joinLink(location.origin, event.code)}
          label={t.qr}
          className="size-[13em] rounded-[0.8em] shadow-lg"
        />
        <p className="text-[0.9em] text-soft">{t.joinAt}</p>
        <p className="text-[1.2em] font-bold">{location.host}</p>
        <p className="text-[0.9em] text-soft">{t.andType}</p>
        <p className="text-[3.4em] leading-none font-black tracking-wider tabular-nums">{spacedCode(event.code)}</p>
      </section>
      <section className="flex min-h-0 min-w-0 flex-col gap-[0.7em]">
        <h1
          className={`leading-tight font-black text-balance wrap-anywhere ${event.title.length > 40 ? 'text-[1.5em]' : 'text-[2em]'}`}
        >
          {event.title}
        </h1>
        <p className="text-[1.4em] font-bold tabular-nums">
          {state.players === 0 ? t.waiting : t.players(state.players)}
          {state.locked && <span className="ml-[1em] text-[0.7em] font-normal text-soft">{t.locked}</span>}
        </p>
        <ul className="flex min-h-0 grow basis-0 flex-wrap content-start gap-[0.4em] overflow-hidden mask-b-from-85% p-[0.15em] text-[0.9em]">
          {names.map(({ player, name }) => (
            <li
              key={player}
              className="max-w-full animate-pop truncate rounded-full bg-panel px-[0.8em] py-[0.25em] font-bold ring-1 ring-line/40 motion-reduce:animate-none"
            >
              {name}
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}
