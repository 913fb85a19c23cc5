/*
 * The main job, as a user does it: `make deploy-local` in a fresh copy of this tree, looked at from outside with HTTP, a
 * WebSocket client, the aws CLI and a real browser; then a changed site, a changed backend, and the way back. The tests
 * build on each other, in order.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { environmentNames, type EnvironmentNames } from '../../lib/environment/environments.mts'
import { startBrowser } from './support/browser.mts'
import { changing, checkout, type Checkout, type Ran } from './support/checkout.mts'
import { get, listening, processesAt, remains } from './support/probe.mts'
import { changesRight, looksRight } from './support/shared-tests.mts'
import { outputsOf, type System } from './support/system.mts'

describe('make deploy-local', { timeout: 1_500_000 }, () => {
  let copy: Checkout
  let system: System
  let deployed: Ran
  let uploads = 0

  const outputs = (names: EnvironmentNames) => outputsOf(copy.aws, names)
  const changesSince = (line: number) => copy.calls(line).filter((call) => changing.test(call.action))

  before(async () => {
    copy = await checkout(4800, { isStarted: false })
    deployed = await copy.run(['make', 'deploy-local'])
    if (deployed.exitCode !== 0)
      throw new Error(`make deploy-local ended with ${deployed.exitCode}:\n${deployed.output}`)
    const names = environmentNames('local')
    const live = await outputs(names)
    system = {
      names,
      path: copy.path,
      browser: await startBrowser(),
      site: `http://${live['DistributionDomainName']}`,
      loadBalancer: live['LoadBalancerDnsName']!,
      outputs: live,
      deploy: async (stage) => {
        const since = copy.calls().length
        const ran = await copy.run(['make', `deploy-${stage}`, 'ENV=local'])
        uploads += changesSince(since).filter(
          ({ service, resource }) => service === 's3' && !resource?.endsWith('.map'),
        ).length
        return ran
      },
      aws: copy.aws,
    }
  })
  after(async () => {
    await system?.browser.close()
    await copy?.remove()
  })

  it('ends with the URL of the site', () => {
    assert.ok(deployed.output.includes(system.site), deployed.output)
  })

  looksRight(() => system)

  it('listens on loopback and the Docker bridge only', async () => {
    const ours = listening().filter(({ port }) => port >= 4800 && port < 5000)
    assert.ok(ours.length >= 3, JSON.stringify(ours))
    assert.deepEqual(
      ours.filter(({ address }) => !/^(127\.|172\.\d+\.\d+\.1$)/.test(address)),
      [],
    )
  })

  it('does nothing and says so when nothing changed', async () => {
    const since = copy.calls().length
    const again = await copy.run(['make', 'deploy-local'])
    assert.equal(again.exitCode, 0, again.output)
    assert.match(again.output, /unchanged/i)
    assert.doesNotMatch(again.output, /docker push|aws s3 cp/)
    // cdk clears away a change set of its own name before it compares; the pages' rows in the table are the backend's
    const made = changesSince(since).filter((call) => call.action !== 'DeleteChangeSet' && call.service !== 'dynamodb')
    assert.deepEqual(
      made.map((call) => `${call.service} ${call.action}`),
      [],
    )
  })

  changesRight(() => system)

  it('has uploaded only what changed', () => {
    // a release stages its un-hashed files (three, the page, and source maps, not counted here) and a manifest; two are
    // copied live
    assert.ok(uploads >= 1 && uploads <= 9, `${uploads} uploads for one changed file`)
  })

  it('goes back to the previous site with make rollback-frontend', async () => {
    assert.match((await get(`${system.site}/robots.txt`)).body, /changed by the test/)
    const ran = await copy.run(['make', 'rollback-frontend', 'ENV=local'])
    assert.equal(ran.exitCode, 0, ran.output)
    assert.doesNotMatch((await get(`${system.site}/robots.txt`)).body, /changed by the test/)
  })

  it('leaves the environment files and the checkout as they were', async () => {
    const { stdout } = await copy.run(['git', 'status', '--porcelain'])
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(2).trim())
        .toSorted(),
      ['backend/src/routes/health.ts', 'frontend/public/robots.txt'],
    )
  })

  it('ends the command of make local-shell with it', async () => {
    const started = copy.start(['./infrastructure/local/cli/shell.mts', '-c', 'echo begun; exec sleep 600'])
    await started.saying(/begun/)
    process.kill(started.child.pid!, 'SIGTERM')
    // not before the command has closed its output, too
    assert.equal((await started.ended).exitCode, 143)
  })

  it('leaves no process, container, image or file after make local-down, whatever ran', async () => {
    const { environment } = JSON.parse(readFileSync(join(copy.path, '.local', 'connection.json'), 'utf8')) as {
      environment: { DOCKER_HOST: string }
    }
    const engine = environment.DOCKER_HOST
    const kinds = remains({ path: copy.path, port: 4800, engine }).map((each) => each.split(' ')[0])
    for (const kind of ['process', 'port', 'container', 'image']) assert.ok(kinds.includes(kind), kind)
    // an engine that another suite uses may stay, but not in a directory that is removed
    assert.deepEqual(
      processesAt(copy.path).filter((each) => /dockerd|containerd/.test(each)),
      [],
    )
    const down = await copy.run(['make', 'local-down'])
    assert.equal(down.exitCode, 0, down.output)
    assert.deepEqual(remains({ path: copy.path, port: 4800, engine }), [])
  })
})
