import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkCode, rewritePath } from '../cloudfront/edge-function.ts'
import type { ViewerRequest } from '../cloudfront/viewer-request.ts'
import { openCloudFront } from './cloudfront-fixtures.ts'
import { startTarget } from './elb-fixtures.ts'

const viewer: ViewerRequest = {
  method: 'GET',
  path: '/quiz/12',
  query: 'a=1&b=%20x',
  ip: '192.0.2.1',
  headers: [
    ['Host', 'site'],
    ['Cookie', 'session=1'],
    ['X-Two', 'a'],
    ['X-Two', 'b'],
  ],
}

function rewrite(code: string): string {
  return rewritePath(code, viewer, { id: 'E1', domainName: '127.0.0.1:1' }, 'request-id')
}

/** What the function sees, taken out through the path. */
function seen(expression: string): unknown {
  const code = `function handler({ ...event }) {
    const { request } = event
    return { ...request, uri: '/' + JSON.stringify(${expression}) }
  }`
  return JSON.parse(rewrite(code).slice(1))
}

describe('a viewer-request function', () => {
  it('sees the event as CloudFront gives it', () => {
    assert.deepEqual(seen('event'), {
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
        querystring: { a: { value: '1' }, b: { value: '%20x' } },
        headers: { host: { value: 'site' }, 'x-two': { value: 'b' } },
        cookies: {},
      },
    })
  })

  it('changes the path', () => {
    const code = "function handler(event) { event.request.uri = '/index.html'; return event.request }"
    assert.equal(rewrite(code), '/index.html')
  })

  const failures: [name: string, code: string][] = [
    ['throws', "function handler() { throw new Error('no') }"],
    ['returns nothing', 'function handler() {}'],
    ['gives a path without a slash', "function handler(e) { e.request.uri = 'x'; return e.request }"],
    ['has no handler', 'const other = 1'],
    ['loops', 'function handler() { for (;;) {} }'],
    ['reaches for the host', 'function handler() { return process.exit() }'],
    ['evaluates text', "function handler(e) { eval('1'); return e.request }"],
    ['answers', 'function handler() { return { statusCode: 302 } }'],
    ['changes the query', "function handler(e) { e.request.querystring.c = { value: '3' }; return e.request }"],
    ['changes a header', "function handler(e) { e.request.headers.host = { value: 'x' }; return e.request }"],
    ['sets a cookie', "function handler(e) { e.request.cookies.c = { value: '3' }; return e.request }"],
  ]
  for (const [name, code] of failures) {
    it(`fails when it ${name}`, () => {
      assert.throws(() => rewrite(code))
    })
  }

  it('keeps no state between requests', () => {
    const code = `var count = (globalThis.count || 0) + 1
      function handler(event) { event.request.uri = '/' + count; return event.request }`
    for (let times = 0; times < 2; times += 1) assert.equal(rewrite(code), '/1')
  })

  it('is refused when its code does not parse', () => {
    assert.throws(() => checkCode('function handler( {'), /The function code is not valid/)
  })

  it('is refused when it is async, since no time limit reaches that here', () => {
    assert.throws(() => checkCode('async function handler() {}'), /the local AWS has no async functions/)
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
  it('answers 503 when the function fails, and continues', async () => {
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
