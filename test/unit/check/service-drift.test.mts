import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { latestDrift, ledgerDrift, serviceDrift, settingsDrift } from '../../../lib/check/service-drift.mts'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { readSettings } from '../../../lib/environment/settings.mts'
import { differenceLine } from '../../../lib/script/differences.mts'
import { serviceSettings, type RunningRelease } from '../../../lib/service/service.mts'
import { taskDefinition, type TaskDefinition } from '../../../lib/service/task-definition.mts'
import { outputKeys, type StackOutputs } from '../../../lib/stack/stack.mts'

describe('drift of the service', () => {
  const linesOf = (...documents: Parameters<typeof serviceDrift>) => serviceDrift(...documents).map(differenceLine)
  const target = { names: environmentNames('staging'), settings: readSettings('staging') }
  const outputs = { TaskSubnetIds: 'subnet-1,subnet-2', TaskSecurityGroupId: 'sg-1', TargetGroupArn: 'arn' }
  const typed = serviceSettings(target, outputs as StackOutputs)

  it('is none for what was passed, in another order and with what ECS adds', () => {
    const actual = structuredClone(typed)
    actual.networkConfiguration.awsvpcConfiguration.subnets.reverse()
    Object.assign(actual.deploymentConfiguration, { strategy: 'ROLLING', bakeTimeInMinutes: 0 })
    assert.deepEqual(linesOf({ ...actual, platformVersion: '1.4.0', cluster: undefined }, typed), [])
  })

  it('names what someone has changed', () => {
    const actual = structuredClone(typed)
    actual.deploymentConfiguration.minimumHealthyPercent = 50
    assert.deepEqual(linesOf(actual, typed), ['deploymentConfiguration.minimumHealthyPercent: 50 → 100'])
  })

  it('is none after a way back, which alarms do not watch, and is one where the service has none yet', () => {
    const watched = { ...outputs, DeploymentAlarmNames: 'errors,slow' } as StackOutputs
    const alarms = { alarmNames: ['errors', 'slow'], enable: true, rollback: true }
    assert.deepEqual(serviceSettings(target, watched).deploymentConfiguration.alarms, alarms)
    assert.deepEqual(linesOf(serviceSettings(target, watched, false), serviceSettings(target, watched)), [])
    assert.match(linesOf(typed, serviceSettings(target, watched)).join(), /alarms.*errors/)
  })

  it('is none where aws is too old to show what ECS may do about zones, and is one where that was turned on', () => {
    const { availabilityZoneRebalancing: _, ...shown } = typed
    assert.deepEqual(linesOf(shown, typed), [])
    const on = { ...typed, availabilityZoneRebalancing: 'ENABLED' }
    assert.deepEqual(linesOf(on, typed), ['availabilityZoneRebalancing: ENABLED → DISABLED'])
  })

  it('sees a load balancer that the service has lost', () => {
    assert.match(linesOf({ ...typed, loadBalancers: [] }, typed).join(), /loadBalancers.*→ arn/)
  })
})

describe('drift of the task definition', () => {
  const place = {
    environment: 'staging',
    names: environmentNames('staging'),
    region: 'us-east-1',
    local: false,
  } as const
  const target = { ...place, settings: readSettings('staging') }
  const outputs = Object.fromEntries(outputKeys.map((key) => [key, `the-${key}`])) as StackOutputs
  const built = { image: 'repository@sha256:1', platform: 'linux/amd64', release: 'one' } as const
  const drift = (definition: TaskDefinition) => {
    const running = { taskDefinition: definition, service: serviceSettings(target, outputs), release: 'one' }
    return settingsDrift(target, outputs, running as unknown as RunningRelease, built.platform)
  }

  it('is none for what a deployment registers', () => {
    const none = { taskDefinition: [], service: [], stack: [] }
    assert.deepEqual(drift(taskDefinition(target, outputs, built)), none)
  })

  it('of a setting is listed apart from what is of the stack', () => {
    const settings = { ...target.settings, MAX_PLAYERS: '100', STOP_TIMEOUT_SECONDS: '20' }
    const { taskDefinition: lines, stack } = drift(
      taskDefinition({ ...target, settings }, { ...outputs, TargetGroupArn: 'old' }, built),
    )
    const container = 'containerDefinitions.websocket-server'
    assert.deepEqual(lines.toSorted(), [
      `${container}.environment.MAX_PLAYERS: 100 → 5000`,
      `${container}.environment.STOP_SECONDS: 20 → 30`,
      `${container}.stopTimeout: 20 → 30`,
    ])
    assert.deepEqual(stack, [`${container}.environment.TARGET_GROUP_ARN: old → the-TargetGroupArn`])
  })

  it('is none while a restored table is in use', () => {
    const table = `${target.names.restoredTablePrefix}20261128T201500Z`
    const none = { taskDefinition: [], service: [], stack: [] }
    assert.deepEqual(drift(taskDefinition(target, outputs, { ...built, table })), none)
    const { stack } = drift(taskDefinition(target, outputs, { ...built, table: 'live-quiz-staging-other' }))
    assert.match(stack.join(), /APPLICATION_TABLE: live-quiz-staging-other → the-ApplicationTableName$/)
  })

  it('of a revision that was registered before tasks drained themselves names what it lacks', () => {
    const before = structuredClone(taskDefinition(target, outputs, built))
    const [container] = before.containerDefinitions
    container!.environment = container!.environment.filter(({ name }) => !/^(TARGET_GROUP_ARN|DRAIN_)/.test(name))
    delete (container as Partial<typeof container>)!.ulimits
    const { taskDefinition: lines, stack } = drift(before)
    const path = 'containerDefinitions.websocket-server'
    assert.deepEqual(lines.toSorted(), [
      `${path}.environment.DRAIN_SECONDS: (none) → 30`,
      `${path}.environment.TARGET_GROUP_ARN: (none) → the-TargetGroupArn`,
      `${path}.ulimits.nofile.hardLimit: (none) → 65535`,
      `${path}.ulimits.nofile.name: (none) → nofile`,
      `${path}.ulimits.nofile.softLimit: (none) → 65535`,
    ])
    assert.deepEqual(stack, [])
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
