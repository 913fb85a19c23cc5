import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { account } from './settings.ts'

export interface Moto {
  pid: number
  /** Resolves when it has ended, for whatever reason. */
  ended: Promise<unknown>
  close(): Promise<void>
}

/**
 * Starts moto on 127.0.0.1 and waits until it answers. It ends with this process, however this process ends: its stdin
 * is a pipe that the launcher watches. Its output goes to ours.
 * @param python interpreter of the virtualenv that has moto
 */
export async function startMoto(python: string, port: number): Promise<Moto> {
  const child = spawn(python, [join(import.meta.dirname, 'moto_server.py'), String(port)], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      MOTO_ACCOUNT_ID: account,
      // `cdk bootstrap` attaches AdministratorAccess and ReadOnlyAccess
      MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
      // moto would otherwise look up its own host's identity
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  })
  const ended = once(child, 'exit')
  child.stdin.on('error', () => {})
  const waiting = new AbortController()
  try {
    await Promise.race([waitUntilItAnswers(port, waiting.signal), failWhenItEnds(ended)])
  } catch (error) {
    child.kill()
    throw error
  } finally {
    waiting.abort()
  }
  return {
    pid: child.pid!,
    ended,
    async close() {
      child.kill()
      await ended
    },
  }
}

async function failWhenItEnds(ended: Promise<unknown>): Promise<never> {
  await ended
  throw new Error('moto ended before it answered')
}

async function waitUntilItAnswers(port: number, signal: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    if (signal.aborted || (await accepts(port))) return
  }
  throw new Error('moto did not answer within a minute')
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.unref()
    socket.once('connect', () => socket.destroy())
  })
}
