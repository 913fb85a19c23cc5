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
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'

await main(import.meta, async (argv) => {
  const { environment, all, json } = parseArguments(argv, ['all', 'json'])
  const { revisions, older } = await listRevisions(await resolveDestination(environment), all ? Infinity : 10)
  if (json) {
    process.stdout.write(JSON.stringify({ environment, revisions }, null, 2) + '\n')
    return
  }
  if (revisions.length === 0) return say(`${environment} has no revision yet`)
  const rows = revisions.map(({ revision, release, registeredAt, digest, imageThere, ended, inUse }) => [
    String(revision),
    release || '-',
    registeredAt.slice(0, 16).replace('T', ' '),
    digest || 'by tag',
    [inUse && 'in use', !inUse && !imageThere && 'image gone', ended].filter(Boolean).join(', '),
  ])
  process.stdout.write(inColumns([['REV', 'RELEASE', 'REGISTERED (UTC)', 'IMAGE', ''], ...rows]))
  if (older > 0) say(`${older} older ones: --all`)
})
