#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/start" "$0" "$@"'
/*
 * Everything to an AWS on this machine: no account, no cost, the same stages as anywhere else.
 *
 *   ./deploy/local.mts [--redeploy]
 *   npm run deploy:local                           make deploy-local
 *
 *   --redeploy   restart the backend even though nothing changed
 *
 * Starts the local AWS if it does not run (and installs what that lacks, as make local-up tells), then does what
 * ./deploy/all.mts local does, with the real aws, cdk and docker. A real account cannot be reached from here, whatever
 * the shell's credentials are. Exit codes: those of ./deploy/all.mts.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { addresses } from '../lib/addresses.mts'
import { environmentNames } from '../lib/environments.mts'
import { enterLocalAws } from '../lib/local-aws.mts'
import { main } from '../lib/main.mts'
import { say } from '../lib/narration.mts'
import { root } from '../lib/shell.mts'
import { stackOutputs } from '../lib/stack.mts'

await main(import.meta, async (argv) => {
  if ((await exitCodeOf('infrastructure/local/cli/up.mts')) !== 0) return
  await enterLocalAws()
  if ((await exitCodeOf('deploy/all.mts', 'local', ...argv)) !== 0) return
  const outputs = await stackOutputs({ environment: 'local', names: environmentNames('local') })
  say(
    `\nopen ${addresses(outputs).site} in a browser; make local-shell opens a shell on it, make local-down removes it`,
  )
})

/** Runs one of our scripts with the terminal as its own, since it may have questions. Its exit code becomes ours. */
async function exitCodeOf(script: string, ...args: string[]): Promise<number> {
  const child = spawn(join(root, script), args, { stdio: 'inherit' })
  const passOn = () => void child.kill('SIGTERM')
  process.on('SIGTERM', passOn)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('SIGTERM', passOn)
  process.exitCode = code ?? 1
  return process.exitCode
}
