import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkCode, runFunction } from '../cloudfront/edge-function.ts'
import { createSandbox } from '../cloudfront/sandbox.ts'
import type { ViewerRequest } from '../cloudfront/viewer-request.ts'
import { openCloudFront } from './cloudfront-fixtures.ts'
import { closing, startTarget } from './elb-fixtures.ts'

const viewer: ViewerRequest = {
  method: 'GET',
  path: '/quiz/12',
  query: 'a=1&b=%20x&a=2',
  ip: '192.0.2.1',
  headers: [
    ['Host', 'site'],
    ['Cookie', 'session=1'],
    ['X-Two', 'a'],
    ['X-Two', 'b'],
  ],
}

const sandbox = createSandbox()
closing.push(sandbox.close)

function run(code: string) {
  return runFunction(sandbox.run, code, viewer, { id: 'E1', domainName: '127.0.0.1:1' }, 'request-id')
}

/** What the function sees, taken out through a response's body. */
async function seen(expression: string): Promise<unknown> {
  const code = `function handler(event) { return { statusCode: 200, body: JSON.stringify(${expression}) } }`
  const outcome = await run(code)
  assert.equal(outcome.kind, 'response')
  return JSON.parse(outcome.body.toString())
}

describe('a viewer-request function', () => {
  it('sees the event as CloudFront gives it', async () => {
    assert.deepEqual(await seen('event'), {
      version: '1.0',
      context: {
        distributionDomainName: '127.0.0.1:1',
        distributionId: 'E1',
        eventType: 'viewer-request',
        requestId: 'request-id',
      },
      viewer: { ip: '192.0.2.1' },
      request: {
        method: 'GET',
        uri: '/quiz/12',
        querystring: { a: { value: '1', multiValue: [{ value: '1' }, { value: '2' }] }, b: { value: '%20x' } },
        headers: { host: { value: 'site' }, 'x-two': { value: 'a', multiValue: [{ value: 'a' }, { value: 'b' }] } },
        cookies: { session: { value: '1' } },
      },
    })
  })

  it('changes path, query, headers and cookies', async () => {
    const outcome = await run(`function handler(event) {
      const request = event.request
      request.uri = '/index.html'
      request.querystring = { c: { value: '3' } }
      request.headers['x-added'] = { value: 'yes' }
      request.cookies.second = { value: '2' }
      return request
    }`)
    assert.equal(outcome.kind, 'request')
    assert.equal(outcome.request.path, '/index.html')
    assert.equal(outcome.request.query, 'c=3')
    assert.deepEqual(outcome.request.headers, [
      ['host', 'site'],
      ['x-two', 'a'],
      ['x-two', 'b'],
      ['x-added', 'yes'],
      ['cookie', 'session=1; second=2'],
    ])
  })

  it('leaves a query that it does not touch as it came', async () => {
    const outcome = await run('function handler(event) { return event.request }')
    assert.equal(outcome.kind === 'request' && outcome.request.query, 'a=1&b=%20x&a=2')
  })

  it('may be async', async () => {
    const outcome = await run(`async function handler(event) {
      await Promise.resolve()
      event.request.uri = '/later'
      return event.request
    }`)
    assert.equal(outcome.kind === 'request' && outcome.request.path, '/later')
  })

  const failures: [name: string, code: string][] = [
    ['throws', "function handler() { throw new Error('no') }"],
    ['rejects', "async function handler() { throw new Error('no') }"],
    ['returns nothing', 'function handler() {}'],
    ['gives a path without a slash', "function handler(e) { e.request.uri = 'x'; return e.request }"],
    ['has no handler', 'const other = 1'],
    ['loops', 'function handler() { for (;;) {} }'],
    ['never settles', 'function handler() { return new Promise(() => {}) }'],
    ['loops in a promise', 'async function handler() { await null; for (;;) {} }'],
    ['loops over promises', 'async function handler() { for (;;) await null }'],
    ['fills the memory', 'function handler() { const all = []; for (;;) all.push(new Array(1e5).fill(0)) }'],
    ['reaches for the host', 'function handler() { return process.exit() }'],
    ['evaluates text', "function handler(e) { eval('1'); return e.request }"],
  ]
  for (const [name, code] of failures) {
    it(`fails when it ${name}`, async () => assert.equal((await run(code)).kind, 'failed'))
  }

  it('does not keep the next ones waiting when one loops', async () => {
    const outcomes = await Promise.all([
      run('function handler() { for (;;) {} }'),
      run('function handler(event) { return event.request }'),
      run('function handler(event) { return event.request }'),
    ])
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['failed', 'request', 'request'],
    )
  })

  it('has a world of its own for each request', async () => {
    const code =
      'var count = (globalThis.count || 0) + 1; function handler() { return { statusCode: 200, body: String(count) } }'
    for (let times = 0; times < 2; times += 1) {
      const outcome = await run(code)
      assert.equal(outcome.kind === 'response' && outcome.body.toString(), '1')
    }
  })

  it('is refused when its code does not parse', () => {
    assert.throws(() => checkCode('function handler( {'), /The function code is not valid/)
  })
})

async function distribute(FunctionCode: string) {
  const cloudFront = openCloudFront()
  const target = await startTarget((request, response) => response.end(request.url))
  const created = await cloudFront.create('Function', { Name: 'edge', AutoPublish: true, FunctionCode })
  const distribution = await cloudFront.distributeServer(`127.0.0.1:${target.port}`, {
    FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: created.physicalId }],
  })
  return { ...cloudFront, ...distribution, created }
}

describe('a distribution with a function', () => {
  it('answers with the response of the function, without asking the origin', async () => {
    const { url } = await distribute(`function handler() {
      return {
        statusCode: 302,
        statusDescription: 'Found',
        headers: { location: { value: '/elsewhere' } },
        cookies: { seen: { value: '1', attributes: 'Path=/' } },
      }
    }`)
    const answer = await fetch(url, { redirect: 'manual' })
    assert.equal(answer.status, 302)
    assert.equal(answer.headers.get('location'), '/elsewhere')
    assert.equal(answer.headers.get('set-cookie'), 'seen=1; Path=/')
    assert.equal(answer.headers.get('x-cache'), 'FunctionGeneratedResponse from cloudfront')
  })

  it('answers 503 when the function fails, and goes on', async () => {
    const { url } = await distribute(`function handler(event) {
      if (event.request.uri === '/bad') throw new Error('no')
      return event.request
    }`)
    const answer = await fetch(`${url}/bad`)
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('x-cache'), 'FunctionExecutionError from cloudfront')
    assert.match(await answer.text(), /CloudFront function/)
    assert.equal(await (await fetch(`${url}/good`)).text(), '/good')
  })

  it('runs new code as soon as it is published', async () => {
    const { url, resourceTypes, created } = await distribute('function handler(event) { return event.request }')
    assert.equal(await (await fetch(`${url}/a`)).text(), '/a')
    const code = "function handler(event) { event.request.uri = '/b'; return event.request }"
    const properties = { Name: 'edge', AutoPublish: true, FunctionCode: code }
    const request = { stackName: 's', stackId: 's', logicalId: 'F', tags: {}, properties }
    await resourceTypes['AWS::CloudFront::Function']!.update!(request, created, {})
    assert.equal(await (await fetch(`${url}/a`)).text(), '/b')
  })
})
