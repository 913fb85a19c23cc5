import { useState } from 'react'
import { type ResultTable, resultTables, saveResults } from '../lib/results.ts'
import { Button } from './button.tsx'

interface Props {
  /** `token`: the event's host token or the admin secret. */
  source: { apiUrl: string; event: string; token: string }
  words: { tables: Record<ResultTable, string>; nameless: string; hint: string }
  failed: (error: unknown) => string
}

/** The three tables of an event's results, each as a file. */
export function ResultDownloads({ source, words, failed }: Props) {
  const [nameless, setNameless] = useState(false)
  const [problem, setProblem] = useState<string>()

  const save = async (table: ResultTable) => {
    setProblem(undefined)
    try {
      await saveResults({ ...source, table, nameless })
    } catch (error) {
      setProblem(failed(error))
    }
  }

  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm">{words.hint}</p>
      {resultTables.map((table) => (
        <Button key={table} onClick={() => void save(table)}>
          {words.tables[table]}
        </Button>
      ))}
      <label className="flex min-h-11 cursor-pointer items-center gap-3">
        <input
          type="checkbox"
          checked={nameless}
          onChange={({ target }) => setNameless(target.checked)}
          className="size-6 accent-violet-700"
        />
        {words.nameless}
      </label>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </div>
  )
}
