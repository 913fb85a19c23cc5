import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.mts'

const root = join(import.meta.dirname, '..', '..', '..')

type Dev = Awaited<ReturnType<typeof startDev>>

/** `npm run dev` as a developer has it, on ports of its own; it ends with the test. */
export async function startDev(t: TestContext, given: Record<string, string> = {}) {
  const env = { PORT: String(await freePort()), SITE_PORT: String(await freePort()), ...given }
  // the way of `npm run dev`, started from elsewhere
  const child = spawn(join(root, 'deploy', 'dev.mts'), {
    cwd: '/',
    env: { ...process.env, ...env },
    // what it is expected to say, or to end by, comes within seconds on a quiet machine
    timeout: 240_000,
  })
  t.after(() => child.kill('SIGTERM') && once(child, 'close'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('output')
    })
  }
  const ended = once(child, 'close').then(([code]) => Number(code))
  return {
    site: `http://127.0.0.1:${env.SITE_PORT}`,
    interrupt: () => child.kill('SIGINT'),
    output: () => output,
    ended,
    says: async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(output)
        if (found) return found
        await Promise.race([once(child, 'output'), ended.then(() => assert.fail(output))])
      }
    },
  }
}

/** The same, when backend and site answer. */
export async function startedDev(t: TestContext): Promise<Dev> {
  const started = await startDev(t)
  await started.says(/^backend \| .*"listening"/m)
  await started.says(/^site +\| .*Local:/m)
  return started
}
