import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchTargetHealth } from '../src/services/drain/watch.ts'
import { createLog } from '../src/services/log.ts'
import { surroundings, targetGroupArn } from './load-balancer.ts'

test('a task asks for itself by its own address, which it reads once', async (t) => {
  const { ask, asked, addressAsked } = await surroundings(t, () => ({ status: 200, state: 'draining' }))
  assert.equal(await ask(), 'draining')
  assert.equal(await ask(), 'draining')
  assert.equal(addressAsked(), 1)
  assert.equal(asked.length, 2)
  const { Action, TargetGroupArn, ...rest } = Object.fromEntries(asked[0]!)
  assert.deepEqual([Action, TargetGroupArn], ['DescribeTargetHealth', targetGroupArn])
  assert.deepEqual([rest['Targets.member.1.Id'], rest['Targets.member.1.Port']], ['10.0.3.7', '3000'])
})

test('an answer that says nothing of the task is an error, and so is a refusal', async (t) => {
  const answers = [{ status: 200 }, { status: 500 }]
  const { ask } = await surroundings(t, () => answers.shift()!)
  await assert.rejects(ask(), /says nothing of this task/)
  await assert.rejects(ask())
})

/** A watch over these answers, an Error for a failed call; resolves when a drain began, or all answers are given. */
async function watched(answers: (string | Error)[], hasSockets: () => boolean = () => true) {
  const lines: string[] = []
  let asked = 0
  let drained = 0
  // the watch itself keeps no process alive
  const alive = setInterval(() => {}, 1_000)
  await new Promise<void>((resolve) => {
    const stop = watchTargetHealth({
      every: 1,
      hasSockets,
      log: createLog('debug', (line) => lines.push(line)),
      onDraining: () => {
        drained += 1
        resolve()
      },
      ask: async () => {
        const answer = answers[asked]
        if (answer === undefined) {
          stop()
          resolve()
          return 'healthy'
        }
        asked += 1
        if (answer instanceof Error) throw answer
        return answer
      },
    })
  })
  clearInterval(alive)
  return { asked, drained, lines }
}

test('a drain begins at the first `draining`, and nobody is asked any more', async () => {
  const { asked, drained } = await watched(['unused', 'initial', 'healthy', 'draining', 'draining'])
  assert.deepEqual({ asked, drained }, { asked: 4, drained: 1 })
})

test('a task that is not registered yet does not drain, one that no longer is does', async () => {
  assert.equal((await watched(['unused', 'unused'])).drained, 0)
  assert.equal((await watched(['unused', 'healthy', 'unused'])).drained, 1)
})

test('a call that fails is made again, and said once until it succeeds', async () => {
  const throttled = new Error('throttled')
  const { drained, lines } = await watched([throttled, throttled, 'healthy', throttled, 'draining'])
  assert.equal(drained, 1)
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).error),
    ['Error: throttled', 'Error: throttled'],
  )
})

test('nobody is asked while there is no socket', async () => {
  let looks = 0
  const { asked, drained } = await watched(['draining'], () => {
    looks += 1
    return looks > 5
  })
  assert.deepEqual({ asked, drained, looks }, { asked: 1, drained: 1, looks: 6 })
})
