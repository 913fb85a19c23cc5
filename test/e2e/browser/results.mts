import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { button } from './stage.mts'

/** What a finger did, and what its page said of it. Questions count from 1. */
export interface Tap {
  name: string
  question: number
  /** `B`, `A C` */
  choice: string
  told: 'saved' | 'late'
}

type Row = Record<string, string>

/** The three tables, as the host takes them from the last page. */
export async function readTables(host: Page) {
  const [players, answers, questions] = [
    await readTable(host, 'Players'),
    await readTable(host, 'Answers'),
    await readTable(host, 'Questions'),
  ]
  return { players, answers, questions }
}

/** The rows of a table, each by the names of its columns. No cell of this quiz has a comma in it. */
async function readTable(host: Page, name: string): Promise<Row[]> {
  const [download] = await Promise.all([host.waitForEvent('download'), button(host, name).tap()])
  const text = readFileSync(await download.path(), 'utf8')
  assert.equal(text.codePointAt(0), 0xfeff)
  const [columns, ...rows] = text
    .slice(1)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(row.map((cell, at) => [columns?.[at], cell])))
}

interface Player {
  name: string
  page: Page
  right: number
  answered: number
}

/** Fails where tables and pages do not say what was tapped. @param players the best first */
export async function agree(
  { players, answers, questions }: Awaited<ReturnType<typeof readTables>>,
  taps: readonly Tap[],
  expected: readonly Player[],
): Promise<void> {
  const inOrder = (lines: string[]) => lines.toSorted((one, other) => one.localeCompare(other))
  assert.deepEqual(
    inOrder(answers.map(({ question, name, choice, status }) => `${question} ${name} ${choice} ${status}`)),
    inOrder(taps.map(({ question, name, choice, told }) => `${question} ${name} ${choice} ${told}`)),
  )
  assert.deepEqual(
    players.map(({ rank, name, right, answered }) => `${rank}. ${name}: ${right} of ${answered}`),
    expected.map(({ name, right, answered }, at) => `${at + 1}. ${name}: ${right} of ${answered}`),
  )
  for (const { name, page } of expected) {
    const own = answers.filter((row) => row['name'] === name)
    const score = own.reduce((sum, row) => sum + Number(row['points']), 0)
    const row = players.find((each) => each['name'] === name)
    assert.equal(Number(row?.['score']), score, name)
    const text = `Place ${row?.['rank']} of ${players.length} · ${score.toLocaleString('en')} points`
    assert.equal(await page.getByText(/^Place \d/).textContent(), text)
  }
  for (const row of questions) {
    const counted = taps.filter(({ question, told }) => question === Number(row['question']) && told === 'saved')
    assert.equal(Number(row['answered']), counted.length)
    for (const letter of 'ABCD') {
      const chosen = counted.filter(({ choice }) => choice.split(' ').includes(letter)).length
      if (row[letter]) assert.equal(Number(row[`${letter} chosen`]), chosen, `${row['text']} ${letter}`)
    }
  }
}
