import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadBalance, startTarget, until } from './elb-fixtures.ts'

describe('target health', () => {
  it('goes from initial to healthy, to unhealthy with the codes, and back', async () => {
    let status = 200
    const { register, stateOf } = await loadBalance({ healthCheck: { HealthCheckPath: '/check' } })
    const checked = await startTarget((_, response) => response.writeHead(status).end())
    register(checked)
    assert.equal(stateOf(checked)?.state, 'initial')
    assert.equal(stateOf(checked)?.reason, 'Elb.InitialHealthChecking')
    await until(() => stateOf(checked)?.state === 'healthy')
    status = 500
    await until(() => stateOf(checked)?.state === 'unhealthy')
    assert.equal(stateOf(checked)?.reason, 'Target.ResponseCodeMismatch')
    assert.equal(stateOf(checked)?.description, 'Health checks failed with these codes: [500]')
    status = 200
    await until(() => stateOf(checked)?.state === 'healthy')
    assert.equal(stateOf(checked)?.reason, undefined)
  })

  it('names a timeout', async () => {
    const { register, stateOf } = await loadBalance({
      healthCheck: { HealthCheckPath: '/hang', HealthCheckTimeoutSeconds: 0.1 },
    })
    const hanging = await startTarget(() => {})
    register(hanging)
    await until(() => stateOf(hanging)?.state === 'unhealthy')
    assert.equal(stateOf(hanging)?.reason, 'Target.Timeout')
    assert.equal(stateOf(hanging)?.description, 'Request timed out')
  })

  it('gives a target that does not listen yet its interval times its threshold', async () => {
    const { register, stateOf } = await loadBalance({ healthCheck: { HealthCheckIntervalSeconds: 1 } })
    const refusing = { id: '127.0.0.1', port: 9 }
    register(refusing)
    await sleep(200)
    assert.equal(stateOf(refusing)?.state, 'initial')
    await until(() => stateOf(refusing)?.state === 'unhealthy')
    assert.equal(stateOf(refusing)?.reason, 'Target.FailedHealthChecks')
  })

  it('is unused while no listener forwards to the target group', async () => {
    const { elb, create } = await loadBalance()
    const { physicalId } = await create('TargetGroup', { Name: 'idle', TargetType: 'ip' })
    elb.targets.register(physicalId, { id: '127.0.0.1', port: 9 })
    assert.equal(elb.targets.health(physicalId)[0]?.reason, 'Target.NotInUse')
  })
})
