import { createServer, type Server } from 'node:net'
import { pause } from '../../../lib/script/job.mts'
import { say } from '../../../lib/script/narration.mts'

/**
 * Runs one local-up or local-down at a time on this machine: they share ports and perhaps an engine. The lock is a socket in
 * Linux's abstract namespace, which goes when its process does: no crash leaves it behind.
 */
export async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  let lock = await takeLock()
  if (!lock) say('waiting for another make local-up or local-down')
  while (!lock) {
    await pause(200)
    lock = await takeLock()
  }
  try {
    return await work()
  } finally {
    lock.close()
  }
}

function takeLock(): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen('\0live-quiz-local', () => resolve(server.unref()))
  })
}
