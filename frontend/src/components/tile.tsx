import type { ReactNode } from 'react'
import { Card } from './card.tsx'

/** One big figure and what it counts. */
export function Tile({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Card className="flex flex-col-reverse justify-end gap-1">
      <h2 className="text-sm text-soft">{label}</h2>
      <p className="text-3xl font-semibold tracking-tight whitespace-nowrap tabular-nums sm:text-4xl">{children}</p>
    </Card>
  )
}
