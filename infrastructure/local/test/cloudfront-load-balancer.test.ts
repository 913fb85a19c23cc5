import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { managed, openCloudFront } from './cloudfront-fixtures.ts'
import { closeNow, loadBalance, openWebSocket, roundTrip, startEcho, startTarget } from './elb-fixtures.ts'

const allMethods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE']

/** Distribution → load balancer → targets, as the stack has it for /api/*, /ws and /health; `/api/media/*` is cached. */
async function distribute(options: Parameters<typeof loadBalance>[0] = {}, paths: { PathPattern: string }[] = []) {
  const balanced = await loadBalance(options)
  const cloudFront = openCloudFront()
  const uncached = { OriginRequestPolicyId: managed.allViewerExceptHost, AllowedMethods: allMethods }
  const cached = { CachePolicyId: await cloudFront.originDecides() }
  const { url } = await cloudFront.distributeServer(
    balanced.url.slice('http://'.length),
    uncached,
    paths.map((path) => ({ ...path, ...(path.PathPattern === '/api/media/*' ? cached : uncached) })),
  )
  return { ...balanced, siteUrl: url }
}

describe('HTTP through distribution and load balancer', () => {
  it('passes method, query, cookies and body on, and the load balancer as Host', async () => {
    const { url, siteUrl, serve } = await distribute()
    await serve(
      await startTarget((request, response) => {
        const { method, headers } = request
        void text(request).then((body) => response.end(JSON.stringify({ method, url: request.url, headers, body })))
      }),
    )
    const answer = await fetch(`${siteUrl}/api/live?a=1&b=%20&a=1`, {
      method: 'POST',
      body: 'answer',
      headers: { cookie: 'session=1; other=2', 'x-own': 'kept' },
    })
    const seen = (await answer.json()) as { method: string; url: string; headers: Record<string, string>; body: string }
    assert.equal(seen.method, 'POST')
    assert.equal(seen.url, '/api/live?a=1&b=%20&a=1')
    assert.equal(seen.body, 'answer')
    assert.equal(seen.headers['host'], url.slice('http://'.length))
    assert.equal(seen.headers['cookie'], 'session=1; other=2')
    assert.equal(seen.headers['x-own'], 'kept')
    assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1, 127.0.0.1')
    assert.match(seen.headers['via']!, /CloudFront/)
    assert.match(seen.headers['x-amz-cf-id']!, /^\S{56}$/)
  })

  it('asks the origin each time where caching is disabled, errors included', async () => {
    const { siteUrl, serve } = await distribute()
    let requests = 0
    await serve(
      await startTarget((_, response) => {
        requests += 1
        response.writeHead(requests === 1 ? 404 : 200, { 'cache-control': 'max-age=600' }).end()
      }),
    )
    const first = await fetch(`${siteUrl}/api/live`)
    assert.equal(first.status, 404)
    assert.equal(first.headers.get('x-cache'), 'Error from cloudfront')
    const second = await fetch(`${siteUrl}/api/live`)
    assert.equal(second.status, 200)
    assert.equal(second.headers.get('x-cache'), 'Miss from cloudfront')
    await fetch(`${siteUrl}/api/live`)
    assert.equal(requests, 3)
  })

  it('keeps an image as its headers say, whatever a viewer adds, and the rest of the API never', async () => {
    const { siteUrl, serve } = await distribute({}, [{ PathPattern: '/api/media/*' }, { PathPattern: '/api/*' }])
    const asked: { url: string; cookie: string | undefined }[] = []
    await serve(
      await startTarget((request, response) => {
        asked.push({ url: request.url!, cookie: request.headers.cookie })
        const kept = request.url !== '/api/media/private'
        response.writeHead(200, {
          'content-type': 'image/webp',
          'content-length': 5,
          'cache-control': kept ? 'public, max-age=31536000, immutable' : 'no-store',
        })
        response.end('image')
      }),
    )
    const ask = async (path: string, method = 'GET') => {
      const answer = await fetch(`${siteUrl}${path}`, { method, headers: { cookie: `viewer=${asked.length}` } })
      return `${answer.status} ${answer.headers.get('x-cache')} ${await answer.text()}`
    }
    assert.equal(await ask('/api/media/one'), '200 Miss from cloudfront image')
    assert.equal(await ask('/api/media/one?again=1'), '200 Hit from cloudfront image')
    assert.equal(await ask('/api/media/two'), '200 Miss from cloudfront image')
    for (const path of ['/api/media/private', '/api/live']) {
      assert.equal(await ask(path), '200 Miss from cloudfront image')
      assert.equal(await ask(path), '200 Miss from cloudfront image')
    }
    assert.deepEqual(
      asked.map(({ url }) => url),
      ['/api/media/one', '/api/media/two', '/api/media/private', '/api/media/private', '/api/live', '/api/live'],
    )
    // a cookie reaches the API, and not what is cached for everyone
    assert.deepEqual(
      asked.map(({ cookie }) => cookie !== undefined),
      [false, false, false, false, true, true],
    )
    const upload = await fetch(`${siteUrl}/api/media/one`, { method: 'POST', body: 'image' })
    assert.equal(upload.status, 403)
  })

  it('streams an answer as it comes', async () => {
    const { siteUrl, serve } = await distribute()
    const endings: (() => void)[] = []
    await serve(
      await startTarget((_, response) => {
        response.write('first')
        endings.push(() => response.end('last'))
      }),
    )
    const reader = (await fetch(`${siteUrl}/api/stream`)).body!.getReader()
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'first')
    endings[0]!()
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'last')
  })

  it("passes the load balancer's 503 on, and says 502 when there is none", async () => {
    const { siteUrl, elb } = await distribute()
    const unavailable = await fetch(`${siteUrl}/health`)
    assert.equal(unavailable.status, 503)
    assert.equal(unavailable.headers.get('server'), 'awselb/2.0')
    await elb.close()
    const unreachable = await fetch(`${siteUrl}/health`)
    assert.equal(unreachable.status, 502)
    assert.match(await unreachable.text(), /able to connect to the origin/)
  })
})

describe('rolling deployments', () => {
  it('lose no request while targets are replaced one after the other', async () => {
    const { siteUrl, url, serve, deregister } = await distribute()
    let current = await startTarget((_, response) => response.end('ok'))
    await serve(current)
    const done = new AbortController()
    const statuses = new Map<number, number>()
    const ask = async (address: string) => {
      while (!done.signal.aborted) {
        const { status } = await fetch(address)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const viewers = [ask(`${siteUrl}/api/live`), ask(`${siteUrl}/health`), ask(`${url}/health`)]
    for (let count = 0; count < 20; count += 1) {
      const next = await startTarget((_, response) => response.end('ok'))
      await serve(next)
      await deregister(current)
      closeNow(current.server)
      current = next
    }
    done.abort()
    await Promise.all(viewers)
    assert.deepEqual([...statuses.keys()], [200])
    assert.ok(statuses.get(200)! > 20, `${statuses.get(200)} requests`)
  })
})

describe('WebSockets through distribution and load balancer', () => {
  it('carries messages both ways, with the Origin of the page', async () => {
    const { siteUrl, serve } = await distribute()
    const echo = await startEcho('a')
    const origins: (string | undefined)[] = []
    echo.server.on('upgrade', (request: IncomingMessage) => origins.push(request.headers.origin))
    await serve(echo)
    const socket = await openWebSocket(`${siteUrl}/ws`, { origin: siteUrl })
    assert.equal(await roundTrip(socket, 'ping'), 'ping')
    assert.equal(await roundTrip(socket, 'x'.repeat(500_000)), 'x'.repeat(500_000))
    assert.deepEqual(origins, [siteUrl])
  })

  it('ends when the page closes it, and when the target does', async () => {
    const { siteUrl, serve } = await distribute()
    const echo = await startEcho('a')
    await serve(echo)
    const first = await openWebSocket(`${siteUrl}/ws`)
    first.close(4000, 'enough')
    const [code] = (await once(first, 'close')) as [number]
    assert.equal(code, 4000)
    const second = await openWebSocket(`${siteUrl}/ws`)
    const closed = once(second, 'close')
    echo.server.closeAllConnections()
    closeNow(echo.server)
    second.terminate()
    await closed
  })

  it('survives a rolling replacement until the deregistration delay', async () => {
    const { siteUrl, serve, deregister } = await distribute({ deregistrationDelay: 6_000 })
    const [old, young] = [await startEcho('old'), await startEcho('young')]
    await serve(old)
    const socket = await openWebSocket(`${siteUrl}/ws`)
    const closed = once(socket, 'close')
    await serve(young)
    const start = Date.now()
    const drained = deregister(old)
    assert.equal(await roundTrip(socket, 'still here'), 'still here')
    assert.equal(await (await fetch(`${siteUrl}/api/live`)).text(), 'young')
    await Promise.all([drained, closed])
    assert.ok(Date.now() - start >= 5_900)
  })

  it('passes a refusal on', async () => {
    const { siteUrl, serve } = await distribute()
    const refusing = await startTarget(() => {})
    refusing.server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno'))
    await serve(refusing)
    const socket = new WebSocket(`${siteUrl.replace('http', 'ws')}/ws`, { origin: 'https://elsewhere.example' })
    socket.on('error', () => {})
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    assert.equal(answer.statusCode, 403)
    assert.equal(await text(answer), 'no')
  })
})
