import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { docker } from '../docker/engine.ts'

/** The engine said no; the message is its own. */
export class EngineError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.name = 'EngineError'
    this.status = status
  }
}

interface ContainerState {
  running: boolean
  exitCode: number
  outOfMemory: boolean
  health: 'healthy' | 'unhealthy' | undefined
  ip: string
}

/** Body of the engine's POST /containers/create. */
export type ContainerSpec = Record<string, unknown>

/**
 * Docker's own API, over its socket. A task would otherwise cost two long-lived docker processes (wait and logs).
 * https://docs.docker.com/reference/api/engine/
 */
export interface Engine {
  /** @throws EngineError with the registry's reason */
  pull(reference: string, password: string | undefined): Promise<void>
  create(name: string, spec: ContainerSpec): Promise<string>
  start(id: string): Promise<void>
  inspect(id: string): Promise<ContainerState>
  /** Resolves when the container has stopped. */
  wait(id: string): Promise<void>
  /** Output from the beginning until the container stops, in the engine's frames with a timestamp each. */
  logs(id: string): Promise<IncomingMessage>
  /** SIGTERM (or the image's STOPSIGNAL), then after so many seconds SIGKILL. */
  stop(id: string, seconds: number): Promise<void>
  kill(id: string): Promise<void>
  /** Whatever its state; nothing happens when it is gone already. */
  remove(id: string): Promise<void>
  removeImage(reference: string): Promise<void>
}

export function createEngine(): Engine {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  let socket: Promise<string> | undefined

  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    socket ??= engineSocket()
    const socketPath = await socket
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(
        { socketPath, agent, method, path, headers: { 'content-type': 'application/json', ...headers } },
        resolve,
      )
      request.on('error', reject)
      request.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  async function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<string> {
    const response = await send(method, path, body, headers)
    const answer = await text(response)
    const status = response.statusCode ?? 500
    // 304: it is so already
    if (status >= 400) throw new EngineError(status, (JSON.parse(answer) as { message: string }).message)
    return answer
  }

  return {
    async pull(reference, password) {
      const auth = password && Buffer.from(JSON.stringify({ username: 'AWS', password })).toString('base64url')
      const [name = '', digest] = reference.split('@')
      const query = new URLSearchParams({ fromImage: name, ...(digest && { tag: digest }) })
      const path = `/images/create?${query.toString()}`
      const progress = await call('POST', path, undefined, auth ? { 'x-registry-auth': auth } : {})
      // a pull that fails on the way has answered 200 already
      const failure = progress.split('\n').find((line) => line.includes('"errorDetail"'))
      if (failure) throw new EngineError(500, (JSON.parse(failure) as { error: string }).error)
    },
    async create(name, spec) {
      const answer = await call('POST', `/containers/create?name=${encodeURIComponent(name)}`, spec)
      return (JSON.parse(answer) as { Id: string }).Id
    },
    start: async (id) => void (await call('POST', `/containers/${id}/start`)),
    async inspect(id) {
      const { State, NetworkSettings } = JSON.parse(await call('GET', `/containers/${id}/json`)) as Inspection
      const health = State.Health?.Status
      return {
        running: State.Running,
        exitCode: State.ExitCode,
        outOfMemory: State.OOMKilled,
        health: health === 'healthy' || health === 'unhealthy' ? health : undefined,
        ip: NetworkSettings.Networks['bridge']?.IPAddress ?? '',
      }
    },
    wait: async (id) => void (await call('POST', `/containers/${id}/wait`)),
    logs: (id) => send('GET', `/containers/${id}/logs?follow=1&stdout=1&stderr=1&timestamps=1`),
    stop: async (id, seconds) => void (await call('POST', `/containers/${id}/stop?t=${seconds}`).catch(ignoreGone)),
    kill: async (id) => void (await call('POST', `/containers/${id}/kill`).catch(ignoreGone)),
    remove: async (id) => void (await call('DELETE', `/containers/${id}?force=1&v=1`).catch(ignoreGone)),
    removeImage: async (reference) => void (await call('DELETE', `/images/${reference}`).catch(ignoreGone)),
  }
}

interface Inspection {
  State: { Running: boolean; ExitCode: number; OOMKilled: boolean; Health?: { Status: string } }
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> }
}

/** 404: no such container or image; 409: it is being removed, or another container still uses the image. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof EngineError && (error.status === 404 || error.status === 409))) throw error
}

/** Where the docker CLI finds its engine. Tasks are addressed by container IP, so it must be one on this machine. */
async function engineSocket(): Promise<string> {
  const host =
    process.env['DOCKER_HOST'] ||
    (await docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])).trim()
  if (!host.startsWith('unix://'))
    throw new Error(`the local AWS needs a Docker engine on this machine; it is at ${host}`)
  return host.slice('unix://'.length)
}
