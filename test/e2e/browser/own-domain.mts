import assert from 'node:assert/strict'
import { it } from 'node:test'
import { edit } from '../support/system.mts'
import { phone, type Stage } from './stage.mts'

/** A name that every browser leads to this machine: https://datatracker.ietf.org/doc/html/rfc6761#section-6.3 */
const domain = 'quiz.localhost'
const certificate = 'arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000'

/** Comes last: it changes the stack, and which origins the backend lets in. */
export function connectsUnderItsOwnName(stage: () => Stage): void {
  it('a page under the site’s own name connects, and so does one under CloudFront’s', async () => {
    const { browser, copy, site } = stage()
    const named = site.replace('127.0.0.1', domain)
    const region = 'AWS_REGION=us-east-1'
    edit(copy, 'env/.env.local', region, `${region}\nSITE_DOMAIN=${domain}\nSITE_CERTIFICATE_ARN=${certificate}`)
    const ran = await copy.run(['make', 'deploy-local'])
    assert.equal(ran.exitCode, 0, ran.output)
    assert.match(ran.output, new RegExp(`^site +${named}$`, 'm'))
    for (const origin of [named, site]) {
      const { page, complaints } = await browser.open(`${origin}/status`, phone)
      await page
        .getByTestId('connection')
        .filter({ hasText: /^connected$/ })
        .waitFor()
      assert.deepEqual(complaints, [])
      await page.context().close()
    }
  })
}
