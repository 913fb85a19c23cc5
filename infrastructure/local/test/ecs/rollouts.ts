import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WebSocket } from 'ws'
import {
  createService,
  definitionOf,
  removeService,
  repository,
  rolledBack,
  service,
  settled,
  update,
  url,
  world,
} from './service.ts'
import { deregistrationDelay } from '../ecs-world.ts'
import { eventually } from '../expectations.ts'

// after the world, which says on which ports everything is
const { openCloudFront, managed } = await import('../cloudfront-fixtures.ts')

/*
 * Deployments as a visitor of the site sees them, through CDN and load balancer, while images of every kind are built,
 * pushed and deployed with docker and aws.
 */

/** A server that says its release to anyone who asks, and over a WebSocket ten times a second. */
const good = (release: string) => `
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
const server = createServer((request, response) => response.end('${release}')).listen(3000)
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
    .digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nupgrade: websocket\\r\\nconnection: Upgrade\\r\\nsec-websocket-accept: ' + accept + '\\r\\n\\r\\n')
  const frame = Buffer.from('__${release}')
  frame[0] = 0x81
  frame[1] = frame.length - 2
  const ticking = setInterval(() => socket.write(frame), 100)
  socket.on('error', () => {}).on('close', () => clearInterval(ticking))
})
process.on('SIGTERM', () => process.exit(0))
`
const crashing = `console.error('cannot continue'); process.exit(3)`

let site: string

/** Builds and pushes an image, and registers a task definition that pins it by tag. */
async function releaseImage(tag: string, program: string): Promise<string> {
  const image = await world.build(`${repository}:${tag}`, program)
  await world.docker(['push', '--quiet', image])
  return world.register(definitionOf(image, {}))
}

async function deploy(taskDefinition: string, settings: object = {}): Promise<void> {
  await update(taskDefinition, settings)
  await settled(taskDefinition)
}

/** Asks site and load balancer in turn until stopped; resolves with how often, and what went wrong. */
function askInALoop(): { stop(): Promise<{ asked: number; failures: string[] }> } {
  let stopped = false
  let asked = 0
  const failures: string[] = []
  const loop = async (address: string): Promise<void> => {
    while (!stopped) {
      asked += 1
      const answer = await fetch(address, { signal: AbortSignal.timeout(10_000) }).then(
        async (response) => `${response.status} ${await response.text()}`,
        (error: Error) => `${error.message}: ${String(error.cause)}`,
      )
      if (!answer.startsWith('200 ')) failures.push(`${new Date().toISOString()} ${address}: ${answer}`)
      await sleep(20)
    }
  }
  const loops = Promise.all([site, url].map(loop))
  return {
    async stop() {
      stopped = true
      await loops
      return { asked, failures }
    },
  }
}

/** A WebSocket through the CDN, what it heard, and when it was closed. */
async function openSocket() {
  const socket = new WebSocket(site.replace('http', 'ws'))
  const heard: string[] = []
  socket.on('message', (data: Buffer) => heard.push(data.toString()))
  const closed = new Promise<number>((resolve) => socket.on('close', () => resolve(Date.now())))
  await once(socket, 'open')
  return { socket, heard, closed }
}

describe('rolling deployments', () => {
  before(async () => {
    await createService()
    const distribution = await openCloudFront().distributeServer(url.slice('http://'.length), {
      OriginRequestPolicyId: managed.allViewerExceptHost,
    })
    site = distribution.url
  })
  after(removeService)

  it('are not noticed by a user of the site, good or bad', async (t) => {
    await deploy(await releaseImage('first', good('first')))
    const visitors = askInALoop()
    // a loop that runs on after a failure would keep this process
    t.after(() => visitors.stop())
    const old = await openSocket()
    await eventually('the old task talks', async () => old.heard.length > 0)

    const second = await releaseImage('second', good('second'))
    const asked = Date.now()
    await update(second)
    const { events } = await eventually('the old tasks leave', async () => {
      const now = await service()
      const since = now.events.filter(({ createdAt }) => createdAt.getTime() >= asked)
      return since.some(({ message }) => message.includes('has begun draining connections')) && now
    })
    const drained = await old.closed
    await settled(second)
    // two tasks leave, the socket is on one of them
    const deregistered = events
      .filter(({ message }) => message.includes('deregistered 1 targets'))
      .map(({ createdAt }) => createdAt.getTime())
      .filter((moment) => moment >= asked)
    const lived = drained - Math.min(...deregistered)
    assert.ok(lived >= deregistrationDelay - 20, `it was closed ${lived} ms after the deregistration`)
    assert.ok(lived < deregistrationDelay + 5_000, `it was closed only ${lived} ms after the deregistration`)

    const young = await openSocket()
    await eventually('the new task talks', async () => young.heard.length > 0)
    await rolledBack(await releaseImage('crashing', crashing))
    assert.equal(young.socket.readyState, WebSocket.OPEN)
    assert.deepEqual(new Set([...old.heard, ...young.heard]), new Set(['first', 'second']))
    young.socket.terminate()
    const { asked: requests, failures } = await visitors.stop()
    assert.deepEqual(failures, [])
    assert.ok(requests > 300, `only ${requests} requests`)
  })

  it('leave no container, no socket and no memory behind, twenty in a row', async (t) => {
    const releases = [await releaseImage('even', good('even')), await releaseImage('odd', good('odd'))]
    await world.aws`aws ecs update-service --cluster live-quiz-cluster --service websocket-service --desired-count 1`
    const roll = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) {
        await deploy(releases[time % 2]!, { forceNewDeployment: true })
        assert.equal(await (await fetch(site)).text(), ['even', 'odd'][time % 2])
      }
    }
    // what is made once and kept: connections to docker and moto, compiled code
    await roll(4)
    const earlier = await held()
    await roll(20)
    const later = await held()
    t.diagnostic(`before ${JSON.stringify(earlier)}, after ${JSON.stringify(later)}`)
    assert.deepEqual([earlier.containers, later.containers], [1, 1])
    // a leak of one for each deployment would be twenty
    assert.ok(later.descriptors <= earlier.descriptors + 5, `${earlier.descriptors} → ${later.descriptors} descriptors`)
    assert.ok(later.sockets <= earlier.sockets + 5, `${earlier.sockets} → ${later.sockets} sockets`)
    assert.ok(later.heap - earlier.heap < 10 * mebibyte, `${earlier.heap} → ${later.heap} bytes in use`)
  })
})

const mebibyte = 1 << 20

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/**
 * What is held now. The gateway and its rooms live in this very process. Bytes in use after a collection show a leak, and
 * resident memory, which the engine gives back when it likes, does not.
 */
async function held() {
  const containers = await eventually('stopped containers are gone', async () => {
    const names = (await world.containers()).split('\n')
    return names.length === 1 && names.length
  })
  // idle connections to docker, moto and targets close by themselves
  await sleep(6_000)
  collectGarbage()
  const descriptors = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return '' // that of the listing itself
    }
  })
  const { heapUsed, external } = process.memoryUsage()
  return {
    containers,
    descriptors: descriptors.length,
    sockets: descriptors.filter((target) => target.startsWith('socket:')).length,
    heap: heapUsed + external,
  }
}
