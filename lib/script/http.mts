import { Failure } from './failure.mts'
import { currentJob } from './job.mts'

/** GET, for at most ten seconds; a network error is a Failure with its cause, not "fetch failed". */
export async function request(url: string): Promise<Response> {
  const { signal } = currentJob()
  try {
    return await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]), redirect: 'follow' })
  } catch (error) {
    signal.throwIfAborted()
    const { message, cause } = error as Error
    throw new Failure(`${url} does not answer: ${(cause as Error | undefined)?.message ?? message}`, `curl -i ${url}`)
  }
}

/** Opens a WebSocket, without an Origin as wscat does, and closes it again. */
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
      reject(new Failure(`${url} does not open: ${error.message}`, `npx wscat -c ${url}`))
    })
  })
}
