#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Prints what the tasks of an environment write: the last 15 minutes, then what follows until Ctrl-C. Changes nothing.
 *
 *   ./deploy/logs.mts <environment> [--since 15m] [--no-follow] [--json]
 *   npm run logs production                        make logs ENV=production
 *   npm run logs production -- --since 2h          make logs ENV=production ARGS="--since 2h --no-follow"
 *
 *   environment   development, staging, production or local
 *   --since       start: 90s, 15m, 2h or 1d ago, or a time with its zone, such as 2026-11-23T10:15:00Z
 *   --no-follow   print only what exists now
 *   --json        the lines that exist now, as data
 *
 * Each line is its time (UTC), the task's first eight digits, and what the task wrote.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { expectCtrlC, main, printResult } from '../lib/script/main.mts'
import { logLine, parseSince, followTaskLog } from '../lib/service/logs.mts'

await main(import.meta, async (argv) => {
  const { environment, since, noFollow, json } = parseArguments(argv, ['since', 'no-follow', 'json'])
  const from = parseSince(since ?? '15m')
  const follow = !noFollow && !json
  if (follow) expectCtrlC()
  for await (const events of followTaskLog(await resolveDestination(environment), from, { follow })) {
    printResult(json, events, () => events.map(logLine).join(''))
  }
})
