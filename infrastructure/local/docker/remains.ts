import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from '../cli/text.mts'
import { containerLabel, port, stateDirectory } from '../settings.ts'
import { baseImage } from './base-image.ts'
import { docker } from './engine.ts'
import { standInLabel } from './stand-in.ts'

/*
 * What the local AWS leaves in a Docker engine that others use too, and how exactly that is told from theirs.
 */
const imagesBefore = join(stateDirectory, 'images-before.json')

/** Built by the documented commands under these names, for every environment. */
const built = /^live-quiz-backend(-[a-z]+)?:/

/** Notes the images that are there before us; they stay. */
export async function rememberImages(): Promise<void> {
  if (!existsSync(imagesBefore)) writeFileSync(imagesBefore, JSON.stringify(await references()))
}

/** Removes the containers of our tasks, those of a crashed session too. Returns how many there were. */
export async function removeContainers(): Promise<number> {
  const ids = lines(await docker(['ps', '--all', '--quiet', '--filter', `label=${containerLabel}=${port}`]))
  if (ids.length > 0) await docker(['rm', '--force', '--volumes', ...ids])
  return ids.length
}

/**
 * Removes the images that came with us: pushed or pulled here, built by a deployment, the base image, and whatever else
 * stands on our stand-in for it (it inherits the label). Returns their names.
 */
export async function removeImages(): Promise<string[]> {
  const record = readText(imagesBefore)
  // without the record nobody knows whose the base image is
  const before = new Set(record === undefined ? [baseImage] : (JSON.parse(record) as string[]))
  const names = (await references()).filter((name) => isOurs(name) && !before.has(name))
  if (names.length > 0) await docker(['rmi', '--force', ...names])
  const stages = await labelled()
  if (stages.length > 0 && !before.has(baseImage)) await docker(['rmi', '--force', ...stages])
  return names
}

function isOurs(name: string): boolean {
  return name.startsWith(`127.0.0.1:${port}/`) || built.test(name) || name === baseImage
}

async function labelled(): Promise<string[]> {
  return lines(await docker(['images', '--all', '--quiet', '--no-trunc', '--filter', `label=${standInLabel}`]))
}

async function references(): Promise<string[]> {
  const format = '{{.Repository}}:{{.Tag}}\n{{.Repository}}@{{.Digest}}'
  return lines(await docker(['images', '--digests', '--format', format])).filter((name) => !name.includes('<none>'))
}

function lines(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter(Boolean)
}
