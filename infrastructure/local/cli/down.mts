#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../../../lib/script/start" "$0" "$@"'
/*
 * Stops the AWS on this machine and removes every trace: processes, containers, images, .local/, and the Docker engine if
 * make local-up started it. What was there before stays, and so do the system's packages, and what deployments to other
 * environments keep in .local/deployments/.
 *
 *   ./infrastructure/local/cli/down.mts
 *   make local-down
 *
 * What was deployed there is gone with it. Running it again does nothing.
 */
import { writtenConnection, stateDirectory } from '../connection.ts'
import { main } from '../../../lib/script/main.mts'
import { say } from '../../../lib/script/narration.mts'
import { answeringEngine, findEngine } from './docker/find-engine.mts'
import { hasPrivateEngine, leavePrivateEngine, otherUser, privateHost } from './docker/private-engine.mts'
import { removeContainers, removeImages } from './docker/remains.mts'
import { requireNoArguments } from './arguments.mts'
import { daemons, stopDaemon } from './daemon.mts'
import { exclusively } from './lock.mts'
import { removeState } from './state.mts'
import { stopPreloadedAws } from './virtualenv.mts'

await main(import.meta, async (argv) => {
  requireNoArguments(argv)
  await exclusively(async () => {
    for (const pid of daemons()) {
      await stopDaemon(pid)
      say(`stopped the process ${pid} and its moto`)
    }
    await stopPreloadedAws()
    await emptyEngine()
    const removed = removeState(stateDirectory)
    if (removed) say(`removed ${removed}`)
    else if (!hasPrivateEngine()) say('nothing is left of the local AWS')
  })
})

async function emptyEngine(): Promise<void> {
  const used = writtenConnection()?.environment['DOCKER_HOST']
  const engine = used === undefined ? await findEngine() : await answeringEngine(used)
  if (engine) {
    process.env['DOCKER_HOST'] = engine
    const containers = await removeContainers()
    if (containers > 0) say(`removed ${containers} containers`)
    const images = await removeImages(otherUser() !== undefined)
    if (images.length > 0) say(`removed ${images.length} images: ${images.join(', ')}`)
  } else if (used !== undefined && used !== privateHost) {
    say(`the Docker engine at ${used} does not answer: our images stay in it`)
  }
  if (!hasPrivateEngine()) return
  const reason = await leavePrivateEngine()
  say(reason ? `left our Docker engine as it is: ${reason}` : 'stopped our Docker engine and removed its files')
}
