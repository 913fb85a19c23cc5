import { spawnSync } from 'node:child_process'
import { containerLabel, port } from '../settings.ts'

/**
 * Removes the containers and images of this port: now those of a run that was killed, and those of this one when it ends,
 * also where the runner ends it. Once there is an engine.
 */
export function leaveNothing(): void {
  removeRemains()
  process.on('exit', removeRemains)
}

function removeRemains(): void {
  const containers = docker('ps', '--all', '--quiet', '--filter', `label=${containerLabel}=${port}`)
  if (containers.length > 0) docker('rm', '--force', '--volumes', ...containers)
  const format = '{{.Repository}}:{{.Tag}}\n{{.Repository}}@{{.Digest}}'
  const images = docker('images', '--digests', '--format', format, `127.0.0.1:${port}/*`)
  const named = images.filter((image) => !image.includes('<none>'))
  if (named.length > 0) docker('rmi', '--force', ...named)
}

function docker(...args: string[]): string[] {
  return spawnSync('docker', args, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)
}
