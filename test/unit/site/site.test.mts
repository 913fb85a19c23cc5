import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { readLiveRelease } from '../../../lib/site/site.mts'
import type { StackOutputs } from '../../../lib/stack/stack.mts'
import { recordAws } from './aws.mts'

const page = (release: string) => `<meta name="release" content="${release}">`

describe('the live release', () => {
  let status = 200
  const cdn = createServer((_, response) => response.writeHead(status).end(status === 200 ? page('r2') : 'no'))
  let outputs: StackOutputs
  const calls = recordAws(`echo '${page('r1')}'`)
  before(async () => {
    await once(cdn.listen(0, '127.0.0.1'), 'listening')
    const { port } = cdn.address() as AddressInfo
    outputs = { DistributionDomainName: `127.0.0.1:${port}`, SiteBucketName: 'site' } as StackOutputs
  })
  after(() => {
    cdn.closeAllConnections()
    cdn.close()
  })

  it('is what the page of the CDN names, and no one asks the bucket', async () => {
    status = 200
    assert.equal(await readLiveRelease(outputs), 'r2')
    assert.deepEqual(calls(), [])
  })

  it('is none where the CDN has no page', async () => {
    status = 404
    assert.equal(await readLiveRelease(outputs), '')
  })

  for (const refused of [403, 429, 503]) {
    it(`is what the page in the bucket names where the CDN answers ${refused}`, async () => {
      status = refused
      assert.equal(await readLiveRelease(outputs), 'r1')
      assert.deepEqual(calls(), ['s3 cp s3://site/index.html -'])
    })
  }
})
