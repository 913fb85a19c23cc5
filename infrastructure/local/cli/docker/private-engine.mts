import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../../../../lib/script/failure.mts'
import { pause } from '../../../../lib/script/job.mts'
import { ownProcesses, processes, stop, type Process } from '../process.mts'
import { readText, stateDirectory } from '../../connection.ts'
import { engineData, engineDirectory } from '../../settings.ts'
import { docker } from '../../docker/engine.ts'

/*
 * Our own Docker engine, for a machine where none runs. It has its own socket, images and mounts, and shares the network
 * with the machine. Several checkouts may use it: each leaves its name in `users`.
 */
const socket = join(engineDirectory, 'docker.sock')
export const privateHost = `unix://${socket}`
const executionRoot = join(engineDirectory, 'exec')
/** Says that the engine is our own doing, and may be stopped and removed; kept where a restart of the machine does not reach. */
const startedFile = join(engineData, 'started-by-local-up')
const users = join(engineData, 'users')
const ourUse = join(users, createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16))

/** Fails with how to mount what a chroot lacks and an engine cannot do without. */
export function requireMounts(): void {
  if (!existsSync('/proc/self')) throw new Failure('/proc is not mounted; Docker needs it', 'mount -t proc proc /proc')
  if (!existsSync('/sys/fs')) throw new Failure('/sys is not mounted; Docker needs it', 'mount -t sysfs sysfs /sys')
}

/**
 * Starts it and waits until it answers. Remains of one that crashed are cleared away.
 * @param log file that gets the engine's output
 * Fails with the last lines of the engine's log.
 */
export async function startPrivateEngine(log: string): Promise<void> {
  if (await waitForRevival()) return
  await clearRemains()
  await requireUnusedBridge()
  mkdirSync(engineDirectory, { recursive: true, mode: 0o711 })
  mkdirSync(users, { recursive: true, mode: 0o711 })
  const dockerd = [
    ['dockerd', '--host', privateHost, '--data-root', join(engineData, 'docker')],
    ['--exec-root', executionRoot, '--pidfile', join(engineDirectory, 'docker.pid')],
  ].flat()
  mkdirSync(dirname(log), { recursive: true })
  const output = openSync(log, 'a')
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  const child = spawn('python3', [join(import.meta.dirname, 'own_mounts.py'), ...dockerd], {
    // it may outlive this checkout, for another one that uses it
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
    env: Object.fromEntries(environment),
  })
  child.unref()
  writeFileSync(startedFile, '')
  for (const deadline = Date.now() + 60_000; !(await answers()); await pause(100)) {
    if (child.exitCode === null && Date.now() < deadline) continue
    await clearRemains()
    const lastLines = readText(log)?.trimEnd().split('\n').slice(-3).join(' | ')
    throw new Failure(`the Docker engine did not start: ${lastLines}`, `its whole log is ${log}`)
  }
}

/** Two engines on one bridge give their containers the same addresses. */
async function requireUnusedBridge(): Promise<void> {
  const ports = '/sys/class/net/docker0/brif'
  // a container that was just killed takes a moment to leave
  for (const deadline = Date.now() + 3_000; Date.now() < deadline; await pause(100)) {
    if (!existsSync(ports) || readdirSync(ports).length === 0) return
  }
  throw new Failure(
    'a Docker engine that cannot be reached from here has containers on docker0',
    'use that engine (export DOCKER_HOST=unix://<its socket>), or stop its containers',
  )
}

async function answers(): Promise<boolean> {
  try {
    await docker(['version'], undefined, privateHost)
    return true
  } catch {
    return false
  }
}

/** Whether an engine of ours that runs and did not answer was only slow. */
async function waitForRevival(): Promise<boolean> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await pause(200)) {
    if (!engineProcesses().some(({ args }) => args[0]?.endsWith('dockerd'))) return false
    if (await answers()) return true
  }
  return false
}

/** dockerd, containerd and its shims, recognised by our own directory in their arguments. */
function engineProcesses(): Process[] {
  return ownProcesses(dirname(engineDirectory)).filter(
    ({ args: [name = '', ...rest] }) =>
      /(^|\/)(dockerd|containerd[\w-]*|docker-proxy)$/.test(name) &&
      rest.some((arg) => arg.startsWith(`${engineDirectory}/`)),
  )
}

/** Stops what a crashed engine has left: containerd would keep running in mounts that nothing else sees. */
async function clearRemains(): Promise<void> {
  const engine = engineProcesses()
  const parents = new Set(engine.filter(({ args }) => args[0]?.includes('containerd-shim')).map(({ pid }) => pid))
  const containers = processes().filter(({ parent }) => parents.has(parent))
  await Promise.all([...containers, ...engine].map(({ pid }) => stop(pid, 15_000)))
  removeTree(engineDirectory)
}

/** An engine in a chroot may have mounted for the whole machine what it mounted for its containers. */
function removeTree(directory: string): void {
  const mounted = (readText('/proc/self/mounts') ?? '').split('\n').map((line) => line.split(' ')[1] ?? '')
  for (const place of mounted.filter((path) => path.startsWith(`${directory}/`)).toReversed()) {
    execFileSync('umount', ['--lazy', place])
  }
  rmSync(directory, { recursive: true, force: true })
}

/** Whether make local-up has started our own engine here, running or not. */
export function hasPrivateEngine(): boolean {
  return existsSync(startedFile)
}

/** Notes that this checkout uses our engine: while its local AWS is up, or while this process, such as a test, runs. */
export function usePrivateEngine(): void {
  mkdirSync(users, { recursive: true })
  writeFileSync(ourUse, `${stateDirectory}\n${process.pid}`)
}

/** State directory of another checkout whose local AWS uses our engine now. */
export function otherUser(): string | undefined {
  if (!existsSync(users)) return undefined
  return readdirSync(users)
    .map((name) => join(users, name))
    .filter((file) => file !== ourUse)
    .map((file) => readFileSync(file, 'utf8').split('\n') as [string, string])
    .find(([directory, pid]) => existsSync(join(directory, 'connection.json')) || existsSync(`/proc/${pid}`))?.[0]
}

/**
 * Stops our engine and removes its images, unless another checkout uses it or it has containers.
 * Says which, or undefined when it is gone.
 */
export async function leavePrivateEngine(): Promise<string | undefined> {
  rmSync(ourUse, { force: true })
  const other = otherUser()
  if (other) return `${other} uses it`
  if (await answers()) {
    const format = '{{.Names}}\t{{.State}}\t{{.Image}}'
    const theirs = containersOfOthers(await docker(['ps', '--all', '--format', format], undefined, privateHost))
    if (theirs.length > 0) return `it has containers that are not ours: ${theirs.join(', ')}`
  }
  await clearRemains()
  removeTree(engineData)
  return undefined
}

/**
 * Names of the containers that someone else made, from the lines of `docker ps`: name, state, image. A build that failed
 * leaves one too, of an image without a name.
 */
export function containersOfOthers(listed: string): string[] {
  return listed
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t') as [string, string, string])
    .filter(([, state, image]) => state === 'running' || !/^(sha256:)?[0-9a-f]{12,64}$/.test(image))
    .map(([name]) => name)
}
