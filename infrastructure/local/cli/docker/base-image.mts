import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { findProgram } from '../../../../lib/script/children.mts'
import { currentJob } from '../../../../lib/script/job.mts'
import { say } from '../../../../lib/script/narration.mts'
import { canInstall, installPackages } from '../debian.mts'
import { docker } from '../../docker/engine.ts'
import { importStandIn, standInLabel } from './stand-in.mts'

/** What the Dockerfile builds from. */
export const baseImage = 'node:20-alpine'

/** A registry that has not even named the image after this many milliseconds is not reached. */
const patience = 10_000

type BaseImage = 'was there' | 'pulled' | 'stand-in'

/**
 * Makes sure that the base image is available: pulled, or where no registry can be reached a stand-in made from this
 * machine's own node. Says where it comes from.
 * @param directory where the stand-in may be put together
 */
export async function provideBaseImage(directory: string): Promise<BaseImage> {
  const existing = await labelsOf(baseImage)
  if (existing) return standInLabel in existing ? 'stand-in' : 'was there'
  const refusal = await pull()
  if (refusal === undefined) return 'pulled'
  currentJob().signal.throwIfAborted()
  say(`${baseImage} cannot be pulled (${refusal}): making a stand-in from this machine’s node ${process.versions.node}`)
  if (!findProgram('busybox') && canInstall())
    await installPackages(['busybox-static'], 'the shell of the stand-in image')
  await importStandIn(baseImage, directory)
  return 'stand-in'
}

/** Undefined: no such image. */
async function labelsOf(image: string): Promise<Record<string, string> | undefined> {
  const listed = await docker(['images', '--quiet', image])
  if (!listed.trim()) return undefined
  const labels = await docker(['image', 'inspect', image, '--format', '{{json .Config.Labels}}'])
  return (JSON.parse(labels) as Record<string, string> | null) ?? {}
}

/** Undefined: pulled. Else why not. */
function pull(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('docker', ['pull', baseImage], { stdio: ['ignore', 'pipe', 'pipe'] })
    let lastLine = ''
    const giveUp = setTimeout(() => {
      lastLine = `no answer within ${patience / 1000} s`
      child.kill()
    }, patience)
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (/Pulling fs layer|Digest:/.test(line)) clearTimeout(giveUp)
    })
    createInterface({ input: child.stderr }).on('line', (line) => (lastLine = line))
    child.on('close', (code) => {
      clearTimeout(giveUp)
      resolve(code === 0 ? undefined : lastLine.replace(/^Error response from daemon: /, ''))
    })
  })
}
