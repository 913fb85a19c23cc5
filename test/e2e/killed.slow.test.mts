/* The local AWS gets SIGKILL while CloudFormation works: nothing could clean up, and the next `make local-up` starts empty. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { canBePrivate } from './stories/private.mts'
import { checkout, type Checkout, type Ran } from './support/checkout.mts'
import { listening, remains } from './support/probe.mts'

const port = 6400

describe('a local AWS that is killed in mid-deploy', { timeout: 2_700_000 }, () => {
  let copy: Checkout
  let deployed: Ran
  let again: Ran
  let left: unknown[]
  const connection = () =>
    JSON.parse(readFileSync(join(copy.path, '.local', 'connection.json'), 'utf8')) as {
      pid: number
      environment: { DOCKER_HOST: string }
    }
  const ours = () => listening().filter((socket) => socket.port >= port && socket.port < port + 100)

  before(async () => {
    copy = await checkout(port)
    const { pid } = connection()
    const deployment = copy.start(['make', 'deploy-local'])
    const deadline = Date.now() + 600_000
    while (copy.calls().filter(({ action }) => action === 'ExecuteChangeSet').length < 2) {
      assert.ok(Date.now() < deadline, `cdk deploy has not begun: ${deployment.output()}`)
      await sleep(100)
    }
    process.kill(pid, 'SIGKILL')
    const killed = Date.now()
    while (ours().length > 0 && Date.now() < killed + 60_000) await sleep(100)
    left = ours()
    // cdk keeps asking for a stack that no longer exists
    again = await copy.run(['make', 'local-up'])
    deployed = await deployment.ended
  })
  after(() => copy?.remove())

  it('leaves no server behind', () => assert.deepEqual(left, []))

  it('fails the deployment with an error and a remedy, once it is back', () => {
    assert.notEqual(deployed.exitCode, 0)
    assert.match(deployed.output, /^(error|warning): .+\nremedy: .+/m)
  })

  it('comes back with make local-up, empty', async () => {
    assert.equal(again.exitCode, 0, again.output)
    const { Stacks } = await copy.aws('cloudformation', 'describe-stacks')
    assert.deepEqual(Stacks, [])
    const { Buckets } = await copy.aws('s3api', 'list-buckets')
    assert.deepEqual(Buckets, [])
  })

  it('fails the calls that make local-faults names, and logs which they were', async () => {
    const faults = (flags: string) => copy.run(['make', '-s', 'local-faults', `ARGS=${flags}`])
    const added = await faults('add throttle ecs list-task-definitions --count 2')
    assert.match(added.stdout, /^1 +throttle +ecs +\S+ +2 after 0 +0 affected$/m, added.output)
    // aws tries again
    await copy.aws('ecs', 'list-task-definitions', '--family-prefix', 'quiz')
    const caller = 'arn:aws:sts::000000000000:user/moto'
    const call = { service: 'ecs', action: 'ListTaskDefinitions', resource: 'quiz', caller }
    const throttled = { ...call, status: 400, error: 'ThrottlingException', fault: 'throttle' }
    assert.deepEqual(
      copy
        .calls()
        .filter(({ action, resource }) => action === call.action && resource === call.resource)
        .map((logged) => ({ ...logged, time: undefined, ms: undefined })),
      [throttled, throttled, { ...call, status: 200 }].map((logged) => ({ ...logged, time: undefined, ms: undefined })),
    )
    assert.match((await faults('list')).stdout, /2 affected$/m)
    assert.equal((await faults('clear')).stdout, 'no fault rules\n')
    assert.match((await faults('add explode ecs')).output, /^error: a fault is one of throttle, .*\nremedy: .+/m)
  })

  canBePrivate(() => copy)

  it('leaves no process, container, image or file after make local-down', async () => {
    const engine = connection().environment.DOCKER_HOST
    const kinds = remains({ path: copy.path, port, engine }).map((each) => each.split(' ')[0])
    for (const kind of ['process', 'port']) assert.ok(kinds.includes(kind), kind)
    const down = await copy.run(['make', 'local-down'])
    assert.equal(down.exitCode, 0, down.output)
    assert.deepEqual(remains({ path: copy.path, port, engine }), [])
  })
})
