/*
 * The one door to the local AWS: how another part of the repository, or another project, finds it and points its
 * commands at it. Nothing else here is imported from outside (the tests have testing.ts).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** State, logs, virtualenv and shims; removed by `make local-down`. */
export const stateDirectory = join(import.meta.dirname, '..', '..', '.local')

/** Fact and remedy where it is needed and does not run. */
export const notRunning = ['the local AWS is not running', 'make local-up'] as const

/** What `make local-up` leaves for everyone who wants to talk to the local AWS. */
export interface Connection {
  /** The gateway's process. */
  pid: number
  endpoint: string
  /** Variables that point aws, cdk, docker and the SDKs at it. */
  environment: Record<string, string>
  /** Directories that come first on the PATH. */
  path: string[]
}

export const connectionFile = join(stateDirectory, 'connection.json')

/** The connection that was written last, whether or not it still works. */
export function writtenConnection(file = connectionFile): Connection | undefined {
  const text = readText(file)
  return text === undefined ? undefined : (JSON.parse(text) as Connection)
}

/** The connection, if what it names answers and is the process that it was written for. */
export async function localConnection(file = connectionFile): Promise<Connection | undefined> {
  const connection = writtenConnection(file)
  if (!connection) return undefined
  try {
    const answer = await fetch(`${connection.endpoint}/_local`, { signal: AbortSignal.timeout(5_000) })
    const { pid } = (await answer.json()) as { pid: number }
    return pid === connection.pid ? connection : undefined
  } catch {
    return undefined // nothing listens there, or something else does
  }
}

/**
 * The variables that lead to the local AWS, undefined for those to be removed; nothing that the caller has set for a real
 * account stays. Undefined: it is not running.
 */
export async function localEnvironment(
  env: NodeJS.ProcessEnv = process.env,
  file = connectionFile,
): Promise<Record<string, string | undefined> | undefined> {
  const connection = await localConnection(file)
  if (!connection) return undefined
  // a service's own endpoint, a profile, a role or a token would each lead past AWS_ENDPOINT_URL or the local key
  const foreign = Object.keys(env).filter((name) => /^(AWS|CDK)_/.test(name) && name !== 'AWS_CA_BUNDLE')
  return {
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    ...connection.environment,
    // a proxy cannot reach this machine's 127.0.0.1
    ...Object.fromEntries(['NO_PROXY', 'no_proxy'].map((name) => [name, withLoopback(env[name])])),
    PATH: [...connection.path, ...otherDirectories(env['PATH'], connection.path)].join(':'),
  }
}

/**
 * Points this process, and all that it starts, at the local AWS. Returns the variables that were set, and as undefined
 * those that were removed. Returns undefined, and changes nothing, when it is not running.
 */
export async function connectToLocalAws(): Promise<Record<string, string | undefined> | undefined> {
  const environment = await localEnvironment()
  if (!environment) return undefined
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  return environment
}

function withLoopback(hosts = ''): string {
  return [...new Set([...hosts.split(',').filter(Boolean), '127.0.0.1', 'localhost'])].join(',')
}

function otherDirectories(path = '', ours: string[]): string[] {
  return path.split(':').filter((directory) => !ours.includes(directory))
}

/** A file's text; undefined: it is not there, or has gone while it was read (as in /proc). */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined
    throw error
  }
}
