import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { startEcho, loadBalance, openWebSocket, roundTrip, startTarget, until } from './elb-fixtures.ts'

// side by side: most of them wait
describe('WebSockets and draining', { concurrency: true }, () => {
  it('tunnels a WebSocket both ways, large messages too', async () => {
    const { url, serve } = await loadBalance()
    await serve(await startEcho('a'))
    const socket = await openWebSocket(url)
    const message = 'x'.repeat(1_000_000)
    assert.equal(await roundTrip(socket, message), message)
  })

  it('passes a refused upgrade on as the target answers it', async () => {
    const { url, serve } = await loadBalance()
    const refusing = await startTarget(() => {})
    refusing.server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno'))
    await serve(refusing)
    const socket = new WebSocket(url.replace('http', 'ws'))
    socket.on('error', () => {})
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    assert.equal(answer.statusCode, 403)
    assert.equal(await text(answer), 'no')
  })

  it('answers an upgrade with 503 when there is no target', async () => {
    const { url } = await loadBalance()
    const socket = new WebSocket(url.replace('http', 'ws'))
    socket.on('error', () => {})
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    assert.equal(answer.statusCode, 503)
  })

  it('cuts a WebSocket that is silent for the idle timeout, not one that talks', async () => {
    const { url, serve } = await loadBalance({ loadBalancer: { 'idle_timeout.timeout_seconds': '5' } })
    await serve(await startEcho('a'))
    // it would be cut before the silent one
    const talking = await openWebSocket(url)
    const silent = await openWebSocket(url)
    let code: number | undefined
    silent.on('close', (given) => (code = given))
    for (let count = 0; code === undefined; count += 1) {
      await sleep(100)
      assert.equal(await roundTrip(talking, String(count)), String(count))
    }
    assert.equal(code, 1006)
  })

  it('keeps a WebSocket of a deregistered target until the deregistration delay', async () => {
    const { url, serve, deregister, stateOf } = await loadBalance({ deregistrationDelay: 8_000 })
    const [old, young] = [await startEcho('old'), await startEcho('young')]
    await serve(old)
    const socket = await openWebSocket(url)
    const closed = once(socket, 'close')
    await serve(young)
    const start = Date.now()
    const drained = deregister(old)
    assert.equal(stateOf(old)?.state, 'draining')
    assert.equal(stateOf(old)?.reason, 'Target.DeregistrationInProgress')
    for (let count = 0; count < 4; count += 1) assert.equal(await (await fetch(url)).text(), 'young')
    assert.equal(await roundTrip(socket, 'still here'), 'still here')
    await Promise.all([drained, closed])
    assert.ok(Date.now() - start >= 7_900, `closed after ${Date.now() - start} ms`)
    assert.equal(stateOf(old), undefined)
  })

  it('is drained at once when idle, and shown as draining until the delay is over', async () => {
    const { serve, deregister, stateOf } = await loadBalance({ deregistrationDelay: 1_500 })
    const idle = await startEcho('idle')
    await serve(idle)
    await deregister(idle)
    assert.equal(stateOf(idle)?.state, 'draining')
    await until(() => stateOf(idle) === undefined)
  })

  it('is drained as soon as the last request is answered', async () => {
    const { url, serve, deregister } = await loadBalance({ deregistrationDelay: 20_000 })
    const answers: (() => void)[] = []
    const slow = await startTarget((_, response) => void answers.push(() => response.end('done')))
    await serve(slow)
    const answer = fetch(url)
    await until(() => answers.length === 1)
    const start = Date.now()
    const drained = deregister(slow)
    answers[0]!()
    assert.equal(await (await answer).text(), 'done')
    await drained
    assert.ok(Date.now() - start < 10_000)
  })

  it('answers 502 to a request that outlives the deregistration delay', async () => {
    const { url, serve, deregister } = await loadBalance({ deregistrationDelay: 100 })
    let isAsked = false
    const slow = await startTarget(() => void (isAsked = true))
    await serve(slow)
    const answer = fetch(url)
    await until(() => isAsked)
    await deregister(slow)
    assert.equal((await answer).status, 502)
  })

  it('takes a draining target back into service', async () => {
    const { url, serve, deregister, stateOf } = await loadBalance()
    const back = await startEcho('back')
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
    const served = await startTarget(() => {})
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
