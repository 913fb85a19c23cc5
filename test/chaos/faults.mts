import assert from 'node:assert/strict'
import { faultKinds } from '../../infrastructure/local/testing.ts'
import { pick } from './chance.mts'
import { verbs, type Verb, type World } from './world.mts'

export interface FaultCase {
  verb: Verb
  kind: (typeof faultKinds)[number]
  service: string
  action: string
  /** Every such call of the run, and not the first only. */
  lasts: boolean
}

const rehearsed = new Map<Verb, string[]>()

/** One of the calls that a verb makes, and what happens to it. The first time, the verb is run to see which these are. */
export async function faultCase(world: World, number: number): Promise<FaultCase> {
  const verb = pick(
    verbs.filter((each) => each !== 'all'),
    'verb',
    number,
  )
  const calls = rehearsed.get(verb) ?? (await callsOf(world, verb))
  rehearsed.set(verb, calls)
  const [service = '', action = ''] = pick(calls, 'call', number).split(' ')
  return { verb, service, action, kind: pick(faultKinds, 'kind', number), lasts: pick([false, true], 'lasts', number) }
}

async function callsOf(world: World, verb: Verb): Promise<string[]> {
  const since = world.calls().length
  const ran = await world.run(await world.prepare(verb))
  assert.equal(ran.exitCode, 0, ran.output)
  // the tasks call too, and ECS takes on their role: without it no task starts, and rolling back is right
  const calls = world
    .calls(since)
    .filter(
      ({ caller, action, resource }) =>
        !/task/i.test(caller) && !(action === 'AssumeRole' && resource?.endsWith('-task')),
    )
  return [...new Set(calls.map(({ service, action }) => `${service} ${action}`))].toSorted()
}
