import { Failure, Unanswered } from './failure.mts'
import { currentJob } from './job.mts'

/** GET, for at most ten seconds; a network error is Unanswered, with its cause and not "fetch failed". */
export async function request(url: string): Promise<Response> {
  const { signal } = currentJob()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
  return await orUnanswered(url, () => fetch(url, { signal: limit, redirect: 'follow' }))
}

/** GET of a text; the connection may end in the middle of it. */
export async function requestText(url: string): Promise<{ ok: boolean; status: number; body: string }> {
  const answer = await request(url)
  const body = await orUnanswered(url, () => answer.text())
  return { ok: answer.ok, status: answer.status, body }
}

async function orUnanswered<T>(url: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    currentJob().signal.throwIfAborted()
    const { message, cause } = error as Error
    const fact = `${url} does not answer: ${(cause as Error | undefined)?.message || message}`
    throw new Unanswered(fact, `curl -i ${url}`, true)
  }
}

/** Opens a WebSocket, without an Origin as wscat does, and closes it again. An HTTP answer is a refusal, a network error is Unanswered. */
export async function openWebSocket(url: string): Promise<void> {
  const { WebSocket } = await import('ws')
  await new Promise<void>((resolve, reject) => {
    const socket = new WebSocket(url, { handshakeTimeout: 10_000 })
    socket.on('open', () => {
      socket.close()
      resolve()
    })
    socket.on('error', (error) => {
      socket.terminate()
      const [fact, remedy] = [`${url} does not open: ${error.message}`, `npx wscat -c ${url}`]
      const isRefused = error.message.startsWith('Unexpected server response')
      reject(isRefused ? new Failure(fact, remedy) : new Unanswered(fact, remedy, true))
    })
  })
}
