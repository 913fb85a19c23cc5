#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../../../lib/script/start" "$0" "$@"'
/*
 * Starts the AWS on this machine: no account, no cost.
 *
 *   ./infrastructure/local/cli/up.mts
 *   make local-up
 *
 *   LOCAL_AWS_PORT=<port>        moves it from 4566
 *   LOCAL_AWS_TIMINGS=lifelike   gives health checks, draining and invalidations AWS's own pace
 *   LOCAL_AWS_IAM=enforce        refuses the session of a role what its policies do not allow
 *   LOCAL_AWS_ENGINE=<name>      names the Docker engine that it starts; live-quiz-local by default
 *
 * Needs Linux or WSL2, Python 3.10 or later, and a Docker engine. On Debian as root it installs what is missing
 * (docker.io, python3-venv, busybox-static), says so, and starts its own engine where none runs.
 * Leaves one process, its moto, and .local/; make local-down removes all of it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../../lib/script/failure.mts'
import { connectionFile, localConnection, stateDirectory } from '../connection.ts'
import { main } from '../../../lib/script/main.mts'
import { say } from '../../../lib/script/narration.mts'
import { provideBaseImage } from './docker/base-image.mts'
import { answeringEngine } from './docker/find-engine.mts'
import { removeContainers, rememberImages } from './docker/remains.mts'
import { isBlocked } from '../http/blocked-ports.ts'
import { endpoint, motoPort, port } from '../settings.ts'
import { requireNoArguments } from './arguments.mts'
import { daemons, logDirectory, startDaemon, stopDaemon } from './daemon.mts'
import { provideEngine } from './docker/provide-engine.mts'
import { provideEnvironment, pathPrefix } from './environment.mts'
import { exclusively } from './lock.mts'
import { requireFreePorts } from './ports.mts'
import { provideVirtualenv } from './virtualenv.mts'

await main(import.meta, async (argv) => {
  requireNoArguments(argv)
  if (process.platform !== 'linux')
    throw new Failure('the AWS on this machine needs Linux or WSL2', 'npm run dev runs the quiz without it')
  if (!(port > 0 && port < 65_000))
    throw new Failure('LOCAL_AWS_PORT is not a port', 'give a number from 1 to 64999', 2)
  if (isBlocked(port))
    throw new Failure(
      `browsers, and fetch everywhere, refuse to talk to port ${port}`,
      'take another LOCAL_AWS_PORT',
      2,
    )
  if (await isRunning(answers)) return
  await exclusively(async () => {
    if (await isRunning(restartEngine)) return

    const begin = performance.now()
    rmSync(connectionFile, { force: true })
    for (const stray of daemons()) await stopDaemon(stray)
    await requireFreePorts([port, motoPort])
    mkdirSync(logDirectory, { recursive: true })
    writeFileSync(join(stateDirectory, 'port'), String(port))

    const environment = provideEnvironment(await provideEngine())
    Object.assign(process.env, environment)
    await rememberImages()
    await removeContainers()
    await provideVirtualenv()
    await provideBaseImage(join(stateDirectory, 'tmp'))

    const pid = await startDaemon(environment)
    const connection = { pid, endpoint, environment, path: pathPrefix }
    writeFileSync(connectionFile, JSON.stringify(connection, undefined, 2))
    say(`the local AWS runs at ${endpoint}, after ${((performance.now() - begin) / 1000).toFixed(1)} s`)
  })
})

async function isRunning(hasEngine: (host: string) => Promise<boolean>): Promise<boolean> {
  const connection = await localConnection()
  if (!connection || !(await hasEngine(connection.environment['DOCKER_HOST']!))) return false
  say(`the local AWS runs already, at ${connection.endpoint}`)
  return true
}

async function answers(engine: string): Promise<boolean> {
  return (await answeringEngine(engine)) !== undefined
}

/** Starts an engine again that stopped while the local AWS was running; its services then start their tasks again. */
async function restartEngine(engine: string): Promise<boolean> {
  if (await answers(engine)) return true
  say(`the Docker engine of the local AWS, ${engine}, has stopped`)
  return (await provideEngine()) === engine
}
