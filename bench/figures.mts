import { loadavg } from 'node:os'

/** One line of the table. */
export interface Figure {
  what: string
  /** Medians, where it was measured more than once. */
  measured: number
  unit: 's' | 'MB'
  /** What it is measured against, in the same run, and its figure. */
  beside?: { what: string; figure: number; rounds: number }
  /** Of the ratio, or of the figure itself where nothing is beside it; without it the line only tells. */
  atMost?: number
  load: number
}

interface Sides {
  ours(): Promise<number>
  beside(): Promise<number>
}

/** Seconds of both sides, in turn, and every second time the other one first. */
export async function timeInTurn(
  what: string,
  atMost: number,
  sides: Sides,
  { rounds = 1, beside = 'by hand' } = {},
): Promise<Figure> {
  const times = { ours: [] as number[], beside: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 ? (['beside', 'ours'] as const) : (['ours', 'beside'] as const))
      times[side].push(await sides[side]())
  return {
    what,
    measured: median(times.ours),
    beside: { what: beside, figure: median(times.beside), rounds },
    unit: 's',
    atMost,
    load: loadNow(),
  }
}

export async function timeAlone(what: string, atMost: number, work: () => Promise<number>): Promise<Figure> {
  return { what, measured: await work(), unit: 's', atMost, load: loadNow() }
}

function median(numbers: number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)]!
}

/** Load average of the last minute. */
export function loadNow(): number {
  return loadavg()[0]!
}

/** Prints the table. Exit code 1 when a ratio, or a figure that has nothing beside it, exceeds its bound. */
export function show(all: Figure[]): void {
  console.log(`\n${''.padEnd(38)}    measured      beside    ratio     bound  rounds   load`)
  for (const { what, measured, unit, beside, atMost, load } of all) {
    const shown = (value: number) => `${value.toFixed(unit === 's' ? 2 : 1)} ${unit}`.padStart(12)
    const ratio = beside && measured / beside.figure
    const bound = atMost === undefined ? '' : ratio === undefined ? `${atMost} ${unit}` : `${atMost} ×`
    const columns = [
      what.padEnd(38),
      shown(measured),
      beside ? shown(beside.figure) : ''.padStart(12),
      (ratio === undefined ? '' : `${ratio.toFixed(2)} ×`).padStart(9),
      bound.padStart(10),
      String(beside?.rounds ?? '').padStart(8),
      load.toFixed(1).padStart(7),
      beside ? `  ${beside.what}` : '',
    ]
    console.log(columns.join(''))
    if (atMost !== undefined && (ratio ?? measured) > atMost) process.exitCode = 1
  }
  console.log('\nrounds 1: a single sample of each side, the toolkit first')
}
