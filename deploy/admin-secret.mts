#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Prints the admin secret of an environment. Changes nothing.
 *
 *   ./deploy/admin-secret.mts <environment> [--yes] [--json]
 *   npm run admin-secret staging                   make admin-secret ENV=staging
 *
 *   environment   development, staging, production or local
 *   --yes         print it without asking, as in a script: ./deploy/admin-secret.mts staging --yes | pbcopy
 *   --json        the same as data
 *
 * On a terminal it asks first, since someone else may see the screen. The value goes to stdout and nowhere else; GitHub
 * Actions is told to hide it in the log of the job.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { withFlag } from '../lib/script/command-line.mts'
import { Failure } from '../lib/script/failure.mts'
import { main, printResult } from '../lib/script/main.mts'
import { ask, hasTerminal, hideFromLog } from '../lib/script/surroundings.mts'
import { readAdminSecret } from '../lib/stack/admin-secret.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, yes, json } = parseArguments(argv, ['yes', 'json'])
  if (!yes && !hasTerminal()) {
    throw new Failure('printing a secret asks for confirmation, and there is no terminal', withFlag('--yes'), 2)
  }
  const { AdminSecretArn } = await requireStackOutputs(await resolveDestination(environment))
  if (!yes && (await ask(`Print the admin secret of ${environment} here? (yes/no) `)) !== 'yes') {
    throw new Failure('the secret was not printed', 're-run the same command and type: yes')
  }
  const secret = await readAdminSecret(AdminSecretArn)
  hideFromLog(secret)
  printResult(json, { environment, secret }, () => `${secret}\n`)
})
