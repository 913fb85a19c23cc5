import { existsSync } from 'node:fs'
import { echo, say } from '../../../lib/script/narration.mts'
import { probe } from '../../../lib/script/shell.mts'
import { exclusively } from './lock.mts'

/** Whether we may install packages here: Debian (or its kin), as root. */
export function canInstall(): boolean {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0
}

let isUpdated = false

/** Installs Debian packages, and says what for. They stay: `make local-down` removes what is ours, not the system's. */
export async function installPackages(names: string[], purpose: string): Promise<void> {
  say(`installing ${names.join(', ')}: ${purpose}`)
  await exclusively(async () => {
    if (!isUpdated) await aptGet(['update'])
    isUpdated = true
    await aptGet(['install', '--yes', '--no-install-recommends', ...names])
  }, 'apt')
}

/** dpkg prints each file that it unpacks: its output is shown only when it fails. */
async function aptGet(args: string[]): Promise<void> {
  echo(`apt-get ${args.join(' ')}`)
  const { exitCode, failed } = await probe({ env: { DEBIAN_FRONTEND: 'noninteractive' } })`apt-get -qq ${args}`
  if (exitCode !== 0) throw failed()
}
