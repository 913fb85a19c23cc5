#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Deploys everything to an AWS on this machine: no account, no cost, the same stages as anywhere else.
 *
 *   ./deploy/local.mts [--redeploy] [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run deploy:local                           make deploy-local
 *
 *   --redeploy    restart the backend even when nothing changed
 *   --dry-run     build, show every command that would follow, change nothing there
 *   --force, --wait-idle   no effect here: only staging and production check whether a quiz is live
 *   --yes         no effect here: only production asks
 *   --verbose     print every line of every command as it comes
 *
 * Starts the local AWS if it is not running (and installs what it needs, as make local-up does), then does what
 * ./deploy/all.mts local does, with the real aws, cdk and docker. It cannot reach a real account, whatever credentials
 * the shell has. Exit codes: those of ./deploy/all.mts.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { connectToLocalAws, localConnection, notRunning } from '../infrastructure/local/connection.ts'
import { backendFlags, parseArguments } from '../lib/environment/arguments.mts'
import { Failure } from '../lib/script/failure.mts'
import { root } from '../lib/script/files.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'

await main(import.meta, async (argv) => {
  // refuse bad flags before spending half a minute on the start
  parseArguments(['local', ...argv], backendFlags)
  if (!(await localConnection())) await runScript('infrastructure/local/cli/up.mts')
  if (process.exitCode) return
  if (!(await connectToLocalAws())) throw new Failure(...notRunning)
  const stdout = await runScript('deploy/all.mts', 'local', ...argv)
  const site = /^site +(\S+)$/m.exec(stdout)?.[1]
  if (site) say(`\nopen ${site} in a browser\nmake local-shell opens a shell on it, make local-down removes it`)
})

/** Runs one of our scripts, which may ask questions; its exit code becomes ours. Returns its stdout. */
async function runScript(file: string, ...args: string[]): Promise<string> {
  const child = spawn(join(root, file), args, { stdio: ['inherit', 'pipe', 'inherit'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    process.stdout.write(chunk)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  process.exitCode = code ?? 1
  return stdout
}
