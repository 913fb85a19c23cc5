#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/start" "$0" "$@"'
/*
 * Whether an environment can be deployed from here: tools, settings, credentials, account, region, Docker, stack.
 * Changes nothing.
 *
 *   ./deploy/check.mts <environment> [--json]
 *   npm run check staging                          make check ENV=staging
 *
 *   environment   development, staging, production or local
 *   --json        the findings as data
 *
 * Each line is OK, NG (with what to do about it) or SKIP (with the reason). Exit code 1 when anything is NG.
 */
import { flags, given } from '../lib/arguments.mts'
import { awsFindings, environmentFindings } from '../lib/findings.mts'
import { main } from '../lib/main.mts'
import { awsCli, cdkOnPath, dockerEngine, git, node, pinnedCdk, type Finding } from '../lib/tools.mts'

await main(import.meta, async (argv) => {
  const { environment, json } = given(argv, { json: flags.json })
  const settings = await environmentFindings(environment)
  const local = environment === 'local'
  // Docker, aws and the rest as the environment at hand finds them
  const asked = await Promise.all([git(), awsCli(local), cdkOnPath(), dockerEngine()])
  const tools = [node(), pinnedCdk(), ...asked]
  const usable = [...settings, ...tools].every(({ name, status }) => status !== 'NG' || !/^(env|region|aws)/.test(name))
  const aws = usable ? await awsFindings(environment) : []

  const tree = { Settings: settings, Tools: tools, AWS: aws }
  const bad = Object.values(tree)
    .flat()
    .some(({ status }) => status === 'NG')
  process.stdout.write(json ? JSON.stringify({ environment, ok: !bad, ...tree }, null, 2) + '\n' : drawn(tree))
  if (bad) process.exitCode = 1
})

function drawn(tree: Record<string, Finding[]>): string {
  const lines = Object.entries(tree).flatMap(([section, findings]) => [
    section,
    ...findings.flatMap(({ name, status, detail, remedy }) => [
      `  ${name.padEnd(22)} [${status}] ${detail}`,
      ...(remedy ? [`  ${''.padEnd(22)}      ${remedy}`] : []),
    ]),
  ])
  return lines.join('\n') + '\n'
}
