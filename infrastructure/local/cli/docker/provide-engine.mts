import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../../../lib/script/children.mts'
import { Failure } from '../../../../lib/script/failure.mts'
import { pause } from '../../../../lib/script/job.mts'
import { say } from '../../../../lib/script/narration.mts'
import { findEngine, howToInstall } from './find-engine.mts'
import { privateHost, requireMounts, startPrivateEngine, usePrivateEngine } from './private-engine.mts'
import { canInstall, installPackages } from '../debian.mts'
import { logDirectory } from '../daemon.mts'

/**
 * The address of the Docker engine to use: the one that runs, or else a private one, installed first if need be.
 * Fails with how to get one where we may not start it.
 */
export async function provideEngine(): Promise<string> {
  const engine = (await findEngine()) ?? (await installEngine()) ?? (await startEngine())
  if (engine === privateHost) usePrivateEngine()
  return engine
}

/** Installs the engine where it is missing; where systemd runs, the package starts it as well. */
async function installEngine(): Promise<string | undefined> {
  requireMounts()
  // root's PATH often lacks them after a plain `su`
  process.env['PATH'] += ':/usr/sbin:/sbin'
  const needed = { dockerd: 'docker.io', iptables: 'iptables', python3: 'python3' }
  const missing = Object.entries(needed).flatMap(([command, name]) => (findProgram(command) ? [] : [name]))
  if (missing.length === 0 && findProgram('docker')) return undefined
  if (!canInstall()) throw new Failure('no Docker engine runs on this machine', howToInstall)
  if (missing.length > 0) await installPackages(missing, 'a Docker engine, in which the backend’s tasks run')
  // Debian 13 packs the client on its own
  if (!findProgram('docker')) await installPackages(['docker-cli'], 'the docker command')
  if (!existsSync('/run/systemd/system')) return undefined
  for (let waited = 0; waited < 5_000; waited += 200) {
    const engine = await findEngine()
    if (engine) return engine
    await pause(200)
  }
  return undefined
}

async function startEngine(): Promise<string> {
  if (process.getuid?.() !== 0)
    throw new Failure('the Docker engine is installed but does not run', 'sudo systemctl start docker')
  say('starting our own Docker engine, because none runs on this machine')
  await startPrivateEngine(join(logDirectory, 'dockerd.log'))
  return privateHost
}
