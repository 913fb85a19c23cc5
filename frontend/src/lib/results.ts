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

/** Saves a table of results as a file. Throws `RequestFailed`. A link alone cannot do that: it sends no token. */
export async function saveResults({ apiUrl, event, table, token, nameless }: Wanted): Promise<void> {
  const response = await request(`${apiUrl}/events/${event}/results/${table}.csv${nameless ? '?names=no' : ''}`, {
    token,
  })
  saveFile(`${table}-${event}.csv`, await response.blob())
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
