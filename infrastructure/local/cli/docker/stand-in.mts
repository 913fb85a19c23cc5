import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from '../../../../lib/script/children.mts'
import { Failure } from '../../../../lib/script/failure.mts'
import { docker } from '../../docker/engine.ts'

/** Label of the stand-in: it shows that this is not Docker's official image. */
export const standInLabel = 'live-quiz-local.stand-in'

/** Where systems keep their certificate authorities; the caller's own choice comes first. */
const authorities = [
  process.env['NODE_EXTRA_CA_CERTS'],
  process.env['SSL_CERT_FILE'],
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
]

/** Read by node, npm and most else in an image. */
const authoritiesInside = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Imports an image of that name made of this machine's own node, npm and busybox, so that production's Dockerfile builds
 * where no registry can be reached. It has what such a build uses: /bin/sh with busybox's applets, npm and npx, the user
 * `node` (1000), this machine's certificate authorities; and wget, by which a task is checked. It is tried out before it gets its name.
 * @param directory where the file system may be put together
 */
export async function importStandIn(name: string, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const work = mkdtempSync(join(directory, 'base-image-'))
  try {
    const root = join(work, 'root')
    installBusybox(root)
    installNode(root)
    installAccounts(root)
    const archive = join(work, 'root.tar')
    execFileSync('tar', [
      '-cf',
      archive,
      '-C',
      root,
      '--owner=0',
      '--group=0',
      '--mode=a+rX',
      '--exclude=./home/node',
      '.',
    ])
    execFileSync('tar', ['-rf', archive, '-C', root, '--owner=1000', '--group=1000', './home/node'])
    const id = (await docker(['import', ...configuration().flatMap((line) => ['--change', line]), archive])).trim()
    await tryOut(id)
    await docker(['tag', id, name])
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function configuration(): string[] {
  return [
    `LABEL ${standInLabel}=true`,
    `ENV NODE_VERSION=${process.versions.node}`,
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `ENV NODE_EXTRA_CA_CERTS=${authoritiesInside} SSL_CERT_FILE=${authoritiesInside}`,
    'CMD ["node"]',
  ]
}

async function tryOut(id: string): Promise<void> {
  try {
    await docker(['run', '--rm', '--network=none', '--user=node', id, 'npm', '--version'])
  } catch (error) {
    await docker(['rmi', '--force', id])
    throw new Failure(
      `npm does not run in an image made of ${process.execPath}: ${(error as Error).message}`,
      'docker pull node:20-alpine where a registry can be reached, or use the Node.js of https://nodejs.org',
    )
  }
}

function installBusybox(root: string): void {
  const busybox = findProgram('busybox')
  if (!busybox) throw new Failure('busybox is not on the PATH', 'install it, as in apt-get install busybox-static')
  copy(busybox, root, '/bin/busybox')
  copyLibraries(busybox, root)
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n')
  if (!applets.includes('wget')) {
    throw new Failure(`${busybox} has no wget, by which a task is checked`, 'apt-get install busybox-static')
  }
  for (const applet of applets) {
    if (applet && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  symlinkSync('/bin/busybox', join(root, 'usr/bin/env'))
}

function installNode(root: string): void {
  copy(process.execPath, root, '/usr/local/bin/node')
  copyLibraries(process.execPath, root)
  // npm comes with node, one directory over
  const npm = join(dirname(process.execPath), '../lib/node_modules/npm')
  if (!existsSync(join(npm, 'bin/npm-cli.js'))) {
    throw new Failure(
      `${process.execPath} has no npm next to it`,
      'use the Node.js of https://nodejs.org, nvm or NodeSource',
    )
  }
  const inside = '/usr/local/lib/node_modules/npm'
  const documentation = new Set(['docs', 'man'].map((name) => join(npm, name)))
  cpSync(npm, join(root, inside), { recursive: true, filter: (source) => !documentation.has(source) })
  for (const name of ['npm', 'npx']) symlinkSync(`${inside}/bin/${name}-cli.js`, join(root, 'usr/local/bin', name))
}

function installAccounts(root: string): void {
  for (const name of ['etc', 'home/node', 'proc', 'root', 'sys', 'tmp', 'var/tmp']) {
    mkdirSync(join(root, name), { recursive: true })
  }
  chmodSync(join(root, 'tmp'), 0o1777)
  chmodSync(join(root, 'var/tmp'), 0o1777)
  const accounts = ['root:x:0:0:root:/root:/bin/sh', 'node:x:1000:1000:node:/home/node:/bin/sh']
  writeFileSync(join(root, 'etc/passwd'), `${accounts.join('\n')}\n`)
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:node\n')
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  const bundle = authorities.find((file) => file && existsSync(file))
  if (bundle) copy(bundle, root, authoritiesInside)
}

function copyLibraries(binary: string, root: string): void {
  for (const library of librariesOf(binary)) copy(library, root, library)
}

/** Shared libraries and the loader; none for a static binary. */
function librariesOf(binary: string): string[] {
  let listed: string
  try {
    listed = execFileSync('ldd', [binary], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch {
    return [] // "not a dynamic executable"
  }
  const libraries = listed.split('\n').flatMap((line) => /(?:=>\s+|^\s+)(\/\S+)\s+\(0x/.exec(line)?.[1] ?? [])
  // an older glibc opens these by name when it looks up a host
  const lookups = libraries
    .filter((library) => library.endsWith('/libc.so.6'))
    .flatMap((libc) =>
      ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'].map((name) => join(dirname(libc), name)),
    )
  return [...libraries, ...lookups.filter((library) => existsSync(library))]
}

function copy(source: string, root: string, path: string): void {
  const target = join(root, path)
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(source, target)
}
