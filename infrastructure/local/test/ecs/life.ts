import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusal, eventually } from '../expectations.ts'
import {
  cluster,
  createCluster,
  deleteCluster,
  digest,
  family,
  name,
  network,
  register,
  service,
  settled,
  startService,
  targetGroupArn,
  tasks,
  update,
  url,
  where,
  world,
  type DescribedService,
  type DescribedTask,
} from './service.ts'

describe('a service', () => {
  it('needs a cluster, a network and a target group that exist', async () => {
    const definition = await register()
    const create = (...flags: string[]) =>
      world.aws`aws ecs create-service --cluster ${cluster} --service-name ${name} --task-definition ${definition} --launch-type FARGATE ${flags}`
    assert.match(await refusal(create()), /\(ClusterNotFoundException\).*Cluster not found/)
    await createCluster()
    assert.match(await refusal(create()), /\(InvalidParameterException\).*Network Configuration must be provided/)
    const nowhere = `targetGroupArn=${targetGroupArn}0,containerName=websocket-server,containerPort=3000`
    const blocked = 'maximumPercent=100,minimumHealthyPercent=100'
    assert.match(await refusal(create('--deployment-configuration', blocked)), /will block deployments/)
    assert.match(
      await refusal(create('--network-configuration', network, '--load-balancers', nowhere)),
      /\(InvalidParameterException\)/,
    )
  })

  it('starts its tasks behind the load balancer and reaches a steady state', async () => {
    const now = await startService(`${family}:1`)
    assert.equal(await (await fetch(url)).text(), '1')
    assert.deepEqual(
      now.events.map(({ message }) =>
        message.replaceAll(/\(task \w+\)/g, '(task)').replaceAll(/ecs-svc\/\d{19}/g, 'ecs-svc/N'),
      ),
      [
        `(service ${name}) has reached a steady state.`,
        `(service ${name}) (deployment ecs-svc/N) deployment completed.`,
        `(service ${name}) registered 1 targets in (target-group ${targetGroupArn})`,
        `(service ${name}) registered 1 targets in (target-group ${targetGroupArn})`,
        `(service ${name}) has started 2 tasks: (task) (task).`,
      ],
    )
    assert.match(now.deployments[0]!.rolloutStateReason, /^ECS deployment ecs-svc\/\d{19} completed\.$/)
    await world.aws`aws ecs wait services-stable --cluster ${cluster} --services ${name}`
  })

  it('runs the pushed image, reachable at the tasks’ addresses', async () => {
    const running = await tasks({ serviceName: name })
    assert.equal(running.length, 2)
    for (const { containers } of running) {
      assert.equal(containers[0]?.imageDigest, digest)
      const address = containers[0].networkInterfaces[0]?.privateIpv4Address
      assert.equal((await fetch(`http://${address}:3000/health`)).status, 200)
    }
  })

  it('and its targets look the same in version 1 and version 2 of aws', async () => {
    const query = '[status,runningCount,taskDefinition,deployments[].rolloutState,events[].message]'
    const shown = ['--cluster', cluster, '--services', name, '--query', `services[0].${query}`]
    const seen = await world.aws<[string, number]>`aws ecs describe-services ${shown}`
    assert.equal(seen[1], 2)
    assert.deepEqual(await world.aws2('ecs', 'describe-services', ...shown), seen)
    const group = ['--target-group-arn', targetGroupArn]
    assert.deepEqual(
      await world.aws2('elbv2', 'describe-target-health', ...group),
      await world.aws`aws elbv2 describe-target-health ${group}`,
    )
  })

  it('logs what its containers got: secret, metadata, task role', async () => {
    const [task] = await tasks({ serviceName: name })
    const id = task!.taskArn.split('/').at(-1)!
    const stream = ['--log-group-name', '/ecs/live-quiz', '--log-stream-names', `ecs/websocket-server/${id}`]
    const lines = await eventually('the log arrives', async () => {
      const { events } = await world.aws<{ events: { message: string }[] }>`aws logs filter-log-events ${stream}`
      return events.length >= 4 && events.map(({ message }) => message)
    })
    assert.equal(lines[0], 'release 1')
    assert.match(lines[1]!, /^secret open sesame, endpoint http:\/\/\d+\.\d+\.\d+\.\d+:14800$/)
    const address = task!.containers[0]!.networkInterfaces[0]!.privateIpv4Address
    assert.equal(lines[2], `task ${task!.taskArn} at ${address}`)
    assert.equal(lines[3], `as arn:aws:sts::000000000000:assumed-role/task/${id}`)
  })
})

describe('tasks', () => {
  it('that are killed are replaced, and logs tail --follow shows the new one', async (t) => {
    const tail = await world.follow('logs', 'tail', '/ecs/live-quiz', '--follow', '--since', '1m')
    t.after(tail.stop)
    const [victim, survivor] = await tasks({ serviceName: name })
    const id = victim!.taskArn.split('/').at(-1)!
    const containers = (await world.containers()).split('\n')
    await world.docker(['kill', containers.find((container) => container.endsWith(id))!])
    await eventually('the task is replaced', async () => {
      const running = await tasks({ serviceName: name })
      return (
        running.length === 2 &&
        running.every((task) => task.taskArn !== victim!.taskArn && task.lastStatus === 'RUNNING')
      )
    })
    await eventually('a steady state', async () =>
      (await service()).events[0]?.message.endsWith('has reached a steady state.'),
    )
    const running = await tasks({ serviceName: name })
    const fresh = running.find(({ taskArn }) => taskArn !== survivor!.taskArn)!
    const stream = `ecs/websocket-server/${fresh.taskArn.split('/').at(-1)}`
    await eventually(`the tail shows ${stream}`, async () => tail.shown().includes(` ${stream} release 1\n`))
  })

  it('become more and fewer with the desired count, without a deployment', async () => {
    const [deployment] = (await service()).deployments
    for (const count of [3, 1]) {
      await world.aws`aws ecs update-service ${where} --desired-count ${String(count)}`
      await eventually(`${count} tasks`, async () => {
        const now = await service()
        return (
          now.runningCount === count &&
          now.pendingCount === 0 &&
          (await world.containers()).split('\n').length === count
        )
      })
      assert.equal((await service()).deployments[0]?.id, deployment?.id)
    }
  })

  it('that ignore SIGTERM are killed when their stop timeout is over', async () => {
    const definition = await register({ mode: 'stubborn', stopTimeout: 2 })
    await world.aws`aws ecs update-service ${where} --task-definition ${definition}`
    await settled(definition)
    const [{ taskArn }] = (await tasks({ serviceName: name })) as [DescribedTask]
    await world.aws`aws ecs wait tasks-running --cluster ${cluster} --tasks ${taskArn}`
    await update(definition, { desiredCount: 0 })
    // aws looks every six seconds
    await eventually('it has stopped', async () =>
      (await tasks({ desiredStatus: 'STOPPED' })).some(
        (task) => task.taskArn === taskArn && task.lastStatus === 'STOPPED',
      ),
    )
    await world.aws`aws ecs wait tasks-stopped --cluster ${cluster} --tasks ${taskArn}`
    const { tasks: stopped } = await world.aws<{
      tasks: (DescribedTask & { stoppingAt: number; executionStoppedAt: number })[]
    }>`aws ecs describe-tasks --cluster ${cluster} --tasks ${taskArn}`
    assert.equal(stopped[0]!.containers[0]!.exitCode, 137)
    assert.ok(stopped[0]!.executionStoppedAt - stopped[0]!.stoppingAt >= 2)
    // for what follows
    await update(definition, { desiredCount: 1 })
  })
})

describe('deleting', () => {
  it('a cluster is refused while a service lives', async () => {
    await assert.rejects(deleteCluster(), {
      code: 'ClusterContainsServicesException',
      message: 'The Cluster cannot be deleted while Services are active.',
    })
  })

  it('a service with tasks is refused unless forced; then it drains', async () => {
    assert.match(
      await refusal(world.aws`aws ecs delete-service ${where}`),
      /\(InvalidParameterException\).*The service cannot be stopped while it is scaled above 0/,
    )
    const { service: draining } = await world.aws<{
      service: DescribedService
    }>`aws ecs delete-service ${where} --force`
    assert.equal(draining.status, 'DRAINING')
    const updated = world.aws`aws ecs update-service ${where} --task-definition ${family}`
    assert.match(await refusal(updated), /\(ServiceNotActiveException\)/)
    // aws looks every fifteen seconds
    await eventually('it is inactive', async () => (await service()).status === 'INACTIVE')
    await world.aws`aws ecs wait services-inactive --cluster ${cluster} --services ${name}`
    const gone = await service()
    assert.deepEqual([gone.status, gone.deployments], ['INACTIVE', []])
  })

  it('leaves no container', async () => {
    await deleteCluster()
    assert.equal(await world.containers(), '')
  })
})
