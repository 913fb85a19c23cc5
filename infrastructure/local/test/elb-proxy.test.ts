import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { closeNow, loadBalance, startTarget, until } from './elb-fixtures.ts'

describe('HTTP through the load balancer', () => {
  it('passes the request on with Host, the forwarded headers and a trace id', async () => {
    const { url, serve } = await loadBalance()
    await serve(await startTarget((request, response) => response.end(JSON.stringify(request.headers))))
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

  it('drops hop-by-hop headers and those that Connection names', async () => {
    const { url, serve } = await loadBalance()
    const seen: string[][] = []
    await serve(
      await startTarget((request, response) => {
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
    await serve(await startTarget((request, response) => void request.pipe(response)))
    const body = Buffer.alloc(20_000_000, 'live quiz ')
    const answer = await fetch(url, { method: 'POST', body })
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(body))
  })

  it('streams: the first chunk arrives while the target is still answering', async () => {
    const { url, serve } = await loadBalance()
    const endings: (() => void)[] = []
    await serve(
      await startTarget((_, response) => {
        response.write('first')
        endings.push(() => response.end('last'))
      }),
    )
    const reader = (await fetch(url)).body!.getReader()
    const first = await reader.read()
    endings[0]!()
    const second = await reader.read()
    assert.equal(Buffer.from(first.value).toString(), 'first')
    assert.equal(Buffer.from(second.value).toString(), 'last')
  })

  it('keeps connections to its targets open', async () => {
    const { url, serve } = await loadBalance()
    const sockets = new Set<unknown>()
    await serve(
      await startTarget((request, response) => {
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
      await startTarget((request, response) => {
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

  it('closes the connection to a target when the client has gone', async () => {
    const { url, serve } = await loadBalance()
    let gone = false
    await serve(await startTarget((_, response) => void response.on('close', () => (gone = true)).write('x')))
    const outgoing = httpRequest(url).end()
    await once(outgoing, 'response')
    outgoing.destroy()
    await until(() => gone)
  })
})

describe('balancing', () => {
  it('asks healthy targets in turn', async () => {
    const { url, serve } = await loadBalance()
    await serve(
      await startTarget((_, response) => response.end('one')),
      await startTarget((_, response) => response.end('two')),
    )
    const answers = []
    for (let count = 0; count < 4; count += 1) answers.push(await (await fetch(url)).text())
    assert.deepEqual(answers.toSorted(), ['one', 'one', 'two', 'two'])
  })

  it('prefers the target with the fewest requests where the group asks for it', async () => {
    const { url, serve } = await loadBalance({
      targetGroup: { 'load_balancing.algorithm.type': 'least_outstanding_requests' },
    })
    await serve(
      await startTarget((_, response) => void response.write('busy')),
      await startTarget((_, response) => response.end('free')),
    )
    const first = await fetch(url)
    const held = (await first.body!.getReader().read()).value
    if (Buffer.from(held).toString() === 'free') await fetch(url)
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
    const breaking = await startTarget((request) => request.socket.destroy())
    await serve(breaking)
    assert.equal((await fetch(url)).status, 502)
    closeNow(breaking.server)
    assert.equal((await fetch(url)).status, 502)
  })

  it('answers 504 when the target is silent for the idle timeout', async () => {
    const { url, serve } = await loadBalance({ loadBalancer: { 'idle_timeout.timeout_seconds': '1' } })
    await serve(await startTarget(() => {}))
    assert.equal((await fetch(url)).status, 504)
  })

  it('routes to all targets when all are unhealthy', async () => {
    const { url, register, stateOf } = await loadBalance({ healthCheck: { HealthCheckPath: '/sick' } })
    const sick = await startTarget((request, response) => response.writeHead(request.url === '/sick' ? 500 : 200).end())
    register(sick)
    await until(() => stateOf(sick)?.state === 'unhealthy')
    assert.equal((await fetch(url)).status, 200)
  })
})
