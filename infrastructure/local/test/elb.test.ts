import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'
import { AwsError } from '../gateway/room.ts'
import { createElb } from '../elb/room.ts'
import type { Target } from '../elb/targets.ts'

const stack = { stackName: 'Test', stackId: 'arn:aws:cloudformation:stack/Test', tags: {} }
const closing: (() => Promise<unknown> | void)[] = []

after(async () => {
  for (const close of closing.toReversed()) await close()
})

interface LoadBalancerOptions {
  loadBalancer?: Record<string, string>
  targetGroup?: Record<string, string>
  healthCheck?: Record<string, unknown>
  deregistrationDelay?: number
}

/** A load balancer with one target group and a listener on port 80, made as CloudFormation makes it. */
async function loadBalance(options: LoadBalancerOptions = {}) {
  const elb = createElb({
    firstPort: 14_900,
    timings: { healthCheckInterval: 30, deregistrationDelay: options.deregistrationDelay ?? 400 },
  })
  closing.push(elb.close)
  const create = async (type: string, properties: Record<string, unknown>) =>
    elb.resourceTypes[`AWS::ElasticLoadBalancingV2::${type}`]!.create({ ...stack, logicalId: type, properties })
  const attributes = (values: Record<string, string> = {}) =>
    Object.entries(values).map(([Key, Value]) => ({ Key, Value }))
  const loadBalancer = await create('LoadBalancer', {
    Name: 'live-quiz',
    LoadBalancerAttributes: attributes(options.loadBalancer),
  })
  const targetGroup = await create('TargetGroup', {
    Name: 'tasks',
    TargetType: 'ip',
    Port: 3000,
    HealthCheckPath: '/health',
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    TargetGroupAttributes: attributes(options.targetGroup),
    ...options.healthCheck,
  })
  const listener = await create('Listener', {
    LoadBalancerArn: loadBalancer.physicalId,
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroup.physicalId }],
  })
  const url = `http://${String(loadBalancer.attributes['DNSName'])}`
  const arn = targetGroup.physicalId
  const stateOf = (target: Target) =>
    elb.targets.health(arn).find(({ id, port }) => id === target.id && port === target.port)
  return {
    elb,
    url,
    arn,
    loadBalancer,
    targetGroup,
    listener,
    create,
    stateOf,
    register: (target: Target) => elb.targets.register(arn, target),
    deregister: (target: Target) => elb.targets.deregister(arn, target),
    /** Registers targets and waits until they are healthy. */
    serve: async (...targets: Target[]) => {
      for (const target of targets) elb.targets.register(arn, target)
      for (const target of targets) await until(() => stateOf(target)?.state === 'healthy')
    },
    call: (action: string, input: Record<string, unknown> = {}) => {
      const call = { action, accessKeyId: '', requestId: '', reply: { status: 200, headers: {} } }
      return elb.room.actions[action]!(input, call) as Promise<Record<string, unknown>>
    },
  }
}

/** A server on a port of its own that answers /health with 200. */
async function target(answer: RequestListener): Promise<Target & { server: Server }> {
  const server = createServer((request, response) => {
    if (request.url === '/health') response.end('ok')
    else answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => closeNow(server))
  return { id: '127.0.0.1', port: (server.address() as AddressInfo).port, server }
}

function closeNow(server: Server): void {
  server.close()
  server.closeAllConnections()
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 5_000; waited += 10) {
    if (holds()) return
    await sleep(10)
  }
  throw new Error(`did not come true within 5 s: ${String(holds)}`)
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

describe('HTTP through the load balancer', () => {
  it('passes the request on with Host, the forwarded headers and a trace id', async () => {
    const { url, serve } = await loadBalance()
    await serve(await target((request, response) => response.end(JSON.stringify(request.headers))))
    const seen = (await (await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.7' } })).json()) as Record<
      string,
      string
    >
    assert.equal(seen['host'], url.slice('http://'.length))
    assert.equal(seen['x-forwarded-for'], '203.0.113.7, 127.0.0.1')
    assert.equal(seen['x-forwarded-proto'], 'http')
    assert.equal(seen['x-forwarded-port'], '80')
    assert.match(seen['x-amzn-trace-id']!, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
  })

  it('drops hop-by-hop headers and those that Connection names, and keeps repeated ones', async () => {
    const { url, serve } = await loadBalance()
    const seen: string[][] = []
    await serve(
      await target((request, response) => {
        seen.push(request.rawHeaders)
        response.setHeader('set-cookie', ['a=1', 'b=2']).end()
      }),
    )
    const outgoing = httpRequest(url, { headers: { connection: 'keep-alive, x-mine', 'x-mine': '1', te: 'trailers' } })
    const [response] = (await once(outgoing.end(), 'response')) as [IncomingMessage]
    response.resume()
    const names = seen[0]!.map((name) => name.toLowerCase())
    assert.ok(!names.includes('x-mine') && !names.includes('te'), names.join(' '))
    assert.deepEqual(response.headers['set-cookie'], ['a=1', 'b=2'])
  })

  it('carries a big upload and a big download whole', async () => {
    const { url, serve } = await loadBalance()
    await serve(await target((request, response) => void request.pipe(response)))
    const body = Buffer.alloc(20_000_000, 'live quiz ')
    const answer = await fetch(url, { method: 'POST', body })
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(body))
  })

  it('streams: the first chunk arrives while the target is still answering', async () => {
    const { url, serve } = await loadBalance()
    let finish = () => {}
    await serve(
      await target((_, response) => {
        response.write('first')
        finish = () => response.end('last')
      }),
    )
    const reader = (await fetch(url)).body!.getReader()
    const first = await reader.read()
    finish()
    const second = await reader.read()
    assert.equal(Buffer.from(first.value!).toString(), 'first')
    assert.equal(Buffer.from(second.value!).toString(), 'last')
  })

  it('keeps connections to its targets open', async () => {
    const { url, serve } = await loadBalance()
    const sockets = new Set<unknown>()
    await serve(
      await target((request, response) => {
        sockets.add(request.socket)
        response.end()
      }),
    )
    for (let count = 0; count < 5; count += 1) await (await fetch(url)).text()
    assert.equal(sockets.size, 1)
  })

  it('sends a GET again that met a connection which its target was just closing', async () => {
    const { url, serve } = await loadBalance()
    let requests = 0
    await serve(
      await target((request, response) => {
        requests += 1
        // the second request of a connection finds it closed
        if (requests === 2) request.socket.destroy()
        else response.end('ok')
      }),
    )
    await (await fetch(url)).text()
    assert.equal((await fetch(url)).status, 200)
    assert.equal(requests, 3)
  })

  it('tells a target that the client has gone', async () => {
    const { url, serve } = await loadBalance()
    let gone = false
    await serve(await target((_, response) => void response.on('close', () => (gone = true)).write('x')))
    const outgoing = httpRequest(url).end()
    await once(outgoing, 'response')
    outgoing.destroy()
    await until(() => gone)
  })
})

describe('balancing', () => {
  it('asks healthy targets in turn', async () => {
    const { url, serve } = await loadBalance()
    await serve(await target((_, response) => response.end('one')), await target((_, response) => response.end('two')))
    const answers = []
    for (let count = 0; count < 4; count += 1) answers.push(await (await fetch(url)).text())
    assert.deepEqual(answers.toSorted(), ['one', 'one', 'two', 'two'])
  })

  it('prefers the target with the fewest requests where the group asks for it', async () => {
    const { url, serve } = await loadBalance({
      targetGroup: { 'load_balancing.algorithm.type': 'least_outstanding_requests' },
    })
    await serve(
      await target((_, response) => void response.write('busy')),
      await target((_, response) => response.end('free')),
    )
    const first = await fetch(url)
    const held = (await first.body!.getReader().read()).value
    if (Buffer.from(held!).toString() === 'free') await fetch(url)
    for (let count = 0; count < 4; count += 1) assert.equal(await (await fetch(url)).text(), 'free')
  })

  it('answers 503 with its own page when no target is registered', async () => {
    const { url } = await loadBalance()
    const answer = await fetch(url)
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('server'), 'awselb/2.0')
    assert.match(await answer.text(), /<h1>503 Service Temporarily Unavailable<\/h1>/)
  })

  it('answers 502 when the target refuses the connection or breaks off', async () => {
    const { url, serve } = await loadBalance()
    const breaking = await target((request) => request.socket.destroy())
    await serve(breaking)
    assert.equal((await fetch(url)).status, 502)
    closeNow(breaking.server)
    assert.equal((await fetch(url)).status, 502)
  })

  it('answers 504 when the target is silent for the idle timeout', async () => {
    const { url, serve } = await loadBalance({ loadBalancer: { 'idle_timeout.timeout_seconds': '1' } })
    await serve(await target(() => {}))
    assert.equal((await fetch(url)).status, 504)
  })

  it('routes to all targets when all are unhealthy', async () => {
    const { url, register, stateOf } = await loadBalance({ healthCheck: { HealthCheckPath: '/sick' } })
    const sick = await target((request, response) => response.writeHead(request.url === '/sick' ? 500 : 200).end())
    register(sick)
    await until(() => stateOf(sick)?.state === 'unhealthy')
    assert.equal((await fetch(url)).status, 200)
  })
})

describe('target health', () => {
  it('goes from initial to healthy, to unhealthy with the codes, and back', async () => {
    let status = 200
    const { register, stateOf } = await loadBalance({ healthCheck: { HealthCheckPath: '/check' } })
    const checked = await target((_, response) => response.writeHead(status).end())
    register(checked)
    assert.equal(stateOf(checked)?.state, 'initial')
    assert.equal(stateOf(checked)?.reason, 'Elb.InitialHealthChecking')
    await until(() => stateOf(checked)?.state === 'healthy')
    status = 500
    await until(() => stateOf(checked)?.state === 'unhealthy')
    assert.equal(stateOf(checked)?.reason, 'Target.ResponseCodeMismatch')
    assert.equal(stateOf(checked)?.description, 'Health checks failed with these codes: [500]')
    status = 200
    await until(() => stateOf(checked)?.state === 'healthy')
    assert.equal(stateOf(checked)?.reason, undefined)
  })

  it('names a timeout', async () => {
    const { register, stateOf } = await loadBalance({
      healthCheck: { HealthCheckPath: '/hang', HealthCheckTimeoutSeconds: 0.1 },
    })
    const hanging = await target(() => {})
    register(hanging)
    await until(() => stateOf(hanging)?.state === 'unhealthy')
    assert.equal(stateOf(hanging)?.reason, 'Target.Timeout')
    assert.equal(stateOf(hanging)?.description, 'Request timed out')
  })

  it('gives a target that does not listen yet the time that its own interval and threshold allow', async () => {
    const { register, stateOf } = await loadBalance({ healthCheck: { HealthCheckIntervalSeconds: 0.25 } })
    const refusing = { id: '127.0.0.1', port: 9 }
    register(refusing)
    await sleep(200)
    assert.equal(stateOf(refusing)?.state, 'initial')
    await until(() => stateOf(refusing)?.state === 'unhealthy')
    assert.equal(stateOf(refusing)?.reason, 'Target.FailedHealthChecks')
  })

  it('is unused while no listener forwards to the target group', async () => {
    const { elb, create } = await loadBalance()
    const { physicalId } = await create('TargetGroup', { Name: 'idle', TargetType: 'ip' })
    elb.targets.register(physicalId, { id: '127.0.0.1', port: 9 })
    assert.equal(elb.targets.health(physicalId)[0]?.reason, 'Target.NotInUse')
  })
})

describe('WebSockets and draining', () => {
  /** A WebSocket server that echoes; `/health` is healthy. */
  async function echo(name: string) {
    const served = await target((_, response) => response.end(name))
    const sockets = new WebSocketServer({ server: served.server })
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data as Buffer)))
    return served
  }

  async function open(url: string): Promise<WebSocket> {
    const socket = new WebSocket(url.replace('http', 'ws'))
    socket.on('error', () => {})
    await once(socket, 'open')
    closing.push(() => socket.terminate())
    return socket
  }

  async function roundTrip(socket: WebSocket, message: string): Promise<string> {
    socket.send(message)
    return String(((await once(socket, 'message')) as [Buffer])[0])
  }

  it('tunnels a WebSocket both ways, large messages too', async () => {
    const { url, serve } = await loadBalance()
    await serve(await echo('a'))
    const socket = await open(url)
    const message = 'x'.repeat(1_000_000)
    assert.equal(await roundTrip(socket, message), message)
  })

  it('passes a refused upgrade on as the target answers it', async () => {
    const { url, serve } = await loadBalance()
    const refusing = await target(() => {})
    refusing.server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno'))
    await serve(refusing)
    const socket = new WebSocket(url.replace('http', 'ws'))
    socket.on('error', () => {})
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    assert.equal(answer.statusCode, 403)
    assert.equal(await textOf(answer), 'no')
  })

  it('answers an upgrade with 503 when there is no target', async () => {
    const { url } = await loadBalance()
    const socket = new WebSocket(url.replace('http', 'ws'))
    socket.on('error', () => {})
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    assert.equal(answer.statusCode, 503)
  })

  it('cuts a WebSocket that is silent for the idle timeout, and not one that talks', async () => {
    const { url, serve } = await loadBalance({ loadBalancer: { 'idle_timeout.timeout_seconds': '1' } })
    await serve(await echo('a'))
    const [silent, talking] = [await open(url), await open(url)]
    const closed = once(silent, 'close')
    for (let count = 0; count < 4; count += 1) {
      await sleep(400)
      assert.equal(await roundTrip(talking, String(count)), String(count))
    }
    assert.equal(((await closed) as [number])[0], 1006)
  })

  it('lets a WebSocket of a deregistered target live until the deregistration delay, and sends it nothing new', async () => {
    const { url, serve, deregister, stateOf } = await loadBalance({ deregistrationDelay: 500 })
    const [old, young] = [await echo('old'), await echo('young')]
    await serve(old)
    const socket = await open(url)
    const closed = once(socket, 'close')
    await serve(young)
    const start = Date.now()
    const drained = deregister(old)
    assert.equal(stateOf(old)?.state, 'draining')
    assert.equal(stateOf(old)?.reason, 'Target.DeregistrationInProgress')
    for (let count = 0; count < 4; count += 1) assert.equal(await (await fetch(url)).text(), 'young')
    assert.equal(await roundTrip(socket, 'still here'), 'still here')
    await Promise.all([drained, closed])
    assert.ok(Date.now() - start >= 490, `closed after ${Date.now() - start} ms`)
    assert.equal(stateOf(old), undefined)
  })

  it('is drained at once when nothing is in flight, and shown as draining until the delay is over', async () => {
    const { serve, deregister, stateOf } = await loadBalance({ deregistrationDelay: 300 })
    const idle = await echo('idle')
    await serve(idle)
    const start = Date.now()
    await deregister(idle)
    assert.ok(Date.now() - start < 100)
    assert.equal(stateOf(idle)?.state, 'draining')
    await until(() => stateOf(idle) === undefined)
  })

  it('is drained as soon as the last request is answered', async () => {
    const { url, serve, deregister } = await loadBalance({ deregistrationDelay: 5_000 })
    let finish = () => {}
    const slow = await target((_, response) => void (finish = () => response.end('done')))
    await serve(slow)
    const answer = fetch(url)
    await sleep(100)
    const start = Date.now()
    const drained = deregister(slow)
    finish()
    assert.equal(await (await answer).text(), 'done')
    await drained
    assert.ok(Date.now() - start < 1_000)
  })

  it('answers 502 to a request that outlives the deregistration delay', async () => {
    const { url, serve, deregister } = await loadBalance({ deregistrationDelay: 100 })
    const slow = await target(() => {})
    await serve(slow)
    const answer = fetch(url)
    await sleep(100)
    await deregister(slow)
    assert.equal((await answer).status, 502)
  })

  it('takes a draining target back into service', async () => {
    const { url, serve, deregister, stateOf } = await loadBalance()
    const back = await echo('back')
    await serve(back)
    await deregister(back)
    assert.equal((await fetch(url)).status, 503)
    await serve(back)
    await sleep(500)
    assert.equal(stateOf(back)?.state, 'healthy')
    assert.equal(await (await fetch(url)).text(), 'back')
  })

  it('passes the end of one direction on and keeps the other open', async () => {
    const { url, serve } = await loadBalance()
    const served = await target(() => {})
    served.server.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n')
      let heard = ''
      socket.on('data', (data) => (heard += String(data)))
      socket.on('end', () => socket.end(`heard ${heard}`))
    })
    await serve(served)
    const raw = connect(Number(new URL(url).port), '127.0.0.1')
    raw.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n')
    await once(raw, 'data')
    raw.end('all')
    assert.equal(String(((await once(raw, 'data')) as [Buffer])[0]), 'heard all')
  })
})

describe('listener rules and resources', () => {
  it('answers a fixed response and a redirect where a rule says so', async () => {
    const { url, listener, create } = await loadBalance()
    const rule = (Priority: number, path: string, Actions: unknown[]) =>
      create('ListenerRule', {
        ListenerArn: listener.physicalId,
        Priority,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [path] } }],
        Actions,
      })
    await rule(1, '/teapot', [
      { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418', MessageBody: 'short and stout' } },
    ])
    await rule(2, '/old/*', [
      { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Path: '/new', Query: 'was=#{path}' } },
    ])
    const fixed = await fetch(`${url}/teapot`)
    assert.equal(fixed.status, 418)
    assert.equal(await fixed.text(), 'short and stout')
    const moved = await fetch(`${url}/old/page`, { redirect: 'manual' })
    assert.equal(moved.status, 301)
    assert.equal(moved.headers.get('location'), `${url}/new?was=old/page`)
  })

  it('refuses to delete a target group that a listener forwards to', async () => {
    const { elb, targetGroup } = await loadBalance()
    await assert.rejects(
      elb.resourceTypes['AWS::ElasticLoadBalancingV2::TargetGroup']!.delete(targetGroup, {}),
      (error: AwsError) => error.code === 'ResourceInUse',
    )
  })

  it('applies a changed idle timeout to the load balancer that runs', async () => {
    const { elb, url, serve, loadBalancer } = await loadBalance()
    await serve(await target(() => {}))
    const properties = {
      Name: 'live-quiz',
      LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
    }
    const type = elb.resourceTypes['AWS::ElasticLoadBalancingV2::LoadBalancer']!
    await type.update!({ ...stack, logicalId: 'LoadBalancer', properties }, loadBalancer, {})
    assert.equal((await fetch(url)).status, 504)
  })

  it('accepts no connection while it has no listener', async () => {
    const { elb, url, listener } = await loadBalance()
    await elb.resourceTypes['AWS::ElasticLoadBalancingV2::Listener']!.delete(listener, {})
    await assert.rejects(fetch(url))
  })

  it('words what is not there as AWS does', async () => {
    const { call } = await loadBalance()
    const failure = async (action: string, input: Record<string, unknown>) => {
      try {
        await call(action, input)
      } catch (error) {
        return `${(error as AwsError).code}: ${(error as AwsError).message}`
      }
      return 'no error'
    }
    assert.equal(
      await failure('DescribeLoadBalancers', { Names: ['nope'] }),
      "LoadBalancerNotFound: Load balancers '[nope]' not found",
    )
    assert.equal(
      await failure('DescribeTargetGroups', { Names: ['nope'] }),
      'TargetGroupNotFound: One or more target groups not found',
    )
    assert.match(await failure('DescribeTargetHealth', { TargetGroupArn: 'arn:x' }), /^TargetGroupNotFound: /)
  })

  it('lets go of its port when it is deleted', async () => {
    const { elb, url, loadBalancer } = await loadBalance()
    await elb.resourceTypes['AWS::ElasticLoadBalancingV2::LoadBalancer']!.delete(loadBalancer, {})
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    assert.equal(error.code, 'ECONNREFUSED')
  })
})
