#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Deploys the backend of an environment: image, task definition, service; then waits until the new version answers.
 *
 *   ./deploy/backend.mts <environment> [--redeploy] [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run deploy:backend production              make deploy-backend ENV=production
 *
 *   environment   development, staging, production or local
 *   --redeploy    deploy even when image and task definition are unchanged
 *   --dry-run     build, show every command that would follow, change nothing there
 *   --force       deploy even while a quiz is live, and to production even from uncommitted or unpushed code
 *   --wait-idle   wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Needs the stack (deploy/infrastructure.mts), a Docker engine and credentials of the environment's account.
 * Leaves the image in ECR under `latest` and `<UTC timestamp>-<git sha>`, a task definition revision pinned to its
 * digest, and the service running it. Exit codes: 0 deployed, 3 rolled back, 4 superseded by a newer deployment, 5 still
 * running after ROLLOUT_TIMEOUT_SECONDS, 6 not verified since AWS did not answer, 1 failed. A failure prints why: tasks,
 * log lines, target health, events. After 5 and 6 nothing is undone: the same command again verifies what runs, as long as
 * Docker still has the layers that it was built of.
 */
import { backendFlags, parseArguments } from '../lib/environment/arguments.mts'
import { requireTarget, selectEnvironment, type Target } from '../lib/environment/target.mts'
import { requireDockerEngine } from '../lib/image/docker.mts'
import { buildPlainImage, copyBackend, logInTo, pushImage, tagImage, type Image } from '../lib/image/image.mts'
import { ensureRepository, findRepository } from '../lib/image/repository.mts'
import { lockAndRecord, noteInRecord, recordBeforeChange, recordStage } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy, requireNoLiveQuiz, type OnLiveQuiz } from '../lib/ledger/guards.mts'
import { begin, isDryRun, requireMayChange } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo, printTimeline, say, step, beginStage } from '../lib/script/narration.mts'
import { alreadyRuns, undoCommand, verifyRollout, verifyRunning, waitForRollout } from '../lib/service/deploy.mts'
import { deployService, revisionName, readRunningRelease } from '../lib/service/service.mts'
import { registerTaskDefinition, tableInUse, taskDefinition } from '../lib/service/task-definition.mts'
import { requireStackOutputs, type StackOutputs } from '../lib/stack/stack.mts'

const step10 = '10. Verify that the tasks are healthy and answer'

await main(import.meta, async (argv) => {
  const { environment, ...options } = parseArguments(argv, backendFlags)
  const { target, repository } = await step('1. Validate the environment', async () => {
    const place = await selectEnvironment(environment)
    const finding = begin(() => findRepository(place.names.repository))
    return { target: await requireTarget(place), repository: finding }
  })
  await requireDockerEngine()
  const outputs = await requireStackOutputs(target)
  await confirmMayDeploy(target, options)
  await lockAndRecord(target, { verb: 'backend' }, () => deployBackend(target, outputs, { ...options, repository }))
  printTimeline()
})

export interface BackendOptions extends OnLiveQuiz {
  redeploy: boolean
  /** The image, where one is already built. */
  image?: Image
  /** The URI of its repository, where it is already asked for. */
  repository?: Promise<string | undefined>
}

export async function deployBackend(target: Target, outputs: StackOutputs, options: BackendOptions): Promise<void> {
  await recordStage('backend', () => takeSteps(target, outputs, options))
}

async function takeSteps(target: Target, outputs: StackOutputs, options: BackendOptions): Promise<void> {
  const { names, release } = target
  beginStage(`Backend: ${names.service} in ${names.cluster}`)
  // while Docker builds
  const asked = begin(() => readRunningRelease(target))
  const repository = await step('2. Create the ECR repository if it does not exist', () =>
    ensureRepository(target, options.repository),
  )
  await step('3. Authenticate with ECR', () => logInTo(repository, target))
  const image = options.image ?? (await buildImage(target)) // 4. and 5.

  const running = await asked
  const table = tableInUse(target, outputs, running)
  if (table !== outputs.ApplicationTableName) say(`the restored table ${table} stays in use`)
  const definition = (reference: string, id: string) =>
    taskDefinition(target, outputs, { image: reference, platform: image.platform, release: id, table })
  if (!options.redeploy && running && (await alreadyRuns(running, image, definition, names.repository))) {
    const { revision, digest, release: id } = running
    say(`unchanged: ${revisionName(revision)} has this image and these settings; nothing is pushed or restarted`)
    noteInRecord({ taskDefinition: revision, digest, release: id })
    await step(step10, () => verifyRunning(target, outputs, running))
    return noteInRecord({ status: 'unchanged' })
  }
  await requireNoLiveQuiz(target, outputs, options)
  await requireMayChange()

  await step(`6. Tag the image with latest and ${release}`, () => tagImage(image, repository, release))
  const digest = await step('7. Push both tags to ECR', () => pushImage(repository, target, outputs.SiteBucketName))
  const revision = await step('8. Force a new ECS deployment', async () => {
    const registered = await registerTaskDefinition(target, definition(`${repository}@${digest}`, release))
    await recordBeforeChange({ taskDefinition: registered, digest, release })
    await deployService(target, outputs, registered, running?.service)
    return registered
  })
  await step('9. Wait until ECS has pulled the image and started the tasks', () =>
    waitForRollout(target, revision, running),
  )
  await step(step10, () => verifyRollout(target, outputs, { revision, digest, release }, running))
  if (running && !isDryRun()) offerUndo(undoCommand(target, running))
}

/** Steps 4 and 5. */
export async function buildImage(target: Target): Promise<Image> {
  const context = await step(`4. Copy .env.${target.environment} to the build context`, () => copyBackend(target))
  const tag = `${target.names.repository}:latest`
  return await step('5. Build the Docker image', () => buildPlainImage(context, tag, target))
}
