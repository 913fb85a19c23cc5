import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { containerLabel, port } from '../settings.ts'

/**
 * Removes the containers and images of this port: now those of a run that was killed, and those of this one when it ends,
 * also where the runner ends it. Once there is an engine. Fails while another process does so, from any checkout.
 */
export async function leaveNothing(): Promise<void> {
  await requireNoOther()
  removeRemains()
  process.on('exit', removeRemains)
}

async function requireNoOther(): Promise<void> {
  // in Linux's abstract namespace: it goes when this process does
  const lock = createServer().listen(`\0live-quiz-remains-${port}`).unref()
  await once(lock, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new Error(`another run of these tests uses port ${port} and its containers: wait until it has ended`)
      : error
  })
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
