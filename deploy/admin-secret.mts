#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Shows what an administrator of an environment signs in with. Changes nothing.
 *
 *   ./deploy/admin-secret.mts <environment> [--yes] [--json]
 *   npm run admin-secret staging                   make admin-secret ENV=staging
 *
 *   environment   development, staging, production or local
 *   --yes         show it without a question, as in a script: ./deploy/admin-secret.mts staging --yes | pbcopy
 *   --json        as data
 *
 * On a terminal it asks first, since somebody may be looking on. The value goes to stdout and nowhere else.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { Failure } from '../lib/script/failure.mts'
import { withFlag } from '../lib/script/invocation.mts'
import { main } from '../lib/script/main.mts'
import { read } from '../lib/script/shell.mts'
import { stackOutputs } from '../lib/stack/stack.mts'
import { resolveTarget } from '../lib/environment/target.mts'
import { ask, hasTerminal } from '../lib/script/terminal.mts'

await main(import.meta, async (argv) => {
  const { environment, yes, json } = parseArguments(argv, ['yes', 'json'])
  if (!yes && !hasTerminal()) {
    throw new Failure(
      'a secret is shown only where somebody asked for it, and there is no terminal',
      withFlag('--yes'),
      2,
    )
  }
  const { AdminSecretArn } = await stackOutputs(await resolveTarget(environment))
  if (!yes && (await ask(`Show the admin secret of ${environment} here? (yes/no) `)) !== 'yes') {
    throw new Failure('the secret was not shown', 'run it again and type: yes')
  }
  const { SecretString } = await read<{
    SecretString: string
  }>`aws secretsmanager get-secret-value --secret-id ${AdminSecretArn}`
  process.stdout.write(
    json ? JSON.stringify({ environment, secret: SecretString }, null, 2) + '\n' : `${SecretString}\n`,
  )
})
