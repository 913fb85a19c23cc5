import { existsSync } from 'node:fs'
import { Failure } from '../../../../lib/script/failure.mts'
import { DockerError, docker } from '../../docker/engine.ts'
import { privateHost } from './private-engine.mts'

/** Docker's default socket. */
const defaultHost = 'unix:///var/run/docker.sock'

export const howToInstall = 'install Docker Engine (on Debian and Ubuntu: sudo apt-get install docker.io) and start it'

interface Info {
  OperatingSystem: string
  SecurityOptions: string[] | null
}

/**
 * The address of the Docker engine that runs: the one that DOCKER_HOST or the docker context names, or ours.
 * Undefined: none runs. Fails when the one that was named does not answer, or when it cannot carry the local AWS.
 */
export async function findEngine(): Promise<string | undefined> {
  const named = process.env['DOCKER_HOST'] || (await contextHost())
  // the DOCKER_HOST of an earlier local-shell may still name our own
  const isChosen = named !== undefined && named !== defaultHost && named !== privateHost
  for (const host of isChosen ? [named] : [defaultHost, privateHost]) {
    const info = await ask(host)
    if (info) return requireSuitable(host, info)
  }
  if (isChosen)
    throw new Failure(
      `no Docker engine answers at ${named}`,
      'start it, or unset DOCKER_HOST (docker context use default)',
    )
  return undefined
}

/** The address, if an engine answers there. */
export async function answeringEngine(host: string): Promise<string | undefined> {
  return (await ask(host)) && host
}

async function contextHost(): Promise<string | undefined> {
  try {
    return (await docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])).trim()
  } catch {
    return undefined // no docker, or one without contexts: the sockets are looked at anyway
  }
}

async function ask(host: string): Promise<Info | undefined> {
  if (host.startsWith('unix://') && !existsSync(host.slice('unix://'.length))) return undefined
  try {
    const info = JSON.parse(await docker(['info', '--format', '{{json .}}'], undefined, host)) as Partial<Info>
    return info.OperatingSystem ? (info as Info) : undefined
  } catch (error) {
    if (!(error instanceof DockerError)) throw error
    if (/permission denied/i.test(error.stderr)) {
      throw new Failure(
        `you may not use the Docker engine at ${host}`,
        'sudo usermod -aG docker "$USER", then log in again',
      )
    }
    return undefined
  }
}

/** Containers must be reachable by their addresses, and the engine must reach this machine's 127.0.0.1 to push and pull. */
function requireSuitable(host: string, info: Info): string {
  if (!host.startsWith('unix://')) {
    throw new Failure(`the Docker engine at ${host} is on another machine`, `unset DOCKER_HOST, then ${howToInstall}`)
  }
  if (info.OperatingSystem === 'Docker Desktop') {
    throw new Failure(
      'this is Docker Desktop, whose 127.0.0.1 is that of a virtual machine',
      `in Linux or WSL2 ${howToInstall}`,
    )
  }
  if (info.SecurityOptions?.some((option) => option.includes('rootless'))) {
    throw new Failure(
      'the Docker engine is rootless: its containers’ addresses cannot be reached',
      `unset DOCKER_HOST, then ${howToInstall}`,
    )
  }
  return host
}
