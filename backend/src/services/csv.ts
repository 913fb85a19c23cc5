import { setImmediate as nextTurn } from 'node:timers/promises'
import { stringify } from 'csv-stringify/sync'

/** A cell that is undefined is empty. */
export type Row = readonly (string | number | undefined)[]

/** What would begin a formula where a spreadsheet, such as Excel in German, splits at semicolons. */
const formulaInside = /([;\t][\s"]*)(?=[=+\-@＝＋－＠])/gu

/** So many rows take a few milliseconds, for which nobody's answer waits. */
const rowsAtOnce = 500

/**
 * A table as spreadsheets take it, piece by piece: UTF-8 with its mark, lines that end in CR LF, and a text that a
 * spreadsheet would take for a formula, such as a player's name `=1+1` or `;=1+1`, led by an apostrophe.
 */
export async function* csvOf(columns: Row, rows: Iterable<Row>): AsyncGenerator<string> {
  yield csvText([columns], true)
  let piece: Row[] = []
  for (const row of rows) {
    piece.push(row)
    if (piece.length < rowsAtOnce) continue
    yield csvText(piece)
    piece = []
    await nextTurn()
  }
  yield csvText(piece)
}

function csvText(rows: readonly Row[], bom = false): string {
  const cells = rows.map((row) => row.map(withoutFormulaInside))
  return stringify(cells, { bom, escape_formulas: true, record_delimiter: 'windows' })
}

function withoutFormulaInside(cell: Row[number]): Row[number] {
  return typeof cell === 'string' ? cell.replace(formulaInside, "$1'") : cell
}
