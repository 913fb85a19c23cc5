/* The local AWS gets SIGKILL while CloudFormation works: nobody could clean up, and the next `make local-up` starts afresh. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkout, type Checkout, type Ran } from './checkout.mts'
import { listening } from './probe.mts'

const port = 6400

describe('a local AWS that is killed in mid-deploy', { timeout: 600_000 }, () => {
  let copy: Checkout
  let deployed: Ran
  let again: Ran
  let left: unknown[]
  const ours = () => listening().filter((socket) => socket.port >= port && socket.port < port + 100)

  before(async () => {
    copy = checkout(port)
    const up = await copy.run(['make', 'local-up'])
    assert.equal(up.exitCode, 0, up.said)
    const { pid } = JSON.parse(readFileSync(join(copy.path, '.local', 'connection.json'), 'utf8')) as { pid: number }
    const deployment = copy.start(['make', 'deploy-local'])
    const deadline = Date.now() + 180_000
    while (copy.calls().filter(({ action }) => action === 'ExecuteChangeSet').length < 2) {
      assert.ok(Date.now() < deadline, `cdk deploy has not begun: ${deployment.said()}`)
      await sleep(100)
    }
    process.kill(pid, 'SIGKILL')
    const killed = Date.now()
    while (ours().length > 0 && Date.now() < killed + 10_000) await sleep(100)
    left = ours()
    // cdk goes on asking for a stack that nobody knows any more
    again = await copy.run(['make', 'local-up'])
    deployed = await deployment.ended
  })
  after(() => copy?.remove())

  it('leaves no server behind', () => assert.deepEqual(left, []))

  it('fails the deployment with an error and a remedy, once it is back', () => {
    assert.notEqual(deployed.exitCode, 0)
    assert.match(deployed.said, /^error: .+\nremedy: .+/m)
  })

  it('comes back with make local-up, empty', async () => {
    assert.equal(again.exitCode, 0, again.said)
    const { Stacks } = await copy.aws('cloudformation', 'describe-stacks')
    assert.deepEqual(Stacks, [])
    const { Buckets } = await copy.aws('s3api', 'list-buckets')
    assert.deepEqual(Buckets, [])
  })

  it('leaves nothing after make local-down', async () => {
    const down = await copy.run(['make', 'local-down'])
    assert.equal(down.exitCode, 0, down.said)
    assert.equal(existsSync(join(copy.path, '.local')), false)
    assert.deepEqual(ours(), [])
  })
})
