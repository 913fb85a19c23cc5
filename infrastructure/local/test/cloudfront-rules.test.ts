import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { behaviorFor } from '../cloudfront/behaviors.ts'
import { createCache, invalidates, type StoredResponse } from '../cloudfront/cache.ts'
import { isCompressible } from '../cloudfront/compression.ts'
import { isUnchangedFor } from '../cloudfront/conditions.ts'
import type { DistributionConfig } from '../cloudfront/config.ts'
import { cacheKey, forwarded } from '../cloudfront/forwarded.ts'
import { errorCachingMinTtl, lifetime } from '../cloudfront/freshness.ts'
import { managedCachePolicies, type CachePolicyConfig } from '../cloudfront/policies.ts'
import { withPolicy } from '../cloudfront/response-headers.ts'
import { bucketOf } from '../cloudfront/s3-origin.ts'
import type { ViewerRequest } from '../cloudfront/viewer-request.ts'
import type { HeaderList } from '../http/headers.ts'
import { managed, openCloudFront } from './cloudfront-fixtures.ts'

describe('the behavior for a path', () => {
  const config: DistributionConfig = {
    Enabled: true,
    Origins: [],
    CacheBehaviors: ['/ws', '/api/*', 'health', '*.png', '/a?/*'].map((pattern) => ({
      PathPattern: pattern,
      TargetOriginId: pattern,
    })),
    DefaultCacheBehavior: { TargetOriginId: 'default' },
  }
  const cases: [path: string, pattern: string][] = [
    ['/', 'default'],
    ['/ws', '/ws'],
    ['/ws/', 'default'],
    ['/WS', 'default'],
    ['/api/live', '/api/*'],
    ['/api', 'default'],
    ['/api/logo.png', '/api/*'],
    ['/img/logo.png', '*.png'],
    ['/health', 'health'],
    ['/x/../api/live', '/api/*'],
    ['/%61pi/live', '/api/*'],
    ['/api/../secret', 'default'],
    ['/ab/c', '/a?/*'],
    ['/a/c', 'default'],
  ]
  for (const [path, pattern] of cases) {
    it(`of ${path} is ${pattern}`, () => assert.equal(behaviorFor(config, path).TargetOriginId, pattern))
  }
})

describe('the lifetime of a response', () => {
  const optimized = { MinTTL: 1, DefaultTTL: 86_400, MaxTTL: 31_536_000 }
  const originDecides = { MinTTL: 0, DefaultTTL: 0, MaxTTL: 31_536_000 }
  const short = { MinTTL: 60, DefaultTTL: 60, MaxTTL: 60 }
  const disabled = { MinTTL: 0, DefaultTTL: 0, MaxTTL: 0 }
  const cases: [policy: typeof optimized, status: number, cacheControl: string | undefined, seconds?: number][] = [
    [optimized, 200, undefined, 86_400],
    [optimized, 200, 'max-age=600', 600],
    [optimized, 200, 'max-age=600, s-maxage=5', 5],
    [optimized, 200, 'max-age=99999999', 31_536_000],
    [optimized, 200, 'no-cache', 1],
    [optimized, 200, 'no-store', 1],
    [originDecides, 200, undefined, 0],
    [originDecides, 200, 'no-cache', 0],
    [originDecides, 200, 'No-Cache', 0],
    [originDecides, 200, 'no-store', undefined],
    [originDecides, 200, 'private, max-age=9', undefined],
    [originDecides, 200, 'public, max-age=31536000, immutable', 31_536_000],
    [originDecides, 301, 'max-age=9', 9],
    [short, 200, 'max-age=5', 60],
    [short, 200, 'max-age=500', 60],
    [originDecides, 404, undefined, 10],
    [originDecides, 404, 'no-store', undefined],
    [originDecides, 503, 'no-store', 10],
    [originDecides, 404, 'max-age=60', 60],
    [originDecides, 503, 'max-age=1', 10],
    [originDecides, 403, undefined, undefined],
    [originDecides, 403, 'max-age=30', 30],
    [disabled, 200, 'max-age=60', undefined],
    [disabled, 404, undefined, undefined],
  ]
  for (const [policy, status, cacheControl, seconds] of cases) {
    const headers: HeaderList = cacheControl ? [['Cache-Control', cacheControl]] : []
    it(`${status} ${cacheControl ?? 'without Cache-Control'} under ${Object.values(policy).join('/')} is ${seconds}`, () => {
      assert.equal(lifetime(status, headers, policy, 0), seconds)
    })
  }
  it('of an error is at least what the distribution says', () => {
    const least = errorCachingMinTtl([404, 503].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })))
    assert.deepEqual(
      [404, 503, 502].map((status) => lifetime(status, [], originDecides, 0, least)),
      [0, 0, 10],
    )
  })
  it('follows Expires', () => {
    const headers: HeaderList = [['Expires', new Date(30_000).toUTCString()]]
    assert.equal(lifetime(200, headers, originDecides, 10_000), 20)
    assert.equal(lifetime(200, [['Expires', 'never']], originDecides, 10_000), 0)
  })
})

describe('an invalidation path', () => {
  const cases: [pattern: string, path: string, names: boolean][] = [
    ['/*', '/', true],
    ['/*', '/a/b.js', true],
    ['/index.html', '/index.html', true],
    ['/index.html', '/', false],
    ['/assets/*', '/assets/a', true],
    ['/assets/*', '/assets', false],
    ['/assets*', '/assets', true],
    ['/a*b', '/axb', false],
    ['/A', '/a', false],
    ['/a%20b', '/a b', true],
  ]
  for (const [pattern, path, names] of cases) {
    it(`${pattern} ${names ? 'names' : 'does not name'} ${path}`, () => assert.equal(invalidates(pattern, path), names))
  }
})

function stored(generation: number, size = 0): StoredResponse {
  return {
    status: 200,
    statusMessage: '',
    headers: [],
    body: Buffer.alloc(size),
    originEtag: undefined,
    storedAt: 0,
    freshUntil: 0,
    paths: ['/a'],
    generation,
  }
}

describe('the cache', () => {
  it('keeps what was asked of the origin after the invalidation began', () => {
    const cache = createCache()
    cache.set('before', stored(cache.generation()))
    const complete = cache.invalidate(['/a'])
    cache.set('after', stored(cache.generation()))
    complete()
    assert.equal(cache.get('before'), undefined)
    assert.notEqual(cache.get('after'), undefined)
  })
  it('forgets what was used least recently when it is full', () => {
    const cache = createCache()
    for (let index = 0; index < 12; index += 1) {
      cache.set(String(index), stored(0, 9_000_000))
      cache.get('0')
    }
    assert.notEqual(cache.get('0'), undefined)
    assert.equal(cache.get('1'), undefined)
    assert.notEqual(cache.get('11'), undefined)
  })
})

function headerNames(headers: HeaderList): string[] {
  return headers.map(([name]) => name).toSorted()
}

describe('what is forwarded and keyed', () => {
  const viewer: ViewerRequest = {
    method: 'GET',
    path: '/p',
    query: 'a=1&b=2',
    ip: '192.0.2.1',
    headers: [
      ['Host', 'site'],
      ['Cookie', 'x=1; y=2'],
      ['Accept-Encoding', 'gzip, deflate, br;q=0'],
      ['User-Agent', 'browser'],
      ['X-Own', 'own'],
    ],
  }
  const disabled = managedCachePolicies[managed.cachingDisabled]!
  const cdn = { host: 'cdn', requestId: 'id' }
  const compressing: CachePolicyConfig = {
    ...disabled,
    ParametersInCacheKeyAndForwardedToOrigin: {
      ...disabled.ParametersInCacheKeyAndForwardedToOrigin,
      EnableAcceptEncodingBrotli: true,
      EnableAcceptEncodingGzip: true,
    },
  }

  it('without an origin request policy is only what CloudFront sets itself', () => {
    const { query, headers } = forwarded(viewer, disabled, false, cdn)
    assert.equal(query, '')
    assert.deepEqual(headerNames(headers), ['User-Agent', 'Via', 'X-Amz-Cf-Id', 'X-Forwarded-For'])
  })
  it('with AllViewerExceptHostHeader is all but Host', () => {
    const { query, headers } = forwarded(viewer, disabled, true, cdn)
    assert.equal(query, 'a=1&b=2')
    assert.deepEqual(headerNames(headers), [
      'Accept-Encoding',
      'Cookie',
      'User-Agent',
      'Via',
      'X-Amz-Cf-Id',
      'X-Forwarded-For',
      'X-Own',
    ])
    assert.deepEqual(
      headers.find(([name]) => name === 'User-Agent'),
      ['User-Agent', 'browser'],
    )
  })
  it('has the encodings of the cache policy', () => {
    const { headers } = forwarded(viewer, compressing, false, cdn)
    assert.deepEqual(
      headers.find(([name]) => name === 'Accept-Encoding'),
      ['Accept-Encoding', 'gzip'],
    )
  })
  it('keys by path and encodings', () => {
    const change = (part: Partial<ViewerRequest>) => cacheKey({ ...viewer, ...part }, compressing)
    const header = (name: string, value: string) =>
      change({ headers: viewer.headers.map((each) => (each[0] === name ? [name, value] : each)) })
    const key = cacheKey(viewer, compressing)
    assert.notEqual(change({ path: '/q' }), key)
    assert.equal(change({ query: 'a=1&b=3' }), key)
    assert.equal(header('X-Own', 'other'), key)
    assert.equal(header('Cookie', 'x=9; y=2'), key)
    assert.notEqual(header('Accept-Encoding', 'br, gzip'), key)
    assert.equal(header('Accept-Encoding', 'GZIP;q=0.5, identity'), key)
  })
  for (const [what, selection] of [
    ['cookies', { CookiesConfig: { CookieBehavior: 'all' } }],
    ['headers', { HeadersConfig: { HeaderBehavior: 'whitelist' } }],
    ['query strings', { QueryStringsConfig: { QueryStringBehavior: 'allExcept' } }],
  ] as const) {
    it(`refuses a cache policy that selects ${what}`, async () => {
      const policy = openCloudFront().originDecides('selects', selection)
      await assert.rejects(policy, new RegExp(`the local AWS has no cache policies with \\w+ of ${what}`))
    })
  }
  it('refuses an origin request policy but AllViewerExceptHostHeader', async () => {
    // Managed-AllViewer
    const OriginRequestPolicyId = '216adef6-5c7f-47e4-b989-5492eafa07d3'
    const distribution = openCloudFront().distributeServer('127.0.0.1:9', { OriginRequestPolicyId })
    await assert.rejects(distribution, /the local AWS has no origin request policy but .*, not 216adef6/)
  })
})

describe('conditions of a viewer', () => {
  const kept: HeaderList = [
    ['ETag', '"a"'],
    ['Last-Modified', 'Mon, 23 Nov 2026 10:00:00 GMT'],
  ]
  const unchanged: [name: string, value: string, is: boolean][] = [
    ['If-None-Match', '"a"', true],
    ['If-None-Match', 'W/"a"', true],
    ['If-None-Match', '"b", "a"', true],
    ['If-None-Match', '*', true],
    ['If-None-Match', '"b"', false],
    ['If-Modified-Since', 'Mon, 23 Nov 2026 10:00:00 GMT', true],
    ['If-Modified-Since', 'Mon, 23 Nov 2026 09:59:59 GMT', false],
  ]
  for (const [name, value, is] of unchanged) {
    it(`${name}: ${value} is ${is ? '' : 'not '}unchanged`, () => {
      assert.equal(isUnchangedFor([[name, value]], kept), is)
    })
  }
})

function headersPolicy(Override: boolean) {
  return {
    Name: 'p',
    SecurityHeadersConfig: {
      FrameOptions: { FrameOption: 'DENY', Override },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 60, Override },
    },
  }
}

describe('small rules', () => {
  it('compresses text of 1,000 to 10,000,000 bytes that is not encoded', () => {
    const type: HeaderList = [['Content-Type', 'text/html; charset=utf-8']]
    assert.equal(isCompressible(200, type, 1_000), true)
    assert.equal(isCompressible(200, type, 999), false)
    assert.equal(isCompressible(200, type, 10_000_001), false)
    assert.equal(isCompressible(500, type, 1_000), false)
    assert.equal(isCompressible(200, [['Content-Type', 'image/png']], 5_000), false)
    assert.equal(isCompressible(200, [...type, ['Content-Encoding', 'gzip']], 5_000), false)
  })
  it('overrides a header of the origin only where the policy says so', () => {
    const origin: HeaderList = [['x-frame-options', 'SAMEORIGIN']]
    const sts = ['Strict-Transport-Security', 'max-age=60']
    assert.deepEqual(withPolicy(origin, headersPolicy(false)), [['x-frame-options', 'SAMEORIGIN'], sts])
    assert.deepEqual(withPolicy(origin, headersPolicy(true)), [sts, ['X-Frame-Options', 'DENY']])
  })
  for (const [domain, bucket] of [
    ['site.s3.us-east-1.amazonaws.com', 'site'],
    ['site.s3.amazonaws.com', 'site'],
    ['my.dotted.site.s3.eu-west-1.amazonaws.com', 'my.dotted.site'],
    ['site.s3-us-west-2.amazonaws.com', 'site'],
  ] as const) {
    it(`${domain} is the bucket ${bucket}`, () => assert.equal(bucketOf(domain), bucket))
  }
})
