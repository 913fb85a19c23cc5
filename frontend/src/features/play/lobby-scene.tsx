import { useEffect } from 'react'
import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import { announce } from '../../lib/announce.ts'
import { useTexts } from '../../texts/language.tsx'

/** Joined, and nothing asked yet: the name stands in the light. */
export function LobbyScene({ view }: { view: Snapshot }) {
  const { lobby: t } = useTexts().texts
  useEffect(() => announce(t.youAreIn), [t.youAreIn])
  return (
    <div className="m-auto flex w-full flex-col items-center gap-6 text-center">
      <p className="text-lg font-semibold text-balance text-soft wrap-anywhere">{view.event.title}</p>
      <h1 className="text-4xl font-black tracking-tight">{t.youAreIn}</h1>
      <p className="w-full animate-pop rounded-3xl bg-spot px-4 py-8 text-4xl font-black wrap-anywhere text-black shadow-[0_0_4rem_#ffd43b66] motion-reduce:animate-none">
        {view.player?.name}
      </p>
      <p className="text-xl text-balance">{t.waitForStart}</p>
      <p aria-hidden="true" className="flex gap-2">
        {[0, 1, 2].map((dot) => (
          <span
            key={dot}
            className="size-3 rounded-full bg-accent motion-safe:animate-pulse"
            style={{ animationDelay: `${dot * 250}ms` }}
          />
        ))}
      </p>
    </div>
  )
}
