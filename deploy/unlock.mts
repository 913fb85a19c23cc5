#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Breaks the deploy lock of an environment: for a deployment that died and whose lock has not expired yet.
 *
 *   ./deploy/unlock.mts <environment> [--dry-run] [--yes] [--verbose]
 *   npm run unlock staging                         make unlock ENV=staging
 *
 *   environment   development, staging, production or local
 *   --dry-run     show the lock and the command, change nothing
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Shows first who holds the lock. If that deployment is still alive, it notices before it changes what runs or is live, and
 * within half a minute, and stops; what it has changed by then stays. You need not break an expired lock: the next
 * deployment takes it over.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { confirmProduction } from '../lib/ledger/guards.mts'
import { toAttributes, changeItem } from '../lib/ledger/ledger.mts'
import { readLock, describeLock, isHeldBy, lockKey } from '../lib/ledger/lock.mts'
import { invocation } from '../lib/script/command-line.mts'
import { Failure } from '../lib/script/failure.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'

await main(import.meta, async (argv) => {
  const { environment, yes } = parseArguments(argv, ['dry-run', 'yes', 'verbose'])
  const target = await resolveDestination(environment)
  const lock = await readLock(target)
  if (!lock) return say(`the deploy lock of ${environment} is free`)
  say(`the lock is held by ${describeLock(lock)}`)
  await confirmProduction(environment, yes)

  // this holder's only, renewed or not: someone else may have taken the lock in the meantime
  const input = { TableName: target.names.ledger, Key: toAttributes(lockKey), ...isHeldBy(lock) }
  const outcome = await changeItem('delete-item', input, { shown: true })
  // refused, and free: it was deleted, by this run before its answer was lost, or by the run that held it
  if (outcome !== 'written' && (await readLock(target))) {
    throw new Failure(
      'someone else took the lock in the meantime; nothing was changed',
      `${invocation('releases', environment)} shows who`,
    )
  }
  if (!isDryRun()) say(`${environment} is unlocked; a run that is still alive stops within half a minute`)
})
