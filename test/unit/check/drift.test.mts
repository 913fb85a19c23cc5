import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { latestDrift, ledgerDrift, serviceDrift } from '../../../lib/check/drift.mts'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { readSettings } from '../../../lib/environment/settings.mts'
import { serviceSettings } from '../../../lib/service/service.mts'
import type { StackOutputs } from '../../../lib/stack/stack.mts'

describe('drift of the service', () => {
  const target = { names: environmentNames('staging'), settings: readSettings('staging') }
  const outputs = { TaskSubnetIds: 'subnet-1,subnet-2', TaskSecurityGroupId: 'sg-1', TargetGroupArn: 'arn' }
  const typed = serviceSettings(target, outputs as StackOutputs)

  it('is none for what was passed, in another order and with what ECS adds', () => {
    const actual = structuredClone(typed)
    actual.networkConfiguration.awsvpcConfiguration.subnets.reverse()
    Object.assign(actual.deploymentConfiguration, { strategy: 'ROLLING', bakeTimeInMinutes: 0 })
    assert.deepEqual(serviceDrift({ ...actual, platformVersion: '1.4.0', cluster: undefined }, typed), [])
  })

  it('names what someone has changed', () => {
    const actual = structuredClone(typed)
    actual.deploymentConfiguration.minimumHealthyPercent = 50
    assert.deepEqual(serviceDrift(actual, typed), ['deploymentConfiguration.minimumHealthyPercent: 50 → 100'])
  })

  it('sees a load balancer that the service has lost', () => {
    assert.match(serviceDrift({ ...typed, loadBalancers: [] }, typed).join(), /loadBalancers.*→ arn/)
  })
})

describe('drift of the ledger', () => {
  const revision = 'arn:aws:ecs:us-east-1:1:task-definition/websocket-task:2'
  it('is none when nothing is recorded', () => assert.deepEqual(ledgerDrift({ revision }, undefined), []))
  it('is none for the recorded revision', () => assert.deepEqual(ledgerDrift({ revision }, revision), []))
  it('names both revisions otherwise', () => {
    const [line] = ledgerDrift({ revision }, revision.replace(':2', ':1'))
    assert.match(line ?? '', /websocket-task:2 runs.*websocket-task:1/)
  })
})

describe('drift of latest', () => {
  const image = (digest: string, ...tags: string[]) => ({ digest, tags, pushedAt: new Date(0) })

  it('is none when latest is the running image', () => {
    assert.deepEqual(latestDrift({ digest: 'a' }, [image('a', 'latest'), image('b')]), [])
  })

  it('names both images otherwise', () => {
    assert.deepEqual(latestDrift({ digest: 'a' }, [image('a'), image('b', 'latest')]), ['latest is b, but a runs'])
  })

  it('names an image that is missing', () => {
    assert.deepEqual(latestDrift({ digest: '' }, []), ['latest is missing, but no digest runs'])
  })
})
