import { spawn } from 'node:child_process'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../../lib/script/failure.mts'
import { pause } from '../../../lib/script/job.mts'
import { root } from '../../../lib/script/files.mts'
import { endpoint } from '../settings.ts'
import { stateDirectory, readText } from '../connection.ts'
import { ownProcesses, processes, stop } from './process.mts'

const program = join(import.meta.dirname, '..', 'main.ts')

export const logDirectory = join(stateDirectory, 'log')
export const processLog = join(logDirectory, 'local-aws.log')

/**
 * Starts the local AWS's process, detached, and waits until it answers. Returns its pid.
 * Fails with the last error of its log when it exits instead.
 * @param environment wins over ours; nothing of a real account is passed on
 */
export async function startDaemon(environment: Record<string, string>): Promise<number> {
  mkdirSync(logDirectory, { recursive: true })
  writeFileSync(processLog, '')
  const output = openSync(processLog, 'a')
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK|npm)_/.test(name))
  const child = spawn(process.execPath, ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), program], {
    cwd: root,
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...Object.fromEntries(inherited), ...environment },
  })
  child.unref()
  const pid = child.pid!
  try {
    for (const deadline = Date.now() + 60_000; (await askPid(endpoint)) !== pid; await pause(50)) {
      if (child.exitCode === null && child.signalCode === null && Date.now() < deadline) continue
      const lastError = readText(processLog)
        ?.trimEnd()
        .split('\n')
        .findLast((line) => /error/i.test(line))
      throw new Failure(
        `the local AWS did not start: ${lastError?.trim() ?? 'it printed no error'}`,
        `its whole log is ${processLog}`,
      )
    }
  } catch (error) {
    await stopDaemon(pid)
    throw error
  }
  return pid
}

/** Stops it, and waits for what it started (moto) too: that ends a moment after one that had to be killed. */
export async function stopDaemon(pid: number): Promise<void> {
  const started = processes().filter(({ parent }) => parent === pid)
  await stop(pid, 30_000)
  await Promise.all(started.map((child) => stop(child.pid, 5_000)))
}

/** Processes of this checkout's local AWS, including those that no connection file names any more. */
export function daemons(): number[] {
  return ownProcesses()
    .filter(({ args }) => args.includes(program))
    .map(({ pid }) => pid)
}

async function askPid(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/_local`, { signal: AbortSignal.timeout(2_000) })
    return ((await answer.json()) as { pid: number }).pid
  } catch {
    return undefined
  }
}
