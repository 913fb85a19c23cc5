import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { Target } from '../../../lib/environment/target.mts'
import { Failure } from '../../../lib/script/failure.mts'
import { verifyOrRestore } from '../../../lib/site/publish.mts'
import type { StackOutputs } from '../../../lib/stack/stack.mts'
import { recordAws } from './aws.mts'

describe('a release of the site that is seen to be wrong', () => {
  let live = ''
  let status = 200
  const cdn = createServer((_, response) => response.writeHead(status).end(`<meta name="release" content="${live}">`))
  let outputs: StackOutputs
  // stops at the first copy: what follows is of other tests
  const calls = recordAws('echo ThrottlingException >&2; exit 1')
  before(async () => {
    await once(cdn.listen(0, '127.0.0.1'), 'listening')
    const { port } = cdn.address() as AddressInfo
    outputs = { DistributionDomainName: `127.0.0.1:${port}`, SiteBucketName: 'site' } as StackOutputs
  })
  after(() => {
    cdn.closeAllConnections()
    cdn.close()
  })
  const file = { key: 'a.html', contentType: 'text/html', cacheControl: 'no-cache', md5: '1', size: 1, turn: 'entry' }
  // without a page
  const manifest = (release: string) => ({ release, files: [file as never] })
  const verify = async () => {
    const publication = { manifest: manifest('r2'), intact: new Map(), before: manifest('r1'), backendFollows: true }
    const target = { environment: 'staging' } as Target
    return (await verifyOrRestore(target, outputs, publication).catch((error: unknown) => error)) as Failure
  }

  for (const mine of ['r2', 'r1', '']) {
    it(`is replaced by the previous one while the page names ${mine || 'no release'}`, async () => {
      live = mine
      const failure = await verify()
      assert.match(failure.message, /^release r2 of the site: .*; and r1 could not be restored/)
      assert.match(calls().join('\n'), /^s3 cp s3:\/\/site\/releases\/r1 s3:\/\/site /)
    })
  }

  it('is superseded where someone else has published since, and nothing is restored', async () => {
    live = 'r3'
    const failure = await verify()
    assert.match(
      failure.message,
      /^superseded: release r2 of the site: .*; the site is now release r3, and nothing was/,
    )
    assert.doesNotMatch(failure.remedy, /re-run/)
    assert.equal(failure.exitCode, 4)
    assert.deepEqual(calls(), [])
  })

  it('is not called restored where nobody could say which release is live', async () => {
    status = 403
    const failure = await verify()
    assert.match(failure.message, /^release r2 of the site: .*; and r1 could not be restored: /)
    assert.equal(failure.exitCode, 1)
    assert.deepEqual(
      calls().filter((call) => call.includes('releases/r1')),
      [],
    )
  })
})
