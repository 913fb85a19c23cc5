import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readText, stateDirectory } from '../../connection.ts'
import { containerLabel, port } from '../../settings.ts'
import { baseImage } from './base-image.mts'
import { DockerError, docker } from '../../docker/engine.ts'
import { standInLabel } from './stand-in.mts'

/*
 * What the local AWS leaves in a Docker engine that others may use too, and how it is distinguished from theirs.
 */
const imagesBefore = join(stateDirectory, 'images-before.json')

/** Built by the documented commands under these names, for every environment. */
const built = /^live-quiz-backend(-[a-z]+)?:/

/** A registry of a local AWS, ours or another checkout's. */
const registry = /^127\.0\.0\.1:(\d+)\/live-quiz-backend/

/** Notes the images that are there before us and stay. One made of our stand-in is not: it stays only as long as that does. */
export async function rememberImages(): Promise<void> {
  if (existsSync(imagesBefore)) return
  const ours = new Set(await references('--filter', `label=${standInLabel}`))
  writeFileSync(imagesBefore, JSON.stringify((await references()).filter((name) => !ours.has(name))))
}

/** Removes the containers of our tasks, those of a crashed session too. Returns how many there were. */
export async function removeContainers(): Promise<number> {
  const ids = lines(await docker(['ps', '--all', '--quiet', '--filter', `label=${containerLabel}=${port}`]))
  if (ids.length > 0) await docker(['rm', '--force', '--volumes', ...ids])
  return ids.length
}

/**
 * Removes the images that came with us: pushed here and pulled from here; and, unless another checkout's local AWS needs
 * them, those that a deployment built, the base image, and what stands on our stand-in for it (it inherits the label).
 * Returns their names.
 * @param isUsed another checkout uses the engine: it may have built, and not yet pushed
 */
export async function removeImages(isUsed: boolean): Promise<string[]> {
  const record = readText(imagesBefore)
  // without the record it is unknown whose the base image is
  const before = new Set(record === undefined ? [baseImage] : (JSON.parse(record) as string[]))
  const all = await references()
  const isShared = isUsed || all.some((name) => Number(registry.exec(name)?.[1] ?? port) !== port)
  const names = all.filter(
    (name) =>
      name.startsWith(`127.0.0.1:${port}/`) ||
      (!isShared && (built.test(name) || name === baseImage) && !before.has(name)),
  )
  if (names.length > 0) await docker(['rmi', '--force', ...names])
  if (!isShared) await removeLabelled()
  return names
}

/** Children first: each round removes the images that no other stands on. */
async function removeLabelled(): Promise<void> {
  let left = await labelled()
  for (let count = Infinity; left.length > 0 && left.length < count; left = await labelled()) {
    count = left.length
    await docker(['rmi', '--force', ...left]).catch((error: unknown) => {
      if (!(error instanceof DockerError)) throw error
    })
  }
  if (left.length > 0) await docker(['rmi', '--force', ...left])
}

async function labelled(): Promise<string[]> {
  return lines(await docker(['images', '--all', '--quiet', '--no-trunc', '--filter', `label=${standInLabel}`]))
}

async function references(...filter: string[]): Promise<string[]> {
  const format = '{{.Repository}}:{{.Tag}}\n{{.Repository}}@{{.Digest}}'
  return lines(await docker(['images', '--digests', '--format', format, ...filter])).filter(
    (name) => !name.includes('<none>'),
  )
}

function lines(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter(Boolean)
}
