import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Where this process looks next. The system gives a connection a port from 32768 on: one of those may be taken between our
 * look and the server that is to have it. Other test files look elsewhere at the same time.
 */
let next = 20_000 + ((process.pid * 20) % 10_000)

/** A port that nothing listens on, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next++
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
