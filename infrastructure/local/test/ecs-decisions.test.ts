import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failureThreshold, isTripped, launchPause } from '../ecs/circuit-breaker.ts'
import { isSettled, planTasks, type PlannedTask, type Situation } from '../ecs/plan.ts'
import { taskHealth } from '../ecs/task-health.ts'
import type { Task } from '../ecs/model.ts'
import type { TargetHealth, TargetState } from '../elb/targets.ts'

/** `o` old, `n` new; healthy as they stand, `?` starting, `!` unhealthy: `o1 n1?`. */
function tasks(words: string): PlannedTask[] {
  return words
    .split(' ')
    .filter(Boolean)
    .map((word) => ({
      id: word.replace(/[?!]/, ''),
      primary: word.startsWith('n'),
      state: word.endsWith('?') ? 'starting' : word.endsWith('!') ? 'unhealthy' : 'healthy',
    }))
}

const rolling = { minimumHealthyPercent: 100, maximumPercent: 200, mayStart: true }

describe('the plan of a deployment', () => {
  const cases: [
    name: string,
    situation: Partial<Situation>,
    standing: string,
    start: number,
    replace: string,
    retire: string,
  ][] = [
    ['starts all of the first deployment at once', { desiredCount: 2 }, '', 2, '', ''],
    [
      'starts as many new tasks as the maximum has room for',
      { desiredCount: 2, maximumPercent: 150 },
      'o1 o2',
      1,
      '',
      '',
    ],
    ['leaves the old tasks while the new ones start', { desiredCount: 2 }, 'o1 o2 n1? n2?', 0, '', ''],
    ['lets one old task go for each new one that is healthy', { desiredCount: 2 }, 'o1 o2 n1 n2?', 0, '', 'o1'],
    ['lets all old tasks go when all new ones are healthy', { desiredCount: 2 }, 'o1 o2 n1 n2', 0, '', 'o1 o2'],
    ['does not wait for an old task that never became healthy', { desiredCount: 1 }, 'o1? n1?', 0, '', 'o1'],
    [
      'stops an old task first where the maximum leaves no room',
      { desiredCount: 2, minimumHealthyPercent: 50, maximumPercent: 100 },
      'o1 o2',
      0,
      '',
      'o1',
    ],
    [
      'never goes below the minimum of healthy tasks',
      { desiredCount: 2, minimumHealthyPercent: 100, maximumPercent: 100 },
      'o1 o2',
      0,
      '',
      '',
    ],
    [
      'keeps old tasks above the minimum as long as there is room for new ones',
      { desiredCount: 4, minimumHealthyPercent: 50 },
      'o1 o2 o3 o4',
      4,
      '',
      '',
    ],
    ['replaces an unhealthy task', { desiredCount: 2 }, 'n1 n2!', 1, 'n2', ''],
    [
      'starts nothing while the deployment pauses or has failed',
      { desiredCount: 2, mayStart: false },
      'o1 o2',
      0,
      '',
      '',
    ],
    [
      'keeps what still runs of the old when the new has failed',
      { desiredCount: 2, mayStart: false },
      'o1 o2? n1',
      0,
      '',
      '',
    ],
    ['scales in the newest, and what is not ready before that', { desiredCount: 1 }, 'n1 n2 n3?', 0, '', 'n3 n2'],
    ['scales out in the current deployment', { desiredCount: 3 }, 'n1', 2, '', ''],
    ['stops everything at a desired count of 0', { desiredCount: 0 }, 'o1 n1 n2?', 0, '', 'n2 n1 o1'],
    ['lets a scale-in count as room for the old', { desiredCount: 1 }, 'o1 n1 n2', 0, '', 'n2 o1'],
  ]
  for (const [name, situation, standing, start, replace, retire] of cases) {
    it(name, () => {
      const plan = planTasks({ ...rolling, desiredCount: 1, ...situation, tasks: tasks(standing) })
      assert.deepEqual(
        { start: plan.start, replace: plan.replace.join(' '), retire: plan.retire.join(' ') },
        { start, replace, retire },
      )
    })
  }

  it('never leaves fewer healthy tasks than before, in any order of events', () => {
    for (const desiredCount of [1, 2, 3, 5]) {
      let standing = tasks(Array.from({ length: desiredCount }, (_, index) => `o${index}`).join(' '))
      let serial = 0
      for (let step = 0; step < 100 && standing.some(({ primary }) => !primary); step += 1) {
        const plan = planTasks({ ...rolling, desiredCount, tasks: standing })
        standing = standing.filter(({ id }) => !plan.retire.includes(id) && !plan.replace.includes(id))
        assert.ok(standing.filter(({ state }) => state === 'healthy').length >= desiredCount)
        assert.ok(standing.length + plan.start <= desiredCount * 2)
        for (let count = 0; count < plan.start; count += 1) standing.push(...tasks(`n${(serial += 1)}?`))
        // one of the new tasks becomes healthy between two looks
        const ready = standing.find(({ state }) => state === 'starting')
        if (ready) ready.state = 'healthy'
      }
      assert.equal(standing.filter(({ primary }) => primary).length, desiredCount)
      assert.ok(standing.every(({ primary }) => primary))
    }
  })
})

describe('a service is settled', () => {
  it('when exactly the desired tasks of the current deployment are healthy', () => {
    assert.equal(isSettled({ desiredCount: 2, tasks: tasks('n1 n2') }, 0), true)
  })
  for (const [why, standing, stopping] of [
    ['a task is missing', 'n1', 0],
    ['a task is starting', 'n1 n2?', 0],
    ['an old task runs', 'n1 n2 o1', 0],
    ['an old task is still draining', 'n1 n2', 1],
  ] as const) {
    it(`not while ${why}`, () => assert.equal(isSettled({ desiredCount: 2, tasks: tasks(standing) }, stopping), false))
  }
})

describe('the circuit breaker', () => {
  for (const [desired, threshold] of [
    [0, 3],
    [1, 3],
    [6, 3],
    [7, 4],
    [20, 10],
    [400, 200],
    [1000, 200],
  ] as const) {
    it(`trips after ${threshold} failures of ${desired} desired tasks`, () => {
      assert.equal(failureThreshold(desired), threshold)
      const deployment = { rolloutState: 'IN_PROGRESS', proven: false, failedTasks: threshold }
      assert.equal(isTripped(deployment, desired, { enable: true }), true)
      assert.equal(isTripped({ ...deployment, failedTasks: threshold - 1 }, desired, { enable: true }), false)
    })
  }

  it('trips neither when off, nor after a healthy task, nor after the end', () => {
    const deployment = { rolloutState: 'IN_PROGRESS', proven: false, failedTasks: 9 }
    assert.equal(isTripped(deployment, 1, { enable: false }), false)
    assert.equal(isTripped({ ...deployment, proven: true }, 1, { enable: true }), false)
    assert.equal(isTripped({ ...deployment, rolloutState: 'COMPLETED' }, 1, { enable: true }), false)
  })

  it('is preceded by ever longer pauses, up to half a minute', () => {
    assert.deepEqual([0, 1, 2, 3, 20].map(launchPause), [0, 500, 1000, 2000, 30_000])
  })
})

const behind = (...states: (TargetState | undefined)[]) =>
  states.map((state) => ({
    targetGroupArn: 'group',
    port: 3000,
    health: state && ({ id: '10.0.0.1', port: 3000, state, description: 'codes: [500]' } satisfies TargetHealth),
  }))

describe('a task', () => {
  const now = Date.now()
  const containerDefinitions = [{ name: 'web' }] as Task['definition']['containerDefinitions']
  const running = {
    lastStatus: 'RUNNING',
    startedAt: new Date(now - 5_000),
    healthStatus: 'UNKNOWN',
    definition: { containerDefinitions } as Task['definition'],
  } as const
  const checked = {
    definition: {
      containerDefinitions: [{ name: 'web', healthCheck: { command: [] } }],
    } as unknown as Task['definition'],
  }
  const settings = { grace: 0, settle: 2_000 }
  it('is starting until it runs', () => {
    assert.equal(taskHealth({ ...running, lastStatus: 'PENDING' }, behind('healthy'), settings, now).state, 'starting')
  })
  it('is healthy when its target is', () => {
    assert.equal(taskHealth(running, behind('healthy'), settings, now).state, 'healthy')
  })
  it('is starting until all its targets are healthy', () => {
    for (const state of ['initial', 'unused', 'draining', undefined] as const) {
      assert.equal(taskHealth(running, behind('healthy', state), settings, now).state, 'starting')
    }
  })
  it('is unhealthy when a target is, and says which and why', () => {
    assert.deepEqual(taskHealth(running, behind('unhealthy'), settings, now), {
      state: 'unhealthy',
      targetGroupArn: 'group',
      port: 3000,
      description: 'codes: [500]',
    })
  })
  it('is not unhealthy within its grace period', () => {
    assert.equal(taskHealth(running, behind('unhealthy'), { ...settings, grace: 6_000 }, now).state, 'starting')
  })
  it('is as healthy as its container says, where the task definition asks it', () => {
    const states = (['UNKNOWN', 'HEALTHY', 'UNHEALTHY'] as const).map(
      (healthStatus) => taskHealth({ ...running, ...checked, healthStatus }, behind('healthy'), settings, now).state,
    )
    assert.deepEqual(states, ['starting', 'healthy', 'unhealthy'])
  })
  it('without a check is healthy when it has run for a while', () => {
    assert.equal(taskHealth(running, [], settings, now).state, 'healthy')
    assert.equal(taskHealth(running, [], { ...settings, settle: 6_000 }, now).state, 'starting')
  })
})
