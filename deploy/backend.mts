#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * The backend of an environment: image, task definition, service; followed until the new version answers.
 *
 *   ./deploy/backend.mts <environment> [--redeploy] [--dry-run] [--force | --wait-idle] [--yes]
 *   npm run deploy:backend production              make deploy-backend ENV=production
 *
 *   environment   development, staging, production or local
 *   --redeploy    deploy even though image and task definition are what runs
 *   --dry-run     build, show what would follow, change nothing there
 *   --force       also while a quiz is live, and to production from a tree that is not clean and pushed
 *   --wait-idle   wait until no quiz is live
 *   --yes         do not ask for production's name
 *
 * Needs the stack (deploy/infrastructure.mts), a Docker engine and credentials of the environment's account.
 * Leaves the image in ECR under `latest` and `<UTC timestamp>-<git sha>`, a task definition revision pinned to its
 * digest, and the service running it. Exit codes: 0 deployed, 3 rolled back, 4 superseded by a newer deployment, 5 still
 * running when ROLLOUT_TIMEOUT_SECONDS ended, 1 failed. Why is told with tasks, log lines, target health and events.
 */
import { backendFlags, parseArguments } from '../lib/environment/arguments.mts'
import { deployment, type Facts } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy } from '../lib/ledger/guards.mts'
import { inspectImage, plainImageFlags, pushImage, taskPlatform, type Image } from '../lib/image/image.mts'
import { requireNoLiveQuiz, type OnLiveQuiz } from '../lib/service/live-quizzes.mts'
import { main } from '../lib/script/main.mts'
import { say, title } from '../lib/script/narration.mts'
import type { Expected } from '../lib/service/proof.mts'
import { keepImages, ensureRepository } from '../lib/image/repository.mts'
import { runningRelease, runs } from '../lib/service/running-release.mts'
import { deployService, registerTaskDefinition, revisionName, undo } from '../lib/service/service.mts'
import { withSettingsCopy } from '../lib/environment/settings-copy.mts'
import { run, show } from '../lib/script/shell.mts'
import { stackOutputs } from '../lib/stack/stack.mts'
import type { StackOutputs } from '../lib/stack/outputs.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { taskDefinition } from '../lib/service/task-definition.mts'
import { printTimeline } from '../lib/script/timeline.mts'
import { requireTools, dockerEngine } from '../lib/check/tools.mts'
import { followAndProve } from '../lib/service/deploy.mts'

export interface Chosen extends OnLiveQuiz {
  redeploy: boolean
  'dry-run': boolean
}

/** Steps 4 and 5: the environment file goes to the build context, and the image is built for the platform of the tasks. */
export async function buildImage(target: Target): Promise<Image> {
  const platform = await taskPlatform(target.local)
  const tag = `${target.names.repository}:latest`
  await withSettingsCopy('task', target, 'backend/.env', async () => {
    await run`docker build ${await plainImageFlags()} --platform ${platform} --tag ${tag} backend/`
  })
  return inspectImage(tag, platform)
}

/** The other steps. `image` is given where it is built already. */
export async function backend(
  target: Target,
  outputs: StackOutputs,
  { image: built, ...chosen }: { image?: Image } & Chosen,
): Promise<Facts> {
  const { names } = target
  const change = chosen['dry-run'] ? show : run
  title(`Backend: ${names.service} in ${names.cluster}`)
  // 2. repository, created if it is missing
  const repository = await ensureRepository(target, change)
  const image = built ?? (await buildImage(target))
  const running = await runningRelease(target)
  const definition = (reference: string, release: string) =>
    taskDefinition(target, outputs, { image: reference, platform: image.platform, release })

  let expected: Expected
  const unchanged = !chosen.redeploy && running && (await runs(running, image, definition, names.repository))
  if (unchanged) {
    expected = running
    say(
      `unchanged: ${revisionName(running.revision)} has this image and these settings; nothing is pushed, registered or restarted`,
    )
  } else {
    if (!chosen['dry-run']) await requireNoLiveQuiz(target, outputs, chosen)
    // 3., 6. and 7. login, tags, push
    await keepImages(names.repository, change)
    const digest = await pushImage(image, repository, target, change)
    // 8. a revision pinned to the digest, and a new deployment of it
    const revision = await registerTaskDefinition(target, definition(`${repository}@${digest}`, target.release), change)
    await deployService(target, outputs, revision, running?.service, change)
    expected = { revision, digest, release: target.release }
  }
  if (chosen['dry-run']) return {}

  // 9. and 10. the rollout until it is decided, and proof: targets, digest, health, WebSocket
  await followAndProve(target, outputs, expected, running)
  if (running && running.revision !== expected.revision) say(`undo with: ${undo(target, running)}`)
  const { revision, digest, release } = expected
  return { status: unchanged ? 'unchanged' : 'deployed', taskDefinition: revision, digest, release }
}

await main(import.meta, async (argv) => {
  const { environment, ...chosen } = parseArguments(argv, backendFlags)
  // 1. the environment, the account, the engine, the stack
  const target = await resolveTarget(environment)
  requireTools([await dockerEngine()])
  const outputs = await stackOutputs(target)
  if (chosen['dry-run']) return void (await backend(target, outputs, chosen))
  await confirmMayDeploy(target, chosen)
  await deployment(target, 'backend', (recorded) => recorded.backend(() => backend(target, outputs, chosen)))
  printTimeline()
})
