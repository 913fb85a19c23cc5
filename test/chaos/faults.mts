import assert from 'node:assert/strict'
import { faultKinds } from '../../infrastructure/local/testing.ts'
import { verbs, type Verb, type World } from './world.mts'

export interface FaultCase {
  title: string
  verb: Verb
  kind: (typeof faultKinds)[number]
  service: string
  action: string
  /** Every such call of the run, and not the first only. */
  lasts: boolean
}

/** Every call that a verb makes, with every fault, once and lasting: each verb is run once to see which these are. */
export async function faultCases(world: World): Promise<FaultCase[]> {
  const cases: FaultCase[] = []
  for (const verb of verbs.filter((each) => each !== 'all')) {
    const since = world.calls().length
    const ran = await world.run(await world.prepare(verb))
    assert.equal(ran.exitCode, 0, ran.output)
    const calls = world.calls(since).filter(({ caller }) => !/task/i.test(caller))
    const seen = new Set(calls.map(({ service, action }) => `${service} ${action}`))
    for (const call of seen) {
      const [service = '', action = ''] = call.split(' ')
      for (const kind of faultKinds)
        for (const lasts of [false, true])
          cases.push({
            title: `${verb}: ${kind} of ${call}, ${lasts ? 'for good' : 'once'}`,
            verb,
            kind,
            service,
            action,
            lasts,
          })
    }
  }
  return cases
}
