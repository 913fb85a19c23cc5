import { percentile } from './parts.mts'

/** One line of the result. */
export interface Figure {
  what: string
  measured: number
  unit: 'ms' | 'KB' | 'MB' | 'units' | 'reads'
  /** Exclusive. */
  below: number
  /** What others measured or publish, where anyone does. */
  beside?: string
}

/** A generator that was later than this, in milliseconds, measured itself. */
const latestGenerator = 50

/** Everything that a run found. */
export interface Findings {
  figures: Figure[]
  /** What must not happen in a run, each once. */
  errors: Set<string>
  /** How late the generators were, at worst; milliseconds. */
  delay: number
}

/** The median and the 99th percentile, each with its bound. */
export function latencies(what: string, values: readonly number[], bounds: { p50?: number; p99: number }): Figure[] {
  const p50 = { what: `${what}, p50`, measured: percentile(values, 0.5), unit: 'ms' } as const
  const p99 = { what: `${what}, p99`, measured: percentile(values, 0.99), unit: 'ms' } as const
  return [...(bounds.p50 === undefined ? [] : [{ ...p50, below: bounds.p50 }]), { ...p99, below: bounds.p99 }]
}

/** Why a run says nothing, a line each. */
export function voids({ delay, notHeld, players }: { delay: number; notHeld: string | undefined; players: number }) {
  return [
    ...(notHeld === undefined ? [] : [`tasks ran without a limit, since there is no cgroup: ${notHeld}`]),
    ...(delay > latestGenerator ? [`the generators were ${Math.round(delay)} ms late themselves`] : []),
    ...(players === 5_000 ? [] : [`the bounds are for 5,000 players, not for ${players}`]),
  ]
}

export function isOver({ measured, below }: Figure): boolean {
  return !(measured < below)
}

export function formatFigures(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    shown(figure.measured, figure.unit),
    `< ${shown(figure.below, figure.unit)}`,
    isOver(figure) ? 'OVER' : 'ok',
    figure.beside ?? '',
  ])
  const all = [['5,000 players, two half cores', 'measured', 'bound', '', 'others'], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function shown(value: number, unit: Figure['unit']): string {
  return `${value < 10 && unit !== 'units' ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`
}
