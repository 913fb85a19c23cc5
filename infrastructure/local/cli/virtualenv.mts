import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Failure } from '../../../lib/script/failure.mts'
import { say } from '../../../lib/script/narration.mts'
import { probe, run } from '../../../lib/script/shell.mts'
import { quote } from '../../../lib/script/command-line.mts'
import { root } from '../../../lib/script/files.mts'
import { stateDirectory, readText } from '../connection.ts'
import { canInstall, installPackages } from './debian.mts'
import { exclusively } from './lock.mts'
import { ownProcesses, stop } from './process.mts'

/** A virtualenv below .local/, with the packages that a requirements file names by hash. */
export interface Virtualenv {
  directory: string
  requirements: string
  /** What is in it, for the line that explains the wait. */
  what: string
}

const ours: Virtualenv = {
  directory: join(stateDirectory, 'venv'),
  requirements: join(import.meta.dirname, '..', 'requirements.txt'),
  what: 'moto and the aws CLI',
}

/** Commands that come before the machine's own in the local AWS's shell. */
export const binDirectory = join(stateDirectory, 'bin')

/** Interpreter that has moto and the aws CLI. */
export const python = pythonOf(ours)

/** Fails when there is no Python that can make a virtualenv, and none can be installed. */
export async function provideVirtualenv(): Promise<void> {
  await provide(ours)
  linkAws()
}

/** The same for tests, several of which may begin at once. One that finds it complete does not wait for the lock. */
export async function provideVirtualenvOnce(): Promise<void> {
  if (await isProvided(ours)) linkAws()
  else await exclusively(provideVirtualenv)
}

export function pythonOf({ directory }: Virtualenv): string {
  return join(directory, 'bin', 'python')
}

/** Makes a virtualenv, unless it is there with just these packages. Fails as `provideVirtualenv` does. */
export async function provide(virtualenv: Virtualenv): Promise<void> {
  const { directory, requirements, what } = virtualenv
  if (await isProvided(virtualenv)) return
  rmSync(directory, { recursive: true, force: true })
  await requirePython()
  say(`installing ${what} into ${relative(root, directory)}`)
  await run`python3 -m venv ${directory}`
  await run`${pythonOf(virtualenv)} -m pip install --quiet --require-hashes --no-deps --requirement ${requirements}`
  writeFileSync(stampOf(virtualenv), hashOf(virtualenv))
}

async function isProvided(virtualenv: Virtualenv): Promise<boolean> {
  return readText(stampOf(virtualenv)) === hashOf(virtualenv) && (await isWhole(virtualenv))
}

/** Written last: a virtualenv without it was interrupted and is made again. */
function stampOf({ directory }: Virtualenv): string {
  return join(directory, 'requirements.sha256')
}

function hashOf({ requirements }: Virtualenv): string {
  return createHash('sha256').update(readFileSync(requirements)).digest('hex')
}

/** Its interpreter is a link to the system's, which may be gone by now, or of a version that looks for packages elsewhere. */
async function isWhole(virtualenv: Virtualenv): Promise<boolean> {
  return existsSync(pythonOf(virtualenv)) && (await probe`${pythonOf(virtualenv)} -c ${'import pip'}`).exitCode === 0
}

async function requirePython(): Promise<void> {
  if (await isCapable()) return
  if (canInstall())
    await installPackages(['python3-venv'], 'the local AWS keeps moto and the aws CLI in a Python virtualenv')
  if (await isCapable()) return
  throw new Failure(
    'the python3 on the PATH cannot make a virtualenv, or is older than 3.10',
    'install Python 3.10 or later with venv (Debian and Ubuntu: sudo apt-get install python3-venv)',
  )
}

async function isCapable(): Promise<boolean> {
  const question = 'import sys, venv, ensurepip; print(sys.version_info >= (3, 10))'
  const { exitCode, stdout } = await probe`python3 -c ${question}`
  return exitCode === 0 && stdout.trim() === 'True'
}

/** Not the script that pip installs: its first line breaks in a path with a space in it. */
function linkAws(): void {
  const aws = join(binDirectory, 'aws')
  const client = join(import.meta.dirname, '..', 'aws_client.py')
  const script = `#!/bin/sh\nexec ${quote(python)} -I -S ${quote(client)} "$@"\n`
  // another test may be running it
  if (readText(aws) === script) return
  mkdirSync(binDirectory, { recursive: true })
  writeFileSync(aws, script)
  chmodSync(aws, 0o755)
}

/** The process that runs the commands of the local AWS's `aws`; it would end by itself a little later. */
export async function stopPreloadedAws(): Promise<void> {
  const program = join(import.meta.dirname, '..', 'aws_server.py')
  for (const { pid } of ownProcesses().filter(
    ({ args }) => args[1] === program && args[2] === dirname(dirname(python)),
  ))
    await stop(pid, 5_000)
}
