#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Lists what was deployed to an environment: when, by whom, from which commit, with which result. Changes nothing.
 *
 *   ./deploy/releases.mts <environment> [<release>] [--json]
 *   npm run releases production                    make releases ENV=production
 *   npm run releases production 20261123T101502Z-1a2b3c4
 *                                                  make releases ENV=production RELEASE=20261123T101502Z-1a2b3c4
 *
 *   environment   development, staging, production or local
 *   release       show this one, and what it changed: commits, image, task definition, files of the site
 *   --json        the same as data, and all of them
 *
 * Newest first, the last 200, from the ledger in the environment's stack; also shows who is deploying right now. Every run
 * that deploys, rolls back or recovers leaves a record, even when it fails; scaling leaves none. NOTE="why" in front of
 * such a run is kept with it.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { listReleaseRecords } from '../lib/ledger/ledger.mts'
import { readLock, describeLock, isStale } from '../lib/ledger/lock.mts'
import { readReleaseChanges, releasePage, releaseTable, verdictOf } from '../lib/ledger/report.mts'
import { invocation, withFlag } from '../lib/script/command-line.mts'
import { Failure } from '../lib/script/failure.mts'
import { main, printResult } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'

await main(import.meta, async (argv) => {
  const { environment, release, json } = parseArguments(argv, ['json'], ['release'])
  const target = await resolveDestination(environment)
  const most = release === undefined && !json ? 200 : undefined
  const [known, lock] = await Promise.all([listReleaseRecords(target, most), readLock(target)])
  const records = known ?? []
  if (lock)
    say(
      isStale(lock) ? `a deployment died and left its lock: ${describeLock(lock)}` : `under way: ${describeLock(lock)}`,
    )

  if (release === undefined) {
    const releases = records.map((record) => ({ ...record, verdict: verdictOf(record, lock) }))
    printResult(json, { environment, lock, releases }, () => (records.length > 0 ? releaseTable(records, lock) : ''))
    if (records.length === most) say(`these are the last ${most}; all of them: ${withFlag('--json')}`)
    if (records.length === 0) say(`no release of ${environment} is recorded yet`)
    return
  }

  const place = records.findIndex(({ id }) => id === release)
  const record = records[place]
  if (!record) {
    throw new Failure(
      `the ledger of ${environment} has no release ${release}`,
      `${invocation('releases', environment)} lists them`,
    )
  }
  const changes = await readReleaseChanges(records.slice(place))
  const data = { ...record, verdict: verdictOf(record, lock), changes }
  printResult(json, data, () => releasePage(record, changes, lock))
})
