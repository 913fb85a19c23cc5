import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/*
 * Each command runs in a process group of its own, so that Ctrl-C reaches it once, through us. When this process gets
 * SIGKILL, nothing here can end them: its guard does, a second process that notices the end of its input. Without it
 * `cdk deploy` and `docker build` would run on beside the next deployment.
 */

/** Reads the groups that run, a line each time that they change; when its input ends, it ends those of the last line. */
const ends = `
while read -r line; do groups=$line; done
end() { for group in $groups; do kill -s "$1" -- "-$group"; done; }
[ -z "$groups" ] || { end TERM; sleep 5; end KILL; } 2>/dev/null
`

const groups = new Set<number>()
let guard: Socket | undefined

/** To be called before a command starts: there must be no moment at which nothing would end it. */
export function startGuard(): void {
  if (guard) return
  const child = spawn('/bin/sh', ['-c', ends], { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  guard = child.stdin as Socket
  child.unref()
  guard.unref()
  // without it a deployment works, too
  for (const emitter of [child, guard]) emitter.on('error', () => {})
}

/** From here on a group ends with this process, however that ends. */
export function guardGroup(group: number | undefined): void {
  if (group !== undefined) groups.add(group)
  report()
}

/** The group has ended: its number may be another's soon. */
export function releaseGroup(group: number | undefined): void {
  if (group !== undefined) groups.delete(group)
  report()
}

function report(): void {
  guard?.write([...groups].join(' ') + '\n')
}

export function signalGroup(group: number | undefined, name: NodeJS.Signals): void {
  try {
    if (group !== undefined) process.kill(-group, name)
  } catch {
    // it has exited already
  }
}
