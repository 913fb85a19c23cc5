#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Lists the revisions that the backend of an environment can be rolled back to, newest first. Changes nothing.
 *
 *   ./deploy/revisions.mts <environment> [--all] [--json]
 *   npm run revisions staging                      make revisions ENV=staging
 *
 *   environment   development, staging, production or local
 *   --all         every revision; without it, the newest ten and the ones in use
 *   --json        the same as data
 *
 * `image gone`: the repository no longer has the image, so that revision cannot run again. `rolled back` and `failed`: the
 * result of its own deployment, for a revision that never came up.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { listRevisions } from '../lib/rollback/revision.mts'
import { inColumns } from '../lib/script/drawing.mts'
import { main, printResult } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'

await main(import.meta, async (argv) => {
  const { environment, all, json } = parseArguments(argv, ['all', 'json'])
  const { revisions, older } = await listRevisions(await resolveDestination(environment), all ? Infinity : 10)
  const rows = revisions.map(({ revision, release, registeredAt, digest, imageThere, ended, inUse }) => [
    String(revision),
    release || '-',
    registeredAt.slice(0, 16).replace('T', ' '),
    digest || 'by tag',
    [inUse && 'in use', !inUse && !imageThere && 'image gone', ended].filter(Boolean).join(', '),
  ])
  const header = ['REV', 'RELEASE', 'REGISTERED (UTC)', 'IMAGE', '']
  printResult(json, { environment, revisions, older }, () => (rows.length > 0 ? inColumns([header, ...rows]) : ''))
  if (rows.length === 0) say(`${environment} has no revision yet`)
  if (older > 0) say(`${older} older ones: --all`)
})
