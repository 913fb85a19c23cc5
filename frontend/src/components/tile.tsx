import type { ReactNode } from 'react'

/** One big figure and what it counts. */
export function Tile({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1 rounded-2xl bg-white p-5 shadow-sm ring-1 ring-black/5 dark:bg-white/5 dark:ring-white/10">
      <p className="text-3xl font-semibold tabular-nums sm:text-4xl">{children}</p>
      <p className="text-sm text-zinc-500 dark:text-zinc-400">{label}</p>
    </div>
  )
}
