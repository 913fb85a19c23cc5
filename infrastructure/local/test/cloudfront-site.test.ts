import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { before, describe, it } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import { invalidationTime, openCloudFront, openS3 } from './cloudfront-fixtures.ts'

const bucket = 'live-quiz-site'
const page = `<!doctype html><title>Live Quiz</title>${'<p>question</p>'.repeat(200)}`
const spaFallback = `function handler(event) {
  const request = event.request
  const last = request.uri.slice(request.uri.lastIndexOf('/') + 1)
  if (!last.includes('.')) request.uri = '/index.html'
  return request
}`

let site: Awaited<ReturnType<typeof distributeSite>>

before(async () => {
  site = await distributeSite()
})

/** The site as the stack makes it: private bucket, access control, function on the default behavior, own policies. */
async function distributeSite() {
  const s3 = await openS3(14_951)
  const cloudFront = openCloudFront(s3.endpoint)
  await s3.createBucket(bucket)
  await s3.putObject(bucket, 'index.html', page, { 'content-type': 'text/html', 'cache-control': 'no-cache' })
  await s3.putObject(bucket, 'assets/app-1a2b.js', 'x'.repeat(5_000), {
    'content-type': 'text/javascript',
    'cache-control': 'public, max-age=31536000, immutable',
  })
  await s3.putObject(bucket, 'releases/1/index.html', 'staged', { 'content-type': 'text/html' })
  await s3.putObject(bucket, 'a%20file%20%C3%BC.txt', 'encoded', { 'content-type': 'text/plain' })
  const control = await cloudFront.create('OriginAccessControl', { OriginAccessControlConfig: { Name: 'control' } })
  const edgeFunction = await cloudFront.create('Function', {
    Name: 'spa',
    AutoPublish: true,
    FunctionCode: spaFallback,
    FunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
  })
  const headersPolicy = await cloudFront.create('ResponseHeadersPolicy', {
    ResponseHeadersPolicyConfig: {
      Name: 'headers',
      SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
    },
  })
  const distribution = await cloudFront.create('Distribution', {
    DistributionConfig: {
      Enabled: true,
      DefaultRootObject: 'index.html',
      Origins: [
        {
          Id: 'bucket',
          DomainName: `${bucket}.s3.us-east-1.amazonaws.com`,
          OriginAccessControlId: control.attributes['Id'],
          S3OriginConfig: { OriginAccessIdentity: '' },
        },
      ],
      DefaultCacheBehavior: {
        TargetOriginId: 'bucket',
        CachePolicyId: await cloudFront.originDecides(),
        Compress: true,
        ResponseHeadersPolicyId: headersPolicy.physicalId,
        FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: edgeFunction.attributes['FunctionARN'] }],
        ViewerProtocolPolicy: 'redirect-to-https',
      },
    },
  })
  const id = distribution.physicalId
  const arns = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]
  const service = { Service: 'cloudfront.amazonaws.com' }
  const condition = { StringEquals: { 'AWS:SourceArn': `arn:aws:cloudfront::000000000000:distribution/${id}` } }
  const allow = (...Action: string[]) => ({
    Effect: 'Allow',
    Principal: service,
    Action,
    Resource: arns,
    Condition: condition,
  })
  const denyInsecure = {
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 's3:*',
    Resource: arns,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
  const denyReleases = { Effect: 'Deny', Principal: service, Action: 's3:GetObject', Resource: `${arns[0]}/releases/*` }
  const restorePolicy = () => s3.putPolicy(bucket, denyInsecure, denyReleases, allow('s3:GetObject', 's3:ListBucket'))
  await restorePolicy()
  return {
    s3,
    cloudFront,
    id,
    distribution,
    url: `http://${String(distribution.attributes['DomainName'])}`,
    allow,
    restorePolicy,
  }
}

/** A request with exactly these headers; fetch would add its own. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const [response] = (await once(httpRequest(`${site.url}${path}`, { method, headers }).end(), 'response')) as [
    IncomingMessage,
  ]
  const { statusCode: status, statusMessage } = response
  return { status, statusMessage, headers: response.headers, body: await buffer(response) }
}

describe('a site in a private bucket', () => {
  it('answers the root, a deep link and the document itself with the page', async () => {
    for (const path of ['/', '/quiz/1234', '/index.html']) {
      const answer = await get(path)
      assert.equal(answer.status, 200, path)
      assert.equal(answer.body.toString(), page)
      assert.equal(answer.headers['content-type'], 'text/html')
      assert.equal(answer.headers['cache-control'], 'no-cache')
    }
  })

  it('answers a missing asset with a 404 that is not HTML', async () => {
    const answer = await get('/assets/gone.js')
    assert.equal(answer.status, 404)
    assert.equal(answer.statusMessage, 'Not Found')
    assert.equal(answer.headers['content-type'], 'application/xml')
    assert.match(answer.body.toString(), /<Code>NoSuchKey<\/Code>.*<Key>assets\/gone.js<\/Key>/)
    assert.equal(answer.headers['x-cache'], 'Error from cloudfront')
  })

  it('answers 403 for what the bucket policy denies', async () => {
    const answer = await get('/releases/1/index.html')
    assert.equal(answer.status, 403)
    assert.match(answer.body.toString(), /<Code>AccessDenied<\/Code>/)
  })

  it('does not reach a denied object by another spelling of its path', async () => {
    await site.s3.createBucket('another-bucket')
    await site.s3.putObject('another-bucket', 'secret.txt', 'secret')
    for (const path of [
      '/x/../releases/1/index.html',
      '/%72eleases/1/index.html',
      '/./releases/1/index.html',
      '//releases/1/index.html',
      '/releases//1/index.html',
      '/../another-bucket/secret.txt',
      '/%2e%2e/another-bucket/secret.txt',
      '/..%2fanother-bucket/secret.txt',
    ]) {
      const answer = await get(path)
      assert.notEqual(answer.status, 200, path)
    }
  })

  it('answers 403 for a missing key when the policy does not allow listing', async () => {
    await site.s3.putPolicy(bucket, site.allow('s3:GetObject'))
    assert.equal((await get('/assets/never.js')).status, 403)
    await site.restorePolicy()
  })

  it('answers 403 when the policy is for another distribution', async () => {
    const statement = site.allow('s3:GetObject', 's3:ListBucket')
    const other = { StringEquals: { 'AWS:SourceArn': 'arn:aws:cloudfront::000000000000:distribution/EOTHER' } }
    await site.s3.putPolicy(bucket, { ...statement, Condition: other })
    assert.equal((await get('/other.js')).status, 403)
    await site.restorePolicy()
  })

  it('finds a key with spaces and letters beyond ASCII', async () => {
    assert.equal((await get('/a%20file%20%C3%BC.txt')).body.toString(), 'encoded')
  })

  it('sets the headers of its policy, on errors of the origin too', async () => {
    assert.equal((await get('/')).headers['x-content-type-options'], 'nosniff')
    assert.equal((await get('/assets/absent.css')).headers['x-content-type-options'], 'nosniff')
  })

  it('does not pass on what only the emulated store says', async () => {
    const { headers } = await get('/')
    const surplus = Object.keys(headers).filter((name) => /^(access-control-|x-amz-content-|x-amzn-)/.test(name))
    assert.deepEqual(surplus, [])
    assert.equal(headers['server'], 'AmazonS3')
  })

  it('refuses a method that its behavior does not allow, with its own page', async () => {
    const answer = await get('/', {}, 'POST')
    assert.equal(answer.status, 403)
    assert.equal(answer.headers['server'], 'CloudFront')
    assert.match(answer.body.toString(), /not configured to allow the HTTP request method/)
  })
})

describe('compression', () => {
  it('prefers Brotli, then gzip, then nothing, as the viewer accepts', async () => {
    const brotli = await get('/', { 'accept-encoding': 'gzip, br' })
    assert.equal(brotli.headers['content-encoding'], 'br')
    assert.equal(brotliDecompressSync(brotli.body).toString(), page)
    assert.match(brotli.headers['etag']!, /^W\//)
    assert.equal(brotli.headers['vary'], 'Accept-Encoding')
    assert.equal((await get('/', { 'accept-encoding': 'gzip' })).headers['content-encoding'], 'gzip')
    const plain = await get('/')
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(plain.body.toString(), page)
  })

  it('leaves small files alone', async () => {
    const answer = await get('/a%20file%20%C3%BC.txt', { 'accept-encoding': 'br' })
    assert.equal(answer.headers['content-encoding'], undefined)
  })
})

describe('the cache of a site', () => {
  it('asks each time for a no-cache document, and takes a changed one at once', async () => {
    await get('/index.html')
    assert.equal((await get('/index.html')).headers['x-cache'], 'RefreshHit from cloudfront')
    const type = { 'content-type': 'text/html', 'cache-control': 'no-cache' }
    await site.s3.putObject(bucket, 'index.html', 'changed', type)
    const changed = await get('/index.html')
    assert.equal(changed.body.toString(), 'changed')
    assert.equal(changed.headers['x-cache'], 'Miss from cloudfront')
    await site.s3.putObject(bucket, 'index.html', page, type)
  })

  it('keeps an immutable asset until its path is invalidated', async () => {
    const asset = '/assets/app-1a2b.js'
    await get(asset)
    const hit = await get(asset)
    assert.equal(hit.headers['x-cache'], 'Hit from cloudfront')
    assert.match(hit.headers['age']!, /^\d+$/)
    await site.s3.putObject(bucket, asset.slice(1), 'replaced', { 'content-type': 'text/javascript' })
    assert.equal((await get(asset)).body.length, 5_000)
    await site.cloudFront.invalidate(site.id, '/assets/*')
    assert.equal((await get(asset)).body.toString(), 'replaced')
  })

  it('remembers for ten seconds or until an invalidation that a file is missing', async () => {
    assert.equal((await get('/late.txt')).status, 404)
    await site.s3.putObject(bucket, 'late.txt', 'here', { 'content-type': 'text/plain' })
    assert.equal((await get('/late.txt')).status, 404)
    await site.cloudFront.invalidate(site.id, '/late.txt')
    assert.equal((await get('/late.txt')).status, 200)
  })

  it('finds what a function rewrote under the path that the viewer asked', async () => {
    await site.s3.putObject(bucket, 'index.html', 'kept', {
      'content-type': 'text/html',
      'cache-control': 'max-age=600',
    })
    await site.cloudFront.invalidate(site.id, '/*')
    assert.equal((await get('/deep/link')).body.toString(), 'kept')
    await site.s3.putObject(bucket, 'index.html', page, { 'content-type': 'text/html', 'cache-control': 'no-cache' })
    assert.equal((await get('/deep/link')).body.toString(), 'kept')
    await site.cloudFront.invalidate(site.id, '/deep/*')
    assert.equal((await get('/deep/link')).body.toString(), page)
  })

  it('answers 304 to a viewer that has the file', async () => {
    const { etag } = (await get('/', { 'accept-encoding': 'br' })).headers
    for (let count = 0; count < 2; count += 1) {
      const answer = await get('/', { 'accept-encoding': 'br', 'if-none-match': etag! })
      assert.equal(answer.status, 304)
      assert.equal(answer.body.length, 0)
    }
    assert.equal((await get('/', { 'if-none-match': '"other"' })).status, 200)
  })

  it('answers HEAD with the headers of GET and no body', async () => {
    for (const path of ['/', '/a%20file%20%C3%BC.txt']) {
      const [head, whole] = [await get(path, {}, 'HEAD'), await get(path)]
      assert.equal(head.status, 200)
      assert.equal(head.body.length, 0)
      assert.equal(head.headers['content-length'], String(whole.body.length))
    }
  })

  it('answers a range with the whole file, whether or not it has it', async () => {
    await site.s3.putObject(bucket, 'video.bin', '0123456789', { 'cache-control': 'max-age=60' })
    for (const state of ['Miss', 'Hit']) {
      const answer = await get('/video.bin', { range: 'bytes=2-4' })
      assert.equal(answer.status, 200)
      assert.equal(answer.body.toString(), '0123456789')
      assert.equal(answer.headers['x-cache'], `${state} from cloudfront`)
    }
  })

  it('passes on a file that is too large to keep', async () => {
    const large = Buffer.alloc(12_000_000, 'large')
    await site.s3.putObject(bucket, 'large.bin', large, { 'cache-control': 'max-age=600' })
    for (let count = 0; count < 2; count += 1) {
      const answer = await get('/large.bin')
      assert.ok(answer.body.equals(large))
      assert.equal(answer.headers['x-cache'], 'Miss from cloudfront')
    }
  })

  it('serves the old file until the invalidation is completed', async (t) => {
    const headers = { 'content-type': 'text/plain', 'cache-control': 'max-age=600' }
    await site.s3.putObject(bucket, 'slow.txt', 'old', headers)
    await get('/slow.txt')
    await site.s3.putObject(bucket, 'slow.txt', 'new', headers)
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const Paths = { Quantity: '1', Items: { Path: ['/slow.txt'] } }
    await site.cloudFront.call('CreateInvalidation', { DistributionId: site.id, CallerReference: 'slow', Paths })
    t.mock.timers.tick(invalidationTime - 1)
    assert.equal((await get('/slow.txt')).body.toString(), 'old')
    t.mock.timers.tick(1)
    assert.equal((await get('/slow.txt')).body.toString(), 'new')
  })
})
