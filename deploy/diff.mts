#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Shows what a deployment from here would change: stack, service and task definition, image, files of the site.
 *
 *   ./deploy/diff.mts <environment> [<part>] [--json]
 *   npm run diff production                        make diff ENV=production
 *   npm run diff production site                   make diff ENV=production PART=site
 *
 *   environment   development, staging, production or local
 *   part          infrastructure, service, image or site; without it, all of them
 *   --json        the same as data
 *
 * Changes nothing there; builds image and site here to compare them. Exit code 0 whether or not something differs.
 */
import { findServiceDrift } from '../lib/check/service-drift.mts'
import { checkDockerEngine, pinnedCdk, requireTools } from '../lib/check/tools.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { makeReleaseId } from '../lib/environment/checkout.mts'
import { resolveDestination, type Destination } from '../lib/environment/target.mts'
import { isImage } from '../lib/image/image.mts'
import { Failure } from '../lib/script/failure.mts'
import { main } from '../lib/script/main.mts'
import { readRunningRelease } from '../lib/service/service.mts'
import { findRestoredTable } from '../lib/service/table.mts'
import { planUpload } from '../lib/site/site.mts'
import { hasChanges, diffStack } from '../lib/stack/cdk.mts'
import { describeStack, findStackOutputs } from '../lib/stack/stack.mts'
import { buildImage } from './backend.mts'
import { buildSite } from './frontend.mts'

const noStack = 'the stack is not deployed yet, or is older than this code: deploy the infrastructure first'

const parts: Record<string, (target: Destination) => Promise<string[]>> = {
  async infrastructure(target) {
    requireTools([pinnedCdk()])
    const stack = await describeStack(target.names.stack)
    const text = await diffStack({ ...target, restoredTable: await findRestoredTable(target, stack) })
    return hasChanges(text) ? text.split('\n').filter((line) => line.trim() && !line.includes('Number of stacks')) : []
  },
  async service(target) {
    const outputs = await findStackOutputs(target)
    if (!outputs) return [noStack]
    const found = await findServiceDrift(target, outputs)
    return found
      ? Object.entries(found).flatMap(([name, lines]) => lines.map((line: string) => `${name}: ${line}`))
      : ['no service runs yet']
  },
  async image(destination) {
    const target = { ...destination, release: await makeReleaseId() }
    requireTools([await checkDockerEngine()])
    const running = await readRunningRelease(target)
    const image = await buildImage(target)
    const reference = running?.taskDefinition.containerDefinitions[0]?.image
    if (!reference) return [`${image.id} here, and none runs`]
    return (await isImage(reference, image, target.names.repository))
      ? []
      : [`${reference} runs, and ${image.id} is here`]
  },
  async site(destination) {
    const target = { ...destination, release: await makeReleaseId() }
    const outputs = await findStackOutputs(target)
    if (!outputs) return [noStack]
    const { changed } = await planUpload(target, outputs, await buildSite(target))
    return changed.map(({ key }) => key)
  },
}

await main(import.meta, async (argv) => {
  const { environment, part, json } = parseArguments(argv, ['json'], ['part'])
  const wanted = Object.entries(parts).filter(([name]) => part === undefined || part === name)
  if (wanted.length === 0) throw new Failure(`unknown part: ${part}`, `give one of ${Object.keys(parts).join(', ')}`, 2)
  const target = await resolveDestination(environment)
  const changes: Record<string, string[]> = {}
  for (const [name, changesOf] of wanted) {
    changes[name] = await changesOf(target)
    if (!json)
      process.stdout.write(
        `${name}\n${(changes[name].length ? changes[name] : ['no change']).map((line) => `  ${line}\n`).join('')}`,
      )
  }
  if (json) process.stdout.write(JSON.stringify({ environment, ...changes }, null, 2) + '\n')
})
