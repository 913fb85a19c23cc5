export interface Live {
  quizzes: number
  /** Who has joined one and was not removed, as of its last lease: up to ten seconds ago. */
  players: number
}

/** What is live now. Fails with one sentence that a reader of the page can understand. */
export async function fetchLive(apiUrl: string, signal: AbortSignal): Promise<Live> {
  const response = await fetch(`${apiUrl}/live`, { signal })
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  const live = (await response.json()) as Partial<Live> | null
  if (typeof live?.quizzes !== 'number' || typeof live.players !== 'number') {
    throw new Error('the server sent an answer that this page does not understand')
  }
  return { quizzes: live.quizzes, players: live.players }
}
