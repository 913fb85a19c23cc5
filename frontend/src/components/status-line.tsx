import type { ReactNode } from 'react'

const looks = {
  good: { sign: '✓', look: 'text-good' },
  busy: { sign: '…', look: 'text-soft' },
  bad: { sign: '!', look: 'text-bad' },
  /** What to do, rather than how things are. */
  plain: { sign: '', look: 'text-soft' },
}

interface Props {
  look: keyof typeof looks
  /** `off`: it is not read out. */
  live?: 'off'
  children: ReactNode
}

/** One line that says how things are, and is read out when it changes. Never by colour alone. */
export function StatusLine({ look, live, children }: Props) {
  const { sign, look: colour } = looks[look]
  return (
    <output aria-live={live} className={`flex items-center justify-center gap-2 text-base font-semibold ${colour}`}>
      <span
        aria-hidden="true"
        className="empty:hidden flex size-6 shrink-0 items-center justify-center rounded-full text-sm font-black ring-2 ring-current"
      >
        {sign}
      </span>
      <span>{children}</span>
    </output>
  )
}
