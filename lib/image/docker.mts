import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../script/children.mts'
import { Failure } from '../script/failure.mts'
import { removeAtEnd, root, makeRunDirectory } from '../script/files.mts'
import { probe } from '../script/shell.mts'

/*
 * Docker as a user's shell and configuration have it, and what of that we leave out.
 */

/** Version and architecture of the engine. Fails where none answers. */
export async function requireDockerEngine(): Promise<string> {
  const { exitCode, stdout, stderr } = await probe`docker version --format ${'{{.Server.Version}} {{.Server.Arch}}'}`
  if (exitCode === 0) return stdout.trim()
  throw exitCode === 127
    ? new Failure('docker is not on the PATH', 'install Docker (https://docs.docker.com/engine/install)')
    : new Failure(
        `no Docker engine answers: ${stderr.trim().split('\n').at(-1)}`,
        'start Docker, or set DOCKER_HOST to an engine that runs',
      )
}

type Variables = Record<string, string | undefined>

/**
 * The builder that `docker build` uses, by what it says about itself: BuildKit where buildx is installed and DOCKER_BUILDKIT
 * does not turn it off, or the classic one. The flags leave a plain image in the engine, and nothing else.
 */
export async function chooseImageBuilder(environment: string): Promise<{ env: Variables; flags: string[] }> {
  const isOff = /^(0|f|false)$/i.test(process.env['DOCKER_BUILDKIT'] ?? '')
  const env = {
    ...makeBuildConfig(environment),
    // on is what it is by itself; asked for, it fails where buildx is not installed
    DOCKER_BUILDKIT: isOff ? '0' : undefined,
    // a builder in a container keeps the image to itself
    BUILDX_BUILDER: undefined,
  }
  const { exitCode, stdout, failed } = await probe({ env })`docker build --help`
  if (exitCode !== 0) throw failed()
  // attestations would turn a pushed tag into an index. The classic builder knows none, and leaves the container of a step
  // that failed
  const flags = stdout.includes('--provenance') ? ['--load', '--provenance=false', '--sbom=false'] : ['--force-rm']
  return { env, flags }
}

/**
 * A configuration for the commands that speak to ECR, with logins of its own: a credential helper of the user's may refuse to
 * keep a password, may not be installed here, or may answer for ECR with another account's. All else is as the user has it,
 * such as contexts and proxies. It is removed when the run ends: who can read it can push.
 */
export function makeRegistryConfig(environment: string, registry: string): Variables {
  // undefined is not written. Without any login docker takes a credential store that it finds
  const own = { credsStore: undefined, credHelpers: undefined, auths: { [registry]: {} } }
  writeConfig(registryDirectory(environment), { ...usersConfig(), ...own })
  return registryEnvironment(environment)
}

/** What makes a command use that configuration. */
export function registryEnvironment(environment: string): Variables {
  return { DOCKER_CONFIG: registryDirectory(environment) }
}

function registryDirectory(environment: string): string {
  return join(root, makeRunDirectory(environment, 'docker'), 'registry')
}

/** Variables for a build: without credential helpers that are not installed, which BuildKit would ask before it pulls. */
function makeBuildConfig(environment: string): Variables {
  const { credsStore, credHelpers, ...rest } = usersConfig()
  const isMissing = (helper: string) => !findProgram(`docker-credential-${helper}`)
  const installed = Object.entries(credHelpers ?? {}).filter(([, helper]) => !isMissing(helper))
  if ((!credsStore || !isMissing(credsStore)) && installed.length === Object.keys(credHelpers ?? {}).length) return {}
  const directory = join(root, makeRunDirectory(environment, 'docker'), 'build')
  writeConfig(directory, {
    ...rest,
    ...(credsStore && !isMissing(credsStore) ? { credsStore } : {}),
    credHelpers: Object.fromEntries(installed),
  })
  return { DOCKER_CONFIG: directory }
}

interface DockerConfig {
  auths?: object
  credsStore?: string | undefined
  credHelpers?: Record<string, string> | undefined
}

function usersDirectory(): string {
  return process.env['DOCKER_CONFIG'] || join(homedir(), '.docker')
}

function usersConfig(): DockerConfig {
  try {
    return JSON.parse(readFileSync(join(usersDirectory(), 'config.json'), 'utf8')) as DockerConfig
  } catch {
    return {} // there is none, or docker cannot read it either
  }
}

function usersFiles(): string[] {
  try {
    return readdirSync(usersDirectory()).filter((name) => name !== 'config.json')
  } catch {
    return [] // there is no such directory, or it cannot be read
  }
}

/** A directory as the user's, contexts and plugins included, with another configuration. */
function writeConfig(directory: string, config: DockerConfig): void {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { mode: 0o700 })
  removeAtEnd(directory)
  for (const name of usersFiles()) symlinkSync(join(usersDirectory(), name), join(directory, name))
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config) + '\n', { mode: 0o600 })
}
