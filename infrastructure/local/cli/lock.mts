import { createServer, type Server } from 'node:net'
import { pause } from '../../../lib/script/job.mts'
import { say } from '../../../lib/script/narration.mts'

/** What only one process of this machine does at a time, and what the others then wait for. */
const turns = {
  /** They share ports and perhaps an engine. */
  local: 'another make local-up or local-down',
  /** apt-get does not wait for itself: it fails. */
  apt: 'another process that installs packages',
}

/**
 * Runs the work when it is its turn. The lock is a socket in Linux's abstract namespace, which goes when its process does: no
 * crash leaves it behind.
 */
export async function exclusively<T>(work: () => Promise<T>, turn: keyof typeof turns = 'local'): Promise<T> {
  let lock = await takeLock(turn)
  if (!lock) say(`waiting for ${turns[turn]}`)
  while (!lock) {
    await pause(200)
    lock = await takeLock(turn)
  }
  try {
    return await work()
  } finally {
    lock.close()
  }
}

function takeLock(turn: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(`\0live-quiz-${turn}`, () => resolve(server.unref()))
  })
}
