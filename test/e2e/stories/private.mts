/*
 * An environment whose load balancer has no public address, from the first deployment on: CloudFront reaches it inside the
 * VPC, and every verb asks through the CDN. Nothing is deployed yet. The tests build on each other, in order.
 */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { changing, type Checkout, type Ran } from '../support/checkout.mts'
import { firstMessage, get } from '../support/probe.mts'
import { outputsOf } from '../support/system.mts'

export function canBePrivate(copyOf: () => Checkout): void {
  describe('LOAD_BALANCER=private', () => {
    let copy: Checkout
    let site: string
    let loadBalancer: string

    async function good(...command: string[]): Promise<Ran> {
      const ran = await copy.run(command)
      assert.equal(ran.exitCode, 0, `${command.join(' ')}\n${ran.output}`)
      return ran
    }

    before(async () => {
      copy = copyOf()
      appendFileSync(join(copy.path, 'env/.env.local'), 'LOAD_BALANCER=private\n')
      await good('make', 'deploy-local')
      const outputs = await outputsOf(copy.aws, environmentNames('local'))
      site = `http://${outputs['DistributionDomainName']}`
      loadBalancer = outputs['LoadBalancerDnsName']!
    })

    it('has a page, an API and a WebSocket through the CDN, and no other way in', async () => {
      assert.match((await get(`${site}/`)).body, /<div id="root"/)
      assert.equal((await get(`${site}/api/live`)).status, 200)
      assert.equal((await firstMessage(`${site.replace('http', 'ws')}/ws`))['type'], 'welcome')
      assert.match(loadBalancer, /^internal-/)
      await assert.rejects(get(`http://${loadBalancer}/health`), /ENOTFOUND|EAI_AGAIN/)
    })

    it('answers make health and make check, and make debug prints lines that work', async () => {
      const health = await good('make', 'health', 'ENV=local')
      assert.equal(health.stdout.match(/ OK /g)?.length, 4)
      const checked = await good('make', 'check', 'ENV=local')
      assert.match(checked.stdout, /load balancer +\[OK\] +has no public address/)
      const debug = await good('make', '-s', 'debug', 'ENV=local')
      assert.doesNotMatch(debug.stdout, /internal-/)
      const [, curl] = /^# Backend health\n(.*)/m.exec(debug.stdout)!
      assert.match((await good('sh', '-c', `${curl} --fail`)).stdout, /"status":"ok"/)
    })

    it('is rolled back, and proven through the CDN', async () => {
      const release = async (): Promise<string> => JSON.parse((await get(`${site}/health`)).body).release
      const first = await release()
      await good('./deploy/backend.mts', 'local', '--redeploy')
      assert.notEqual(await release(), first)
      await good('make', 'rollback', 'ENV=local')
      assert.equal(await release(), first)
    })

    it('stays private: another value is refused before anything changes, with the way', async () => {
      const file = join(copy.path, 'env/.env.local')
      writeFileSync(file, readFileSync(file, 'utf8').replace('LOAD_BALANCER=private\n', ''))
      const since = copy.calls().length
      const ran = await copy.run(['make', 'deploy-infrastructure', 'ENV=local'])
      assert.match(ran.stderr, /error: LOAD_BALANCER=public, but local was created with a private load balancer/)
      assert.match(ran.stderr, /remedy: set LOAD_BALANCER=private in env\/\.env\.local; or .* destroy/)
      const changes = copy.calls(since).filter(({ service, action }) => service !== 'dynamodb' && changing.test(action))
      assert.deepEqual(changes, [])
    })
  })
}
