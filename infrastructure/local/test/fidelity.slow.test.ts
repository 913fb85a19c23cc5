import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { cloudFormationTests, stackRemovalTests } from './fidelity/cloudformation.ts'
import { ecrTests, repositoryRemovalTests } from './fidelity/ecr.ts'
import { ecsTests, serviceRemovalTests } from './fidelity/ecs.ts'
import { edgeTests } from './fidelity/edge.ts'
import { motoTests } from './fidelity/moto.ts'
import { startWorld } from './fidelity/world.ts'

/*
 * The answers of every room, in the course of one deployment, against AWS's own service models. `valid` and `refused`
 * hold each answer against them; the tests add what only the deployment knows.
 */
const world = await startWorld()
after(() => world.close())

cloudFormationTests(world)
motoTests(world)
ecrTests(world)
ecsTests(world)
edgeTests(world)
serviceRemovalTests(world)
repositoryRemovalTests(world)
stackRemovalTests(world)

test('no action is answered here that this suite has not held against its model', () => {
  const unseen = world.actions.filter((action) => !world.validated.has(action))
  assert.deepEqual(unseen, [])
})
