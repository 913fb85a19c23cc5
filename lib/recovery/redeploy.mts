import type { Target } from '../environment/target.mts'
import { recordBeforeChange } from '../ledger/deployment.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { step } from '../script/narration.mts'
import { followAndVerify, pointLatestAtVerified } from '../service/deploy.mts'
import { deployService, revisionName, type RunningRelease } from '../service/service.mts'
import { asRegistered, registerTaskDefinition, type TaskDefinition } from '../service/task-definition.mts'
import type { StackOutputs } from '../stack/stack.mts'

/** Fails where what runs cannot be run again as it is. */
export function requirePinnedImage({ environment }: Target, { digest, revision }: RunningRelease): void {
  if (digest) return
  throw new Failure(
    `${revisionName(revision)} names its image by tag, which may be another image by now`,
    invocation('backend', environment, '--redeploy'),
  )
}

/**
 * Replaces every task: registers what runs once more and deploys it as any release, under the same release id. A revision of
 * its own keeps the new tasks apart from the old ones, which a forced deployment of the same revision would not: ECS's own
 * rollback would look like success. Returns its ARN. Fails as `followAndVerify`.
 * @param change what differs from the running task definition
 */
export async function redeploy(
  target: Target,
  outputs: StackOutputs,
  running: RunningRelease,
  change: (definition: TaskDefinition) => TaskDefinition = (definition) => definition,
): Promise<string> {
  const { digest, release } = running
  const revision = await step('Deploy the running release with new tasks', async () => {
    const definition = change(asRegistered(running.taskDefinition) as TaskDefinition)
    const registered = await registerTaskDefinition(target, definition)
    await recordBeforeChange({ taskDefinition: registered, digest, release })
    await deployService(target, outputs, registered, running.service)
    return registered
  })
  await followAndVerify(target, outputs, { revision, digest, release }, running)
  // a run that stopped after its push may have left it on an image that never ran
  await pointLatestAtVerified(target, digest)
  return revision
}
