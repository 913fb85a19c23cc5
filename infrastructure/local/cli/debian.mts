import { existsSync } from 'node:fs'
import { say } from '../../../lib/narration.mts'
import { run } from '../../../lib/shell.mts'

/** Whether we may install packages here: Debian (or its kin), as root. */
export function canInstall(): boolean {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0
}

let isUpdated = false

/** Installs Debian packages, and says what for. They stay: `make local-down` removes what is ours, not the system's. */
export async function installPackages(names: string[], purpose: string): Promise<void> {
  say(`installing ${names.join(', ')}: ${purpose}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  if (!isUpdated) await run({ env })`apt-get update -qq`
  isUpdated = true
  // without a pseudo terminal dpkg does not draw its progress into the story
  await run({ env })`apt-get install -qq --yes --no-install-recommends -o Dpkg::Use-Pty=0 ${names}`
}
