import { readdirSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { Failure } from '../../../lib/script/failure.mts'
import { processes } from './process.mts'
import { readText } from '../connection.ts'

/** Fails when something listens on one of the ports already, and names the process, as far as /proc shows it. */
export async function requireFreePorts(ports: number[]): Promise<void> {
  for (const port of ports) {
    if (await isFree(port)) continue
    const owner = listener(port)
    throw new Failure(
      `port ${port} is taken${owner ? ` by ${owner}` : ''}`,
      `stop that, or take other ports: LOCAL_AWS_PORT=${port + 1000} make local-up`,
    )
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** `name (pid 123)` of the process that listens on the port; undefined: it is another user's. */
function listener(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = ['tcp', 'tcp6'].flatMap((name) => (readText(`/proc/net/${name}`) ?? '').split('\n').slice(1))
  // columns: number, local address, remote address, state (0A: listening), …, inode
  const inode = sockets
    .map((line) => line.trim().split(/\s+/))
    .find((field) => field[1]?.endsWith(suffix) && field[3] === '0A')?.[9]
  const owner = inode && processes().find(({ pid }) => openSockets(pid).includes(`socket:[${inode}]`))
  return owner ? `${owner.args.join(' ').slice(0, 60)} (pid ${owner.pid})` : undefined
}

function openSockets(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`)
      } catch {
        return ''
      }
    })
  } catch {
    return [] // another user's, or gone
  }
}
