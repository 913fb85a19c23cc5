import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { BlockList, isIPv4 } from 'node:net'

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
    // docker may exit before it has read everything; its exit code is what counts, not the broken pipe
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

/**
 * This machine's address on Docker's default bridge, where containers reach it, such as `172.17.0.1`.
 * Undefined: the engine has no bridge.
 */
export async function bridgeAddress(): Promise<string | undefined> {
  const networks = JSON.parse(await docker(['network', 'inspect', 'bridge'])) as { IPAM: { Config: Subnet[] } }[]
  const subnet = networks[0]?.IPAM.Config.find((config) => isIPv4(config.Subnet.split('/')[0]!))
  // an engine that found its bridge made already does not name the gateway
  return subnet?.Gateway ?? (subnet && ownAddressIn(subnet.Subnet))
}

interface Subnet {
  Subnet: string
  Gateway?: string
}

/** Not os.networkInterfaces: it leaves out a bridge that no container is connected to yet. */
function ownAddressIn(subnet: string): string | undefined {
  const [network, prefix] = subnet.split('/')
  const block = new BlockList()
  block.addSubnet(network!, Number(prefix))
  const own = readFileSync('/proc/net/fib_trie', 'utf8').matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)
  return [...own].map(([, address]) => address!).find((address) => block.check(address))
}
