import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test'
import { WebSocketServer, type WebSocket } from 'ws'
import { resolveClientOptions } from '../../../lib/environment/identity.mts'
import { root } from '../../../lib/script/files.mts'
import { askWithin, openWebSocket, proxyFor, request, retryUntilAnswered } from '../../../lib/script/asking.mts'
import { Failure, Unanswered } from '../../../lib/script/failure.mts'
import { currentJob } from '../../../lib/script/job.mts'

describe('the proxy of an address', () => {
  const both = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'plain:2' }
  const table: [string, Record<string, string>, string][] = [
    ['https://a.com/', {}, ''],
    ['https://a.com/', both, 'http://secure:1'],
    ['wss://a.com/ws', both, 'http://secure:1'],
    ['http://a.com/', both, 'http://plain:2'],
    ['https://a.com/', { HTTP_PROXY: 'plain:2' }, ''],
    ['https://a.com/', { ...both, https_proxy: 'http://small:3' }, 'http://small:3'],
    ['https://a.com/', { ...both, https_proxy: '' }, ''],
    ['https://a.com/', { ...both, NO_PROXY: 'b.com, A.com' }, ''],
    ['https://sub.a.com/', { ...both, NO_PROXY: 'a.com' }, ''],
    ['https://sub.a.com/', { ...both, NO_PROXY: '.a.com' }, ''],
    ['https://nota.com/', { ...both, NO_PROXY: 'a.com' }, 'http://secure:1'],
    ['http://127.0.0.1:9/', { ...both, NO_PROXY: '127.0.0.1,localhost' }, ''],
    ['http://a.com:8080/', { ...both, NO_PROXY: 'a.com:8080' }, ''],
    ['https://a.com/', { ...both, NO_PROXY: '*' }, ''],
  ]
  for (const [address, env, proxy] of table) {
    it(`${address} with ${JSON.stringify(env)} is ${proxy || 'none'}`, () =>
      assert.equal(proxyFor(address, env), proxy))
  }
})

describe('behind a proxy', () => {
  const site = createServer((_request, response) => response.end('from the site'))
  const sockets = new WebSocketServer({ server: site })
  const asked: string[] = []
  const proxy = createServer((asking, response) => {
    asked.push(`${asking.method} ${asking.url}`)
    response.end('from the proxy')
  })
  proxy.on('connect', ({ url }: IncomingMessage, client) => {
    asked.push(`CONNECT ${url}`)
    const there = connect((site.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(there).pipe(client)
    })
    there.on('error', () => client.destroy())
    client.on('error', () => there.destroy())
  })

  before(async () => {
    for (const server of [site, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening')
    process.env['HTTP_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })
  beforeEach(() => asked.splice(0))
  after(() => {
    delete process.env['HTTP_PROXY']
    sockets.close()
    for (const server of [site, proxy]) {
      server.closeAllConnections()
      server.close()
    }
  })

  it('a page is asked for there, without a tunnel: this machine may not know the name', async () => {
    const answer = await request('http://aws.corp.test/health')
    assert.deepEqual(asked, ['GET http://aws.corp.test/health'])
    assert.equal(await answer.text(), 'from the proxy')
  })

  it('an AWS without https is asked there by its whole address, the second time too', async () => {
    const { requestHandler } = await resolveClientOptions({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })
    const { httpAgent } = requestHandler!
    for (const path of ['/1', '/2']) {
      const [answer] = (await once(get({ host: 'aws.corp.test', path, agent: httpAgent }), 'response')) as [
        IncomingMessage,
      ]
      answer.resume()
      await once(answer, 'end')
    }
    assert.deepEqual(asked, ['GET http://aws.corp.test/1', 'GET http://aws.corp.test/2'])
  })

  it('a WebSocket opens through it', async () => {
    const opened = once(sockets, 'connection') as Promise<[WebSocket]>
    await openWebSocket('ws://aws.corp.test/ws')
    const [socket] = await opened
    // ws clears its timer of 30 s then, which it cannot while the clock is mocked
    if (socket.readyState !== socket.CLOSED) await once(socket, 'close')
    await new Promise(setImmediate)
    assert.deepEqual(asked, ['CONNECT aws.corp.test:80'])
  })

  it('what NO_PROXY names is asked for directly', async () => {
    process.env['NO_PROXY'] = '127.0.0.1'
    const answer = await request(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
    delete process.env['NO_PROXY']
    assert.equal(await answer.text(), 'from the site')
    assert.deepEqual(asked, [])
  })
})

describe('the certificates that aws trusts', () => {
  const seen = (env: Record<string, string>) => {
    const start = join(root, 'lib', 'script', 'start')
    const own = { PATH: process.env['PATH'], AWS_CA_BUNDLE: '/aws.pem', ...env }
    const { stdout } = spawnSync(start, ['--print', 'process.env.NODE_EXTRA_CA_CERTS'], { env: own, encoding: 'utf8' })
    return stdout.trim()
  }

  it('are those of a script', () => assert.equal(seen({}), '/aws.pem'))

  it('but for those that Node was given', () => assert.equal(seen({ NODE_EXTRA_CA_CERTS: '/my.pem' }), '/my.pem'))
})

const throttled = new Unanswered('Rate exceeded', 'wait')

/** Answers with these, one after the other; an error is thrown. */
function answering(...answers: unknown[]) {
  return async () => {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer
  }
}

describe('a question is asked', () => {
  it('again until someone answers', async () => {
    assert.equal(await retryUntilAnswered(answering(throttled, throttled, 'yes'), { within: 1000, every: 1 }), 'yes')
  })

  it('until the time is over, and is then unanswered', async () => {
    await assert.rejects(retryUntilAnswered(answering(throttled, 'yes'), { within: 0, every: 1 }), throttled)
  })

  it('once, when credentials have expired or the answer is an error', async () => {
    for (const failure of [
      new Unanswered('expired', 'aws sso login', { isTransient: false }),
      new Failure('no such service', 'x'),
    ])
      await assert.rejects(retryUntilAnswered(answering(failure, 'yes'), { within: 1000, every: 1 }), failure)
  })
})

describe('a question that hangs', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }))
  afterEach(() => mock.timers.reset())

  const hanging = () =>
    new Promise<never>((_resolve, reject) => {
      const { signal } = currentJob()
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  const ends: [left: number, seconds: number][] = [
    [900_000, 60],
    [30_000, 30],
    [-5_000, 10],
  ]
  for (const [left, seconds] of ends) {
    it(`with ${left} ms left is unanswered after ${seconds} s`, async () => {
      const asked = assert.rejects(askWithin(left, hanging), {
        name: 'Unanswered',
        isTransient: true,
        message: `a question was not answered within ${seconds} s`,
      })
      let isOver = false
      void asked.then(() => (isOver = true))
      mock.timers.tick(seconds * 1000 - 1)
      await new Promise(setImmediate)
      assert.ok(!isOver)
      mock.timers.tick(1)
      await asked
    })
  }

  it('is asked again', async () => {
    let asked = 0
    const answer = retryUntilAnswered(async () => (++asked === 1 ? await hanging() : 'yes'), {
      within: 120_000,
      every: 1,
    })
    await new Promise(setImmediate)
    mock.timers.tick(60_000)
    await new Promise(setImmediate)
    mock.timers.tick(1)
    assert.equal(await answer, 'yes')
  })
})
