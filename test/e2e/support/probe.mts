import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http'
import { request as secureRequest } from 'node:https'
import { WebSocket } from 'ws'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** One request over a new connection, as curl makes it. */
export function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const request = url.startsWith('https:') ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false, timeout: 10_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
      .on('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error(`${url} did not answer within 10 s`))
      })
      .on('error', reject)
      .end()
  })
}

/** Opens a WebSocket and resolves with its first message. */
export function firstMessage(url: string, options: { origin?: string } = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { ...options, handshakeTimeout: 10_000 })
    socket.on('message', (data: Buffer) => {
      resolve(JSON.parse(data.toString()))
      socket.close()
    })
    socket.on('error', reject)
  })
}

/** Requests in a loop: how many there were, and which got another answer than 200, or no welcome. */
interface Loop {
  stop(): Promise<{ asked: number; failures: string[] }>
}

/**
 * Loads the page with all its assets again and again, as browsers do, and with each load the `others`,
 * until stopped. An answer of the page that is torn between two releases fails at its assets.
 * @param most minutes after which it stops by itself
 */
export function browseInALoop(site: string, others: string[], most = 10): Loop {
  return startLoop(most * 60_000, async (ask) => {
    const html = await ask(`${site}/`)
    for (const [path] of html.matchAll(/\/assets\/[^"]+/g)) await ask(site + path)
    for (const url of others) await ask(url)
  })
}

/** Asks the API and opens a WebSocket through the CDN, again and again, until stopped. @param most as above */
export function callInALoop(site: string, most: number): Loop {
  return startLoop(most * 60_000, async (ask) => {
    await ask(`${site}/api/live`)
    await ask(`${site.replace(/^http/, 'ws')}/ws`)
  })
}

/** Asks the urls in turn, about every 50 ms, until stopped; at most five minutes. */
export function askInALoop(urls: string[]): Loop {
  let next = 0
  return startLoop(300_000, async (ask) => void (await ask(urls[next++ % urls.length]!)))
}

/** A WebSocket that was welcomed, told as a request that was answered. */
async function welcome(url: string): Promise<{ status: number; body: string }> {
  const message = await firstMessage(url)
  return { status: message['type'] === 'welcome' ? 200 : 0, body: JSON.stringify(message) }
}

/** @param most milliseconds */
function startLoop(most: number, round: (ask: (url: string) => Promise<string>) => Promise<void>): Loop {
  let stopped = false
  const failures: string[] = []
  let asked = 0
  const ask = async (url: string): Promise<string> => {
    asked += 1
    const answer = url.startsWith('ws') ? welcome(url) : get(url)
    const { status, body } = await answer.catch((error: Error) => ({ status: 0, body: error.message }))
    if (status !== 200) failures.push(`${new Date().toISOString()} ${url}: ${status} ${body.slice(0, 200)}`)
    return body
  }
  const loop = (async () => {
    for (const end = Date.now() + most; !stopped && Date.now() < end;) {
      await round(ask)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await loop
      return { asked, failures }
    },
  }
}

/** TCP sockets of this machine that listen, from /proc/net (https://docs.kernel.org/networking/proc_net_tcp.html). */
export function listening(): { address: string; port: number }[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => {
        const [address, port] = fields[1]!.split(':') as [string, string]
        // an IPv4 address is written as one little-endian word; of IPv6 only "is it loopback" matters here
        const bytes = address.match(/../g)!.map((byte) => parseInt(byte, 16))
        const shown = bytes.length === 4 ? bytes.toReversed().join('.') : address
        return { address: shown, port: parseInt(port, 16) }
      }),
  )
}

/**
 * What a local AWS has left on this machine: its directory, processes that name the checkout or stand in it, ports,
 * containers and images.
 *
 * @param engine DOCKER_HOST of the engine that it used; one that is gone has nothing left in it
 */
export function remains({ path, port, engine }: { path: string; port: number; engine: string }): string[] {
  const docker = (...args: string[]) =>
    spawnSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: engine } })
      .stdout.split('\n')
      .filter(Boolean)
  return [
    ...(existsSync(`${path}/.local`) ? [`${path}/.local`] : []),
    ...processesAt(path),
    ...listening()
      .filter((socket) => socket.port >= port && socket.port < port + 100)
      .map((socket) => `port ${socket.port}`),
    ...docker('ps', '--all', '--filter', `label=live-quiz-local=${port}`, '--format', 'container {{.Names}}'),
    ...docker('images', '--format', 'image {{.Repository}}:{{.Tag}}', `127.0.0.1:${port}/*`),
  ]
}

/** Processes that name a directory or stand in it. */
export function processesAt(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const isThere = command.includes(path) || readlinkSync(`/proc/${pid}/cwd`).startsWith(path)
        return isThere ? [`process ${pid}: ${command}`] : []
      } catch {
        return [] // it has just ended
      }
    })
}
