import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { isBlocked } from './blocked-ports.ts'

export interface LoopbackServer {
  port: number
  /** Stops listening and closes what is open, at once; tunnels too, which a http server no longer knows. */
  close: () => Promise<void>
}

/** More than this many of one kind is a mistake, and would run into the ports of the next kind. */
const range = 50

/**
 * Listens on the first free port of 127.0.0.1 from `first` upward that browsers talk to.
 * @throws Error when none is free
 */
export async function listenFrom(server: Server, first: number): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  for (let port = first; port < first + range; port += 1) {
    if (!isBlocked(port) && (await tryListen(server, port))) return { port, close }
  }
  throw new Error(`no free port on 127.0.0.1 between ${first} and ${first + range - 1}`)
}

function tryListen(server: Server, port: number): Promise<boolean> {
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
