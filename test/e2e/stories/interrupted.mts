/*
 * A deployment that a person stops, that meets another one, that is only shown, or that cannot be built: on a system that
 * was deployed before. The tests build on each other, in order.
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { retryUntil } from '../../../lib/script/job.mts'
import { changing, type Checkout } from '../support/checkout.mts'
import { get } from '../support/probe.mts'
import { describedService, edit } from '../support/system.mts'

export function survivesInterruption(copyOf: () => Checkout): void {
  describe('a deployment', () => {
    let copy: Checkout
    let site: string
    const redeploy = ['./deploy/backend.mts', 'local', '--redeploy']

    before(async () => {
      copy = copyOf()
      // a second release, to go back from
      edit(copy, 'frontend/public/robots.txt', '\n', '\n# changed by the test\n')
      edit(copy, 'backend/src/routes/health.ts', '\nexport ', '\nexport const edition1 = 1\nexport ')
      const deployed = await copy.run(['make', 'deploy-local'])
      assert.equal(deployed.exitCode, 0, deployed.output)
      site = /^site +(\S+)$/m.exec(deployed.output)![1]!
    })

    // anyone who can read the first can push, and the next build must not read the second
    const login = 'docker/registry/config.json'
    const settings = 'settings/.env.production'
    for (const [script, moment, signal, exitCode, made] of [
      ['./deploy/infrastructure.mts local', /cdk deploy/, 'SIGINT', 130],
      ['./deploy/backend.mts local --redeploy', /\$ docker build/, 'SIGHUP', 129, login],
      ['./deploy/backend.mts local --redeploy', /\$ docker push/, 'SIGTERM', 143, login],
      ['./deploy/backend.mts local --redeploy', /\$ aws ecs update-service/, 'SIGINT', 130, login],
      ['./deploy/frontend.mts local', /npm run build/, 'SIGINT', 130, settings],
      ['./deploy/all.mts local', /\$ docker build/, 'SIGINT', 130],
    ] as const) {
      it(`cleans up after ${signal} at ${moment.source.replace('\\$ ', '')} of ${script}`, async () => {
        const started = copy.start(script.split(' '))
        await started.saying(moment)
        const runs = join(copy.path, '.local/deployments/local/runs')
        const left = () =>
          [login, settings].filter((each) =>
            readdirSync(runs, { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith(each)),
          )
        if (made) assert.deepEqual(left(), [made])
        started.interrupt(signal)
        const ended = await started.ended
        assert.equal(ended.exitCode, exitCode, ended.output)
        assert.doesNotMatch(ended.output, /\n\s+at /)
        assert.deepEqual(left(), [])
        // the last of its processes may just be ending
        const requireGone = async () => assert.throws(() => process.kill(-started.child.pid!, 0), /ESRCH/)
        await retryUntil(requireGone, { within: 10_000, every: 100 })
      })
    }

    it('converges after all those interruptions', async () => {
      const again = await copy.run(['make', 'deploy-local'])
      assert.equal(again.exitCode, 0, again.output)
      const { deployments, runningCount, desiredCount } = await describedService({
        ...copy,
        names: environmentNames('local'),
      })
      assert.deepEqual([deployments.length, runningCount], [1, desiredCount])
      assert.equal((await get(`${site}/health`)).status, 200)
    })

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
        const ran = await copy.run([`./deploy/${verb}.mts`, 'local', ...rest, '--json'])
        assert.equal(ran.exitCode, 0, `${verb}: ${ran.output}`)
        assert.doesNotThrow(() => JSON.parse(ran.stdout), `${verb}: ${ran.stdout}`)
      }
    })

    it('makes no changing call with --dry-run: all, its stages, rollbacks, scale, unlock, destroy', async () => {
      const { releases } = JSON.parse((await copy.run(['./deploy/releases.mts', 'local', '--json'])).stdout)
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
        const since = copy.calls().length
        const ran = await copy.run([`./deploy/${verb}.mts`, 'local', ...rest, '--dry-run'])
        assert.equal(ran.exitCode, 0, `${verb}: ${ran.output}`)
        assert.deepEqual(
          copy
            .calls(since)
            .filter(({ action }) => changing.test(action))
            .map(({ service, action }) => `${verb}: ${service} ${action}`),
          [],
        )
      }
    })

    it('refuses a second deployment, and names the one that holds the lock', async () => {
      const killed = copy.start(redeploy)
      await killed.saying(/\$ docker build/)
      const other = await copy.run(redeploy)
      assert.equal(other.exitCode, 1, other.output)
      assert.match(
        other.stderr,
        /error: local is already being deployed, by .* since (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC \(/,
      )
      killed.interrupt('SIGKILL')
      await killed.ended
      const next = await copy.run(redeploy)
      assert.equal(next.exitCode, 1, next.output)
      assert.match(
        next.stderr,
        /its lock is free at (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC, or at once after: \.\/deploy\/unlock\.mts local/,
      )
      const { releases } = JSON.parse((await copy.run(['./deploy/releases.mts', 'local', '--json'])).stdout)
      assert.equal(releases[0].verdict, 'under way')
      assert.equal((await copy.run(['make', 'unlock', 'ENV=local'])).exitCode, 0)
      const listed = JSON.parse((await copy.run(['./deploy/releases.mts', 'local', '--json'])).stdout)
      assert.equal(listed.releases[0].verdict, 'abandoned')
    })

    it('leaves no container when the image cannot be built', async () => {
      const file = join(copy.path, 'backend', 'src', 'index.ts')
      const source = readFileSync(file, 'utf8')
      writeFileSync(file, `${source}\nexport const count: number = 'one'\n`)
      const failed = await copy.run(['./deploy/backend.mts', 'local'])
      assert.equal(failed.exitCode, 1, failed.output)
      assert.match(failed.output, /Type 'string' is not assignable to type 'number'[^]*error: docker build exited with/)
      // by name: the engine is shared, and other copies build and stop tasks meanwhile. BuildKit names none, and makes none
      const named = [...failed.output.matchAll(/---> Running in (\w{12})\b/g)].map(([, id]) => id!)
      assert.ok(named.length > 0 || /^#\d+ /m.test(failed.output), failed.output)
      const { stdout } = await copy.runThere('docker ps --all --quiet')
      assert.deepEqual(
        named.filter((id) => stdout.split('\n').includes(id)),
        [],
      )
      writeFileSync(file, source)
    })
  })
}
