#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Everything to an AWS on this machine: no account, no cost, the same stages as anywhere else.
 *
 *   ./deploy/local.mts [--redeploy] [--dry-run] [--force | --wait-idle]
 *   npm run deploy:local                           make deploy-local
 *
 *   --redeploy    restart the backend even though nothing changed
 *   --dry-run     build, show what would follow, change nothing there
 *   --force       also while a quiz is live
 *   --wait-idle   wait until no quiz is live
 *
 * Starts the local AWS if it does not run (and installs what that lacks, as make local-up tells), then does what
 * ./deploy/all.mts local does, with the real aws, cdk and docker. A real account cannot be reached from here, whatever
 * the shell's credentials are. Exit codes: those of ./deploy/all.mts.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { backendFlags, parseArguments } from '../lib/environment/arguments.mts'
import { connectToLocalAws, localConnection, notRunning } from '../infrastructure/local/connection.ts'
import { Failure } from '../lib/script/failure.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { root } from '../lib/script/shell.mts'

await main(import.meta, async (argv) => {
  // not after half a minute of starting
  parseArguments(['local', ...argv], backendFlags)
  if (!(await localConnection())) await script('infrastructure/local/cli/up.mts')
  if (process.exitCode) return
  if (!(await connectToLocalAws())) throw new Failure(...notRunning)
  const told = await script('deploy/all.mts', 'local', ...argv)
  const site = /^site +(\S+)$/m.exec(told)?.[1]
  if (site) say(`\nopen ${site} in a browser; make local-shell opens a shell on it, make local-down removes it`)
})

/** Runs one of our scripts, which may have questions; its exit code becomes ours. Returns what it told on stdout. */
async function script(file: string, ...args: string[]): Promise<string> {
  const child = spawn(join(root, file), args, { stdio: ['inherit', 'pipe', 'inherit'] })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString()
    process.stdout.write(chunk)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  process.exitCode = code ?? 1
  return told
}
