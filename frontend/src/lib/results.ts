import { request } from './request.ts'

export const resultTables = ['players', 'answers', 'questions'] as const
export type ResultTable = (typeof resultTables)[number]

interface Wanted {
  apiUrl: string
  event: string
  table: ResultTable
  /** Host token or admin secret. */
  token: string
  /** Without names: for publishing. */
  nameless: boolean
}

/** 100,000 answers over the network of a full hall take longer than anything else that is asked for. */
const savedWithinMs = 300_000

/** Saves a table of results as a file. Throws `RequestFailed`. A link alone cannot do that: it sends no token. */
export async function saveResults({ apiUrl, event, table, token, nameless }: Wanted): Promise<void> {
  const path = `${apiUrl}/events/${event}/results/${table}.csv${nameless ? '?names=no' : ''}`
  saveFile(`${table}-${event}.csv`, await request(path, { token, withinMs: savedWithinMs }))
}

/** A browser may read the file only some time after the click; FileSaver.js waits as long. */
const readWithinMs = 40_000

export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), readWithinMs)
}
