import type { Server } from 'node:http'

/** More than this many of one kind is a mistake, and would run into the ports of the next kind. */
const range = 50

/**
 * Listens on the first free port of 127.0.0.1 from `first` upward.
 * @throws Error when none is free
 */
export async function listenFrom(server: Server, first: number): Promise<number> {
  for (let port = first; port < first + range; port += 1) {
    if (await listens(server, port)) return port
  }
  throw new Error(`no free port on 127.0.0.1 between ${first} and ${first + range - 1}`)
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.off('listening', ready)
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    }
    const ready = (): void => {
      server.off('error', failed)
      resolve(true)
    }
    server.once('error', failed).once('listening', ready)
    server.listen(port, '127.0.0.1')
  })
}

/** Stops listening and closes what is open, at once. Upgraded connections are not the server's any more. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
