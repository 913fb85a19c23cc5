#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Checks whether you can deploy an environment from here, and whether what is deployed is as it should be: settings, tools,
 * credentials, account, Docker, stack, service drift, images, secrets, alarms. Changes nothing.
 *
 *   ./deploy/check.mts <environment> [<part>] [--json]
 *   npm run check staging                          make check ENV=staging
 *   npm run check staging before                   make check ENV=staging PART=before
 *   npm run check staging drift                    make check ENV=staging PART=drift
 *
 *   environment   development, staging, production or local
 *   part          before: whether you can deploy, and nothing that a deployment would fix: a gate for CI
 *                 drift: everything, and the stack drift: whether someone changed a resource of the stack by hand, which
 *                 CloudFormation finds out in minutes
 *   --json        the findings as data
 *
 *   ./deploy/check.mts staging --json | jq '.Live[] | select(.status == "FAIL")'
 *
 * Each line is OK, WARN or FAIL (with what to do about it), or SKIP (with the reason). Exit code 1 when anything is FAIL.
 */
import { checkAwsCapabilities, checkAws } from '../lib/check/aws.mts'
import type { Finding } from '../lib/check/finding.mts'
import { allSkipped, checkAccount, checkEnvironment } from '../lib/check/findings.mts'
import { checkLive } from '../lib/check/live.mts'
import { imageNodeFinding } from '../lib/check/node.mts'
import { shellFindings } from '../lib/check/shell.mts'
import { checkStackDrift } from '../lib/check/stack-drift.mts'
import {
  checkCdkOnPath,
  checkCheckout,
  checkDockerEngine,
  checkGit,
  homeFinding,
  nodeFinding,
  checkOptionalSkopeo,
  pinnedCdk,
  checkPlatform,
} from '../lib/check/tools.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { isLocalEndpoint } from '../lib/environment/environments.mts'
import { readSettings } from '../lib/environment/settings.mts'
import { addToPage, fenced } from '../lib/script/job-page.mts'
import { Failure } from '../lib/script/failure.mts'
import { begin } from '../lib/script/job.mts'
import { main, printResult } from '../lib/script/main.mts'
import { annotate } from '../lib/script/surroundings.mts'

const unset = 'not checked without settings'

await main(import.meta, async (argv) => {
  const { environment, part, json } = parseArguments(argv, ['json'], ['part'])
  if (!['before', 'drift', undefined].includes(part))
    throw new Failure(`unknown part: ${part}`, 'give before, drift or none', 2)
  const isBefore = part === 'before'
  const { findings: Settings, isUsable } = await checkEnvironment(environment, isBefore)
  const local = isLocalEndpoint()
  // only now: for local, the checks above put the tools of the local AWS on the PATH
  const tools = begin(() =>
    Promise.all([
      checkGit(),
      checkCheckout(),
      checkAws(local),
      checkAwsCapabilities(),
      checkCdkOnPath(),
      checkDockerEngine(),
      checkPlatform(local),
      checkOptionalSkopeo(),
    ]),
  )
  const { findings: AWS, outputs } = isUsable
    ? await checkAccount(environment, isBefore)
    : { findings: allSkipped(['credentials', 'account', 'bootstrap', 'stack'], unset), outputs: unset }
  const live = isBefore ? [] : checkLive(environment, outputs)
  const stackDrift = part === 'drift' ? checkStackDrift(environment, outputs) : []
  const Live = (await Promise.all([live, stackDrift])).flat()
  const node = isUsable ? [imageNodeFinding(readSettings(environment))] : []
  const Tools = [nodeFinding(), ...node, homeFinding(), pinnedCdk(), ...(await tools).flat(), ...shellFindings()]

  const tree = { Settings, Tools, AWS, ...(isBefore ? {} : { Live }) }
  const findings = Object.values(tree).flat()
  const [bad, doubtful] = ['FAIL', 'WARN'].map((wanted) => findings.filter(({ status }) => status === wanted))
  printResult(json, { environment, ok: bad!.length === 0, ...tree }, () => formatTree(tree))
  addToPage(`### check ${environment}\n\n${fenced(formatTree(tree).trimEnd().split('\n'))}`)
  for (const { name, detail, remedy = '' } of bad!) annotate('error', `${name}: ${detail}`, remedy)
  for (const { name, detail, remedy = '' } of doubtful!) annotate('warning', `${name}: ${detail}`, remedy)
  if (bad!.length > 0) process.exitCode = 1
})

function formatTree(tree: Record<string, Finding[]>): string {
  const lines = Object.entries(tree).flatMap(([section, findings]) => [
    section,
    ...findings.flatMap(({ name, status, detail, remedy }) => [
      `  ${name.padEnd(22)} ${`[${status}]`.padEnd(6)} ${detail}`,
      ...(remedy ? [`  ${''.padEnd(22)}        ${remedy}`] : []),
    ]),
  ])
  const count = (wanted: string) =>
    Object.values(tree)
      .flat()
      .filter(({ status }) => status === wanted).length
  return [...lines, '', `${count('FAIL')} FAIL, ${count('WARN')} WARN`].join('\n') + '\n'
}
