import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { refusal, eventually } from '../expectations.ts'
import {
  createService,
  family,
  logs,
  name,
  register,
  release,
  removeService,
  repository,
  rolledBack,
  hasEvent,
  secretArn,
  service,
  serviceDeployments,
  settled,
  targetGroupArn,
  tasks,
  update,
  url,
  where,
  world,
  type DescribedServiceDeployment,
  type Variant,
} from './service.ts'

async function healthyTargets(): Promise<number> {
  const { TargetHealthDescriptions } = await world.ask<{
    TargetHealthDescriptions: { TargetHealth: { State: string } }[]
  }>('elasticloadbalancing', 'DescribeTargetHealth', { TargetGroupArn: targetGroupArn })
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth.State === 'healthy').length
}

describe('a deployment', () => {
  before(createService)
  after(removeService)

  it('replaces the tasks without a failed request, and drains before SIGTERM', async () => {
    const definition = await register()
    const last = await service()
    let failures = 0
    let requests = 0
    const loop = setInterval(() => {
      requests += 1
      fetch(`${url}/slow`).then(
        (response) => void (failures += Number(!response.ok)),
        () => (failures += 1),
      )
    }, 20)
    const { service: begun } = await update(definition)
    const { rolloutState, rolloutStateReason } = begun.deployments[0]!
    assert.equal(rolloutState, 'IN_PROGRESS')
    assert.match(rolloutStateReason, /^ECS deployment ecs-svc\/\d+ in progress\.$/)
    const now = await settled(definition)
    clearInterval(loop)
    assert.ok(requests > 20)
    assert.equal(failures, 0)
    assert.equal(await (await fetch(url)).text(), String(release))

    const leaving = now.events
      .map(({ message }) => message.replace(/ (\d+ )?(running |tasks|targets).*/, ''))
      .filter((sentence) => /stopped|deregistered|draining/.test(sentence))
    const taskSet = `(service ${name}, taskSet ${last.deployments[0]!.id})`
    assert.equal(leaving.at(-1), `(service ${name}) has stopped`)
    assert.equal(leaving.filter((sentence) => sentence === `(service ${name}) deregistered`).length, 2)
    assert.equal(leaving.filter((sentence) => sentence === `${taskSet} has begun draining connections on`).length, 2)
    assert.equal(leaving[0], `${taskSet} has begun draining connections on`)

    const stopped = await tasks({ desiredStatus: 'STOPPED' })
    const old = stopped.filter(({ startedBy }) => startedBy === last.deployments[0]!.id)
    assert.equal(old.length, 2)
    for (const task of old) {
      assert.equal(task.stopCode, 'ServiceSchedulerInitiated')
      assert.match(task.stoppedReason!, /^Scaling activity initiated by \(deployment ecs-svc\/\d+\)$/)
      assert.equal(task.containers[0]?.exitCode, 0)
      const logStreamName = `ecs/websocket-server/${task.taskArn.split('/').at(-1)}`
      const { events } = await logs.getLogEvents({ logGroupName: '/ecs/live-quiz', logStreamName })
      assert.equal(events?.at(-1)?.message, 'bye')
    }
    assert.equal((await serviceDeployments())[0]?.status, 'SUCCESSFUL')
  })

  for (const [maximumPercent, minimumHealthyPercent, most, least, order] of [
    [150, 100, 3, 2, 'start stop start stop'],
    [100, 50, 2, 1, 'stop start stop start'],
  ] as const) {
    it(`has ${least} healthy to ${most} tasks at ${minimumHealthyPercent} to ${maximumPercent} %`, async () => {
      const definition = await register()
      const since = (await service()).events[0]!.createdAt
      await update(definition, { deploymentConfiguration: { maximumPercent, minimumHealthyPercent } })
      let [tasksSeen, healthySeen] = [0, 2]
      await eventually(`${definition} is deployed`, async () => {
        tasksSeen = Math.max(tasksSeen, (await tasks({ serviceName: name })).length)
        healthySeen = Math.min(healthySeen, await healthyTargets())
        const { deployments } = await service()
        return deployments.length === 1 && deployments[0]!.rolloutState === 'COMPLETED'
      })
      assert.deepEqual([tasksSeen, healthySeen], [most, least])
      const steps = (await service()).events
        .filter(({ createdAt }) => createdAt > since)
        .flatMap(({ message }) => /has started 1 tasks|has stopped 1 running/.exec(message)?.[0] ?? [])
        .toReversed()
        .map((step) => (step.includes('started') ? 'start' : 'stop'))
      assert.equal(steps.join(' '), order)
      const deploymentConfiguration = { maximumPercent: 200, minimumHealthyPercent: 100 }
      await update(definition, { deploymentConfiguration })
    })
  }

  it('lets a task that is slow to start be unhealthy within the grace period', async () => {
    const definition = await register({ mode: 'late' })
    await update(definition, { healthCheckGracePeriodSeconds: 10 })
    const now = await settled(definition)
    const [deployment] = now.deployments
    assert.equal(deployment!.failedTasks, 0)
    const stopped = await tasks({ desiredStatus: 'STOPPED' })
    assert.deepEqual(
      stopped.filter(({ startedBy }) => startedBy === deployment!.id),
      [],
    )
    await update(definition, { healthCheckGracePeriodSeconds: 0 })
  })

  it('of a crashing image stays failed where the breaker may not roll back', async () => {
    const last = await service()
    const good = last.taskDefinition.split('/')[1]!
    const breaker = (rollback: boolean) => ({
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback } },
    })
    await update(await register({ mode: 'crash' }), breaker(false))
    const failed = await eventually('it fails', async () => {
      const now = await service()
      return now.deployments[0]!.rolloutState === 'FAILED' && now
    })
    assert.deepEqual(
      failed.deployments.map(({ status, taskDefinition }) => [status, taskDefinition.split(':').at(-1)]),
      [
        ['PRIMARY', String(release)],
        ['ACTIVE', good.split(':')[1]],
      ],
    )
    const [mine] = await serviceDeployments()
    assert.equal(mine?.status, 'STOPPED')
    // the last one of the failed deployment may be on its way out
    await eventually('only the old tasks are left', async () => (await tasks({ serviceName: name })).length === 2)
    assert.equal((await fetch(url)).status, 200)
    await update(good, breaker(true))
    await settled(good)
  })

  describe('with alarms', () => {
    const alarmNames = ['errors', 'slow']
    const turn = async (state: 'ALARM' | 'OK') =>
      void (await world.aws`aws cloudwatch set-alarm-state --alarm-name errors --state-value ${state} --state-reason test`)
    const settings = (enable: boolean) => ({
      deploymentConfiguration: { alarms: { alarmNames, enable, rollback: enable } },
    })
    const watching = async () => {
      const [{ serviceDeploymentArn } = { serviceDeploymentArn: '' }] = await serviceDeployments()
      const { serviceDeployments: described } = await world.aws<{
        serviceDeployments: { status: string; alarms: { status: string; triggeredAlarmNames: string[] } }[]
      }>`aws ecs describe-service-deployments --service-deployment-arns ${serviceDeploymentArn}`
      return described[0]!
    }
    before(async () => {
      for (const alarm of alarmNames)
        await world.aws`aws cloudwatch put-metric-alarm --alarm-name ${alarm} --metric-name m --namespace n --statistic Sum --period 60 --evaluation-periods 3 --threshold 1 --comparison-operator GreaterThanThreshold`
    })
    after(() => update(`${family}:1`, settings(false)).then(() => settled(`${family}:1`)))

    it('is complete only when they were watched for a while after the last old task', async () => {
      const definition = await register()
      await update(definition, settings(true))
      // the old deployment is kept for the way back
      const watched = await eventually('only new tasks are left', async () => {
        const { deployments } = await service()
        return deployments[1]?.runningCount === 0 && deployments[0]!.runningCount === 2 && deployments[0]
      })
      assert.equal(watched.rolloutState, 'IN_PROGRESS')
      const { deployments, events } = await settled(definition)
      const momentOf = (what: string) => events.find(({ message }) => message.endsWith(what))!.createdAt.getTime()
      const lasted = momentOf(' deployment completed.') - momentOf(' has reached a steady state.')
      assert.ok(lasted > 2_900, `they were watched for ${lasted} ms`)
      assert.equal((await watching()).alarms.status, 'MONITORING_COMPLETE')
      await eventually('the old deployment is gone', async () => (await service()).deployments.length === 1)
      assert.equal(deployments[0]!.rolloutState, 'COMPLETED')
    })

    it('goes back when one sounds, and names it', async () => {
      const last = await service()
      await update(await register(), settings(true))
      // before it begins, an alarm would switch the watch off
      await eventually('it begins', async () => (await serviceDeployments())[0]?.status === 'IN_PROGRESS')
      await turn('ALARM')
      const now = await settled(last.taskDefinition.split('/')[1]!)
      assert.equal(now.deployments[0]!.id, last.deployments[0]!.id)
      assert.ok(hasEvent(now.events, /\(deployment ecs-svc\/\d+\) deployment failed: alarm detected\.$/))
      assert.ok(hasEvent(now.events, /rolling back to deployment ecs-svc\/\d+\.$/))
      const { status, alarms } = await watching()
      assert.equal(status, 'ROLLBACK_SUCCESSFUL')
      assert.deepEqual(alarms, { status: 'TRIGGERED', alarmNames, triggeredAlarmNames: ['errors'] })
    })

    it('is not watched where one is on already, so that it can be the cure', async () => {
      const definition = await register()
      await update(definition, settings(true))
      await settled(definition)
      assert.equal((await watching()).alarms.status, 'DISABLED')
      await turn('OK')
    })
  })

  it('has no two events at one moment, and lists the newest first', async () => {
    const moments = (await service()).events.map(({ createdAt }) => createdAt.getTime())
    assert.ok(moments.length > 10)
    assert.deepEqual(
      moments,
      [...new Set(moments)].toSorted((a, b) => b - a),
    )
  })

  it('of a crashing image is rolled back by the circuit breaker', async () => {
    const { last, now, stopped } = await rolledBack(await register({ mode: 'crash' }))
    assert.equal(now.deployments.length, 1)
    assert.equal(now.deployments[0]!.id, last.deployments[0]!.id)
    assert.ok(hasEvent(now.events, /\(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\.$/))
    assert.ok(hasEvent(now.events, new RegExp(`rolling back to deployment ${last.deployments[0]!.id}\\.$`)))
    const crashed = stopped.filter(({ stopCode }) => stopCode === 'EssentialContainerExited')
    assert.ok(crashed.length >= 3)
    for (const task of crashed) {
      assert.equal(task.stoppedReason, 'Essential container in task exited')
      assert.equal(task.containers[0]?.exitCode, 3)
    }
    assert.equal(await (await fetch(url)).text(), last.taskDefinition.split(':').at(-1))

    const { serviceDeployments: listed } = await world.aws<{
      serviceDeployments: DescribedServiceDeployment[]
    }>`aws ecs list-service-deployments ${where}`
    const [mine] = listed
    assert.equal(mine?.status, 'ROLLBACK_SUCCESSFUL')
    assert.match(mine.statusReason!, /circuit breaker threshold was exceeded\.$/)
    const { serviceDeployments: described } = await world.aws<{
      serviceDeployments: { deploymentCircuitBreaker: { status: string; threshold: number } }[]
    }>`aws ecs describe-service-deployments --service-deployment-arns ${mine.serviceDeploymentArn}`
    const { status, threshold } = described[0]!.deploymentCircuitBreaker
    assert.deepEqual([status, threshold], ['TRIGGERED', 3])
    const { serviceRevisions } = await world.aws<{
      serviceRevisions: { taskDefinition: string }[]
    }>`aws ecs describe-service-revisions --service-revision-arns ${mine.targetServiceRevisionArn}`
    assert.equal(serviceRevisions[0]?.taskDefinition.split(':').at(-1), String(release))
  })

  const failures: [name: string, variant: () => Variant, reason: RegExp][] = [
    [
      'of a tag that was never pushed',
      () => ({ image: `${repository}:none` }),
      /^CannotPullContainerError: pull image manifest has been retried 1 time\(s\): failed to resolve ref .*\/live-quiz-backend:none: .*: not found$/,
    ],
    [
      'for another architecture',
      () => ({ architecture: process.arch === 'arm64' ? 'X86_64' : 'ARM64' }),
      /^CannotPullContainerError: .*image Manifest does not contain descriptor matching platform 'linux\/\w+'$/,
    ],
    [
      'with a missing secret',
      () => ({ secret: `${secretArn}x` }),
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*ResourceNotFoundException: Secrets Manager can't find the specified secret/,
    ],
    [
      'with a missing log group',
      () => ({ logGroup: '/ecs/none' }),
      /^ResourceInitializationError: failed to validate logger args: .*The specified log group does not exist/,
    ],
    [
      'with a missing role',
      () => ({ executionRole: 'none' }),
      /^ECS was unable to assume the role 'arn:aws:iam::000000000000:role\/none'/,
    ],
  ]
  for (const [what, variant, reason] of failures) {
    it(`${what} is rolled back with AWS’s reason`, async () => {
      const { now, stopped } = await rolledBack(await register(variant()))
      const failed = stopped.filter(({ stopCode }) => stopCode === 'TaskFailedToStart')
      assert.ok(failed.length >= 3)
      for (const task of failed) assert.match(task.stoppedReason!, reason)
      assert.ok(hasEvent(now.events, /was unable to place a task\. Reason: /))
    })
  }

  it('of an unhealthy image is rolled back, and names the target group', async () => {
    const { now, stopped } = await rolledBack(await register({ mode: 'sick' }))
    const judged = stopped.filter(({ stoppedReason }) => stoppedReason?.startsWith('Task failed'))
    assert.ok(judged.length >= 3)
    for (const task of judged) {
      assert.equal(task.stopCode, 'ServiceSchedulerInitiated')
      assert.equal(task.stoppedReason, `Task failed ELB health checks in (target-group ${targetGroupArn})`)
    }
    const group = targetGroupArn.replaceAll('/', '\\/')
    const sentence = new RegExp(
      `\\(task \\w+\\) \\(port 3000\\) is unhealthy in \\(target-group ${group}\\) due to \\(reason Health checks failed with these codes: \\[500\\]\\)`,
    )
    assert.ok(hasEvent(now.events, sentence))
  })

  it('of a task that needs more memory than it has says so', async () => {
    const { stopped } = await rolledBack(await register({ mode: 'hungry' }))
    const crashed = stopped.filter(({ stopCode }) => stopCode === 'EssentialContainerExited')
    assert.ok(crashed.length >= 3)
    for (const { containers } of crashed) {
      assert.equal(containers[0]?.exitCode, 137)
      assert.equal(containers[0].reason, 'OutOfMemoryError: Container killed due to memory usage')
    }
  })

  it('is superseded by a newer one', async () => {
    const [first, second] = [await register({ mode: 'sick' }), await register()]
    await update(first)
    await update(second)
    const now = await settled(second)
    assert.equal(now.deployments.length, 1)
    const [last, stopped] = await serviceDeployments()
    assert.deepEqual([last?.status, stopped?.status], ['SUCCESSFUL', 'STOPPED'])
  })

  it('of the same task definition happens only when it is forced', async () => {
    const { taskDefinition, deployments } = await service()
    const definition = taskDefinition.split('/')[1]!
    await update(definition)
    assert.equal((await service()).deployments[0]?.id, deployments[0]?.id)
    await update(definition, { forceNewDeployment: true })
    assert.notEqual((await service()).deployments[0]?.id, deployments[0]?.id)
    await settled(definition)
  })

  it('of an unknown or deregistered task definition is refused', async () => {
    const updateTo = (definition: string) =>
      refusal(world.aws`aws ecs update-service ${where} --task-definition ${definition}`)
    assert.match(await updateTo(`${family}:999`), /\(ClientException\).*TaskDefinition not found/)
    const definition = await register()
    await world.aws`aws ecs deregister-task-definition --task-definition ${definition}`
    assert.match(await updateTo(definition), /\(ClientException\).*TaskDefinition is inactive/)
  })
})
