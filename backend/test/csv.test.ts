import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { csvOf, type Row } from '../src/services/csv.ts'
import type { Language } from '../src/types/quiz.ts'

async function csv(columns: Row, rows: Row[], language: Language = 'en'): Promise<string> {
  let text = ''
  for await (const piece of csvOf(columns, rows, language)) text += piece
  return text
}

test('a table begins with the mark of UTF-8, and its lines end in CR LF', async () => {
  assert.equal(await csv(['rank', 'name'], [[1, 'Ann']]), '\u{feff}rank,name\r\n1,Ann\r\n')
})

test('a table without rows has its columns', async () => {
  assert.equal(await csv(['rank', 'name'], []), '\u{feff}rank,name\r\n')
})

test('commas, quotes and line breaks stay in their cell', async () => {
  assert.equal(await csv(['name'], [['a,"b"\nc']]), '\u{feff}name\r\n"a,""b""\nc"\r\n')
})

test('an empty cell stays empty, and a negative number a number', async () => {
  assert.equal(await csv(['a', 'b'], [[undefined, -1]]), '\u{feff}a,b\r\n,-1\r\n')
})

for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1+1', '＋1', '－1', '＠1']) {
  test(`${JSON.stringify(name)} is no formula`, async () => {
    assert.match(await csv(['name'], [[name]]), /^\u{feff}name\r\n"?'/u)
  })
}

test('a German table has semicolons and decimal commas, as Excel in German reads it', async () => {
  const table = await csv(['name', 'seconds', 'score'], [['a;b, c', 1.25, -1]], 'de')
  assert.equal(table, '\u{feff}name;seconds;score\r\n"a;b, c";1,25;-1\r\n')
})

test('no text begins a cell as a formula does', async () => {
  const formula = /(?:^|\r\n|,)"?[=+\-@\t]/u
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.constantFrom('=', '+', '-', '@', '\t'), async (text, begin) => {
      const cell = text.replaceAll(/["\r\n,]/gu, '')
      assert.doesNotMatch(await csv(['name', 'other'], [[`${begin}${cell}`, `${begin}1`]]), formula)
    }),
  )
})

for (const [language, formula, separator] of [
  ['en', /[;\t][\s"]*[=+\-@]/u, ';'],
  ['de', /[,\t][\s"]*[=+\-@]/u, ','],
] as const) {
  test(`no text of a table in ${language} begins a cell as a formula does where one splits at "${separator}"`, async () => {
    const text = fc
      .array(fc.constantFrom(';', '=', '+', '-', '@', '\t', ' ', '"', ',', '1', "'"))
      .map((all) => all.join(''))
    await fc.assert(
      fc.asyncProperty(text, async (cell) => {
        assert.doesNotMatch(await csv(['name', 'score'], [[cell, -1]], language), formula)
      }),
    )
    const table = await csv(['name'], [[`${separator}=1+1`]], language)
    assert.equal(table, `\u{feff}name\r\n${separator}'=1+1\r\n`)
  })
}

test('every row of a long table is there once, in order', async () => {
  const rows = Array.from({ length: 1_234 }, (_, index) => [index])
  assert.equal(await csv(['no'], rows), `\u{feff}no\r\n${rows.join('\r\n')}\r\n`)
})

test('others get their turn while a long table is written', async () => {
  let turns = 0
  const count = setInterval(() => {
    turns += 1
  }, 0)
  const rows = Array.from({ length: 20_000 }, (_, index) => [index, 'a name of twenty cha'])
  const pieces: number[] = []
  for await (const piece of csvOf(['no', 'name'], rows, 'en')) pieces.push(piece.length)
  clearInterval(count)
  assert.ok(turns > 3, `${turns} turns`)
  assert.ok(Math.max(...pieces) < 20_000, `a piece of ${Math.max(...pieces)} characters`)
})
