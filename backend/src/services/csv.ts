import { setImmediate as nextTurn } from 'node:timers/promises'
import { stringify } from 'csv-stringify/sync'
import type { Language } from '../types/quiz.ts'

/** A cell that is undefined is empty. */
export type Row = readonly (string | number | undefined)[]

/** As Excel in the event's language has it: what separates cells, and the mark before a fraction. */
const customs: Record<Language, { delimiter: string; point: string }> = {
  en: { delimiter: ',', point: '.' },
  de: { delimiter: ';', point: ',' },
}

/** What would begin a formula where a spreadsheet splits as another language does. */
const formulaInside: Record<Language, RegExp> = {
  en: /([;\t][\s"]*)(?=[=+\-@＝＋－＠])/gu,
  de: /([,\t][\s"]*)(?=[=+\-@＝＋－＠])/gu,
}

/** So many rows take a few milliseconds, for which nobody's answer waits. */
const rowsAtOnce = 500

/**
 * A table as spreadsheets take it, piece by piece: UTF-8 with its mark, lines that end in CR LF, and a text that a
 * spreadsheet would take for a formula, such as a player's name `=1+1` or `;=1+1`, led by an apostrophe.
 */
export async function* csvOf(columns: Row, rows: Iterable<Row>, language: Language): AsyncGenerator<string> {
  yield csvText([columns], language, true)
  let piece: Row[] = []
  for (const row of rows) {
    piece.push(row)
    if (piece.length < rowsAtOnce) continue
    yield csvText(piece, language)
    piece = []
    await nextTurn()
  }
  yield csvText(piece, language)
}

function csvText(rows: readonly Row[], language: Language, bom = false): string {
  const { delimiter, point } = customs[language]
  const written = (cell: Row[number]): Row[number] => {
    if (typeof cell === 'string') return cell.replace(formulaInside[language], "$1'")
    // a whole number stays one: as a text, one below zero would be taken for a formula
    return cell === undefined || Number.isInteger(cell) ? cell : String(cell).replace('.', point)
  }
  const cells = rows.map((row) => row.map(written))
  return stringify(cells, { bom, delimiter, escape_formulas: true, record_delimiter: 'windows' })
}
