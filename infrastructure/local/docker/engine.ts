import { spawn } from 'node:child_process'

/** A docker command that failed; the message ends with what docker said. */
export class DockerError extends Error {
  /** Null: docker could not be started at all. */
  readonly exitCode: number | null
  readonly stderr: string
  constructor(args: string[], exitCode: number | null, stderr: string) {
    super(`docker ${args[0]}: ${stderr.trim() || `exit ${exitCode}`}`)
    this.name = 'DockerError'
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

/**
 * Runs the docker CLI and returns its stdout. Fails with DockerError when the command does.
 * @param host engine to talk to; without it the one of DOCKER_HOST, or the CLI's own default
 */
export function docker(args: string[], input?: string | Buffer, host?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: host === undefined ? process.env : { ...process.env, DOCKER_HOST: host },
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (error) => reject(new DockerError(args, null, error.message)))
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(stdout).toString())
      else reject(new DockerError(args, code, Buffer.concat(stderr).toString()))
    })
    // docker may exit before it has read everything; its exit code tells the story, not the broken pipe
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

/** Where containers on the default bridge reach the host, such as `172.17.0.1`; undefined: the engine has no bridge. */
export async function bridgeAddress(): Promise<string | undefined> {
  const format = '{{range .IPAM.Config}}{{.Gateway}}{{"\\n"}}{{end}}'
  const addresses = await docker(['network', 'inspect', 'bridge', '--format', format])
  return addresses.split('\n').find((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address))
}
