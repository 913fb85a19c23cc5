/*
 * The end-to-end suite on the account behind the shell's credentials: `make e2e ENV=development`. Deploys that environment
 * from a copy of this tree and leaves it deployed. In `make local-shell` it does the same on the AWS of this machine, which
 * is the only place where it was run so far.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { environmentNames, isEnvironment } from '../../lib/environment/environments.mts'
import { startBrowser } from '../e2e/support/browser.mts'
import { checkout, type Checkout, type Ran } from '../e2e/support/checkout.mts'
import { changesRight, looksRight } from '../e2e/support/shared-tests.mts'
import { outputsOf, type System } from '../e2e/support/system.mts'

const environment = process.env['ENV'] ?? ''
// production has users, and local has its own suite
if (!isEnvironment(environment) || environment === 'production' || environment === 'local') {
  console.error(`error: ENV is ${JSON.stringify(environment)}\nremedy: make e2e ENV=development, or ENV=staging`)
  process.exit(2)
}
const names = environmentNames(environment)

// a first deployment takes up to 45 minutes, and each of the three that follow up to 20
describe(`the system in ${environment}`, { timeout: 3 * 60 * 60_000 }, () => {
  let copy: Checkout
  let system: System
  let deployed: Ran

  const deploy: System['deploy'] = (stage) =>
    copy.run([`./deploy/${stage}.mts`, environment, ...(stage === 'frontend' ? [] : ['--wait-idle'])])
  const aws: System['aws'] = async (...args) =>
    JSON.parse(execFileSync('aws', [...args, '--output', 'json'], { encoding: 'utf8' }))

  before(async () => {
    copy = await checkout()
    deployed = await deploy('all')
    if (deployed.exitCode !== 0) throw new Error(`it ended with ${deployed.exitCode}:\n${deployed.output}`)
    const outputs = await outputsOf(aws, names)
    const [site] = /https?:\/\/\S+/.exec(deployed.stdout) ?? []
    assert.ok(site, deployed.output)
    const browser = await startBrowser()
    system = {
      names,
      path: copy.path,
      browser,
      site,
      loadBalancer: outputs['LoadBalancerDnsName']!,
      outputs,
      deploy,
      aws,
    }
  })
  after(async () => {
    await system?.browser.close()
    await copy?.remove()
  })

  looksRight(() => system)

  it('is recorded as one release that was deployed', async () => {
    const { releases } = JSON.parse((await copy.run(['./deploy/releases.mts', environment, '--json'])).stdout)
    assert.equal(releases[0].verdict, 'deployed')
    assert.deepEqual(Object.keys(releases[0].components), ['infrastructure', 'backend', 'frontend'])
  })

  it('does nothing and says so when nothing changed', async () => {
    const again = await deploy('all')
    assert.equal(again.exitCode, 0, again.output)
    assert.match(again.output, /unchanged: \S+ has this image/)
    assert.doesNotMatch(again.output, /docker push|aws s3 cp .* s3:/)
  })

  changesRight(() => system)

  it('goes back to the revision before', async () => {
    const back = await copy.run(['./deploy/rollback.mts', environment, '--wait-idle'])
    assert.equal(back.exitCode, 0, back.output)
  })
})
