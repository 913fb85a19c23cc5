import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { changing, type Checkout } from './checkout.mts'

/** Ways to look at an environment and to change it that change nothing, on a system that was deployed a few times. */
export function looksOnly(copy: () => Checkout): void {
  it('answers JSON and nothing else on stdout with --json, whatever is asked', async () => {
    const asked = [
      ['admin-secret', '--yes'],
      ['check'],
      ['debug'],
      ['diff', 'service'],
      ['health'],
      ['invalidation'],
      ['logs'],
      ['releases'],
      ['revisions'],
      ['status'],
      ['urls'],
      ['watch'],
    ]
    for (const [verb, ...rest] of asked) {
      const ran = await copy().run([`./deploy/${verb}.mts`, 'local', ...rest, '--json'])
      assert.equal(ran.exitCode, 0, `${verb}: ${ran.said}`)
      assert.doesNotThrow(() => JSON.parse(ran.stdout), `${verb}: ${ran.stdout}`)
    }
  })

  it('makes no changing call with --dry-run, whatever would be changed', async () => {
    const { releases } = JSON.parse((await copy().run(['./deploy/releases.mts', 'local', '--json'])).stdout)
    const sites: string[] = releases.flatMap(({ components }: any) => components.frontend?.release ?? [])
    const earlier = sites.find((release) => release !== sites[0])
    assert.ok(earlier, `one release of the site only: ${sites.join(', ')}`)
    const changes = [
      ['all'],
      ['infrastructure'],
      ['backend', '--redeploy'],
      ['frontend'],
      ['rollback', '1'],
      ['rollback-frontend', earlier],
      ['scale', '2'],
      ['unlock'],
      ['destroy', '--data'],
    ]
    for (const [verb, ...rest] of changes) {
      const since = copy().calls().length
      const ran = await copy().run([`./deploy/${verb}.mts`, 'local', ...rest, '--dry-run'])
      assert.equal(ran.exitCode, 0, `${verb}: ${ran.said}`)
      assert.deepEqual(
        copy()
          .calls(since)
          .filter(({ action }) => changing.test(action))
          .map(({ service, action }) => `${verb}: ${service} ${action}`),
        [],
      )
    }
  })
}

/** What becomes of a deployment when another one is under way, or when it is killed, or when Slack is away. */
export function standsAlone(copy: () => Checkout): void {
  const redeploy = ['./deploy/backend.mts', 'local', '--redeploy']

  it('runs one of two deployments and tells the other who deploys since when; one that is killed leaves a lock that says so', async () => {
    const killed = copy().start(redeploy)
    await killed.saying(/\$ docker build/)
    const other = await copy().run(redeploy)
    assert.equal(other.exitCode, 1, other.said)
    assert.match(other.stderr, /error: local is being deployed already, by .* since \d\d:\d\d:\d\d UTC \(/)
    killed.interrupt('SIGKILL')
    await killed.ended
    const next = await copy().run(redeploy)
    assert.equal(next.exitCode, 1, next.said)
    assert.match(next.stderr, /its lock is free at \d\d:\d\d:\d\d UTC, or at once after: \.\/deploy\/unlock\.mts local/)
    const { releases } = JSON.parse((await copy().run(['./deploy/releases.mts', 'local', '--json'])).stdout)
    assert.equal(releases[0].verdict, 'under way')
    assert.equal((await copy().run(['make', 'unlock', 'ENV=local'])).exitCode, 0)
    const listed = JSON.parse((await copy().run(['./deploy/releases.mts', 'local', '--json'])).stdout)
    assert.equal(listed.releases[0].verdict, 'abandoned')
  })

  for (const [what, answer] of [
    ['answers 500', (_, response) => void response.writeHead(500).end()],
    ['hangs', () => {}],
  ] as [string, RequestListener][]) {
    it(`is deployed all the same when Slack ${what}`, async () => {
      const slack = createServer(answer).listen(0, '127.0.0.1')
      await once(slack, 'listening')
      const webhook = `http://127.0.0.1:${(slack.address() as AddressInfo).port}/hook-of-ours`
      const ran = await copy().run(['./deploy/frontend.mts', 'local'], { env: { SLACK_WEBHOOK_URL: webhook } })
      slack.closeAllConnections()
      slack.close()
      assert.equal(ran.exitCode, 0, ran.said)
      assert.match(ran.stderr, /warning: could not notify Slack/)
      assert.doesNotMatch(ran.said, /hook-of-ours/)
    })
  }
}
