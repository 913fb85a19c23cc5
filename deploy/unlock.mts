#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Breaks the deploy lock of an environment: for a deployment that died and whose lock has not expired yet.
 *
 *   ./deploy/unlock.mts <environment> [--dry-run] [--yes]
 *   npm run unlock staging                         make unlock ENV=staging
 *
 *   environment   development, staging, production or local
 *   --dry-run     show the lock and the command, and do not run it
 *   --yes         do not ask for production's name
 *
 * Shows whose lock it is first. A deployment that is alive after all notices within half a minute and stops itself; what
 * it had changed by then stays. An expired lock needs no breaking: the next deployment takes it over by itself.
 */
import { toAttributes } from '../lib/ledger/ledger.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { Failure } from '../lib/script/failure.mts'
import { invocation } from '../lib/script/invocation.mts'
import { isDryRun } from '../lib/script/job.mts'
import { write } from '../lib/ledger/ledger.mts'
import { currentLock, isHeldBy, lockKey, describeLock } from '../lib/ledger/lock.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { resolveTarget } from '../lib/environment/target.mts'
import { confirmProduction } from '../lib/ledger/guards.mts'

await main(import.meta, async (argv) => {
  const { environment, yes } = parseArguments(argv, ['dry-run', 'yes'])
  const target = await resolveTarget(environment)
  const lock = await currentLock(target)
  if (!lock) return say(`nobody holds the deploy lock of ${environment}`)
  say(`the lock is held by ${describeLock(lock)}`)
  await confirmProduction(environment, yes)

  // that one, and not what somebody took in the meantime; its holder may have renewed it
  const input = { TableName: target.names.ledger, Key: toAttributes(lockKey), ...isHeldBy(lock) }
  const outcome = await write('delete-item', input)
  if (outcome !== 'written') {
    throw new Failure(
      'the lock went to somebody else in the meantime; it was not broken',
      `${invocation('releases', environment)} tells to whom`,
    )
  }
  if (!isDryRun()) say(`${environment} is unlocked`)
})
