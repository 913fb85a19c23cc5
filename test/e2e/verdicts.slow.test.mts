/*
 * How a rollout can end, provoked one after the other on the local AWS: each is reported right, with its exit code, what runs
 * afterwards is what was reported, and `latest` names it. While releases fail, users of the site notice nothing.
 */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { retryUntil } from '../../lib/script/job.mts'
import { survivesInterruption } from './stories/interrupted.mts'
import { checkout, type Checkout, type Ran } from './support/checkout.mts'
import { askInALoop, get } from './support/probe.mts'

const cluster = 'live-quiz-cluster-local'
const update = `aws ecs update-service --cluster ${cluster} --service websocket-service --query service.serviceArn`

describe('the verdict on a rollout', { timeout: 2_700_000 }, () => {
  let copy: Checkout
  let site: string

  const deploy = (env: Record<string, string> = {}) => copy.run(['./deploy/backend.mts', 'local'], { env })
  const service = async () => {
    const { services } = await copy.aws(
      'ecs',
      'describe-services',
      '--cluster',
      cluster,
      '--services',
      'websocket-service',
    )
    return services[0]
  }
  const revisionOf = async (): Promise<string> => (await service()).taskDefinition
  const release = async (): Promise<string> => JSON.parse((await get(`${site}/health`)).body).release
  const named = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1)

  /** Changes a file for one deployment, and puts it back. */
  async function broken(file: string, from: string, to: string, env?: Record<string, string>): Promise<Ran> {
    const path = join(copy.path, file)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(from), `${file} has no ${from}`)
    writeFileSync(path, text.replace(from, to))
    try {
      return await deploy(env)
    } finally {
      writeFileSync(path, text)
    }
  }

  /** The old revision runs on, `latest` names its image, and no request failed. */
  async function unnoticed(attempt: () => Promise<Ran>): Promise<Ran> {
    const [revision, earlier] = [await revisionOf(), await release()]
    const loop = askInALoop([`${site}/health`, `${site}/`, `${site}/api/live`])
    const ran = await attempt()
    const { asked, failures } = await loop.stop()
    assert.deepEqual(failures, [])
    assert.ok(asked > 10, `only ${asked} requests`)
    assert.equal(await revisionOf(), revision, ran.output)
    assert.equal(await release(), earlier)
    const { taskDefinition } = await copy.aws('ecs', 'describe-task-definition', '--task-definition', revision)
    const { imageDetails } = await copy.aws(
      'ecr',
      'describe-images',
      '--repository-name',
      'live-quiz-backend-local',
      '--image-ids',
      'imageTag=latest',
    )
    assert.ok(taskDefinition.containerDefinitions[0].image.endsWith(imageDetails[0].imageDigest), ran.output)
    return ran
  }

  before(async () => {
    copy = await checkout(5600)
    const deployed = await copy.run(['make', 'deploy-local'])
    if (deployed.exitCode !== 0)
      throw new Error(`make deploy-local ended with ${deployed.exitCode}:\n${deployed.output}`)
    site = /^site +(\S+)$/m.exec(deployed.output)![1]!
  })
  after(async () => {
    await copy?.remove()
  })

  it('rolled back (3): the container crashes, and the output shows why', async () => {
    const summary = join(copy.path, '.local', 'summary.md')
    const ran = await unnoticed(() =>
      broken('backend/src/index.ts', '\ntry {', "\ntry {\n  if (Date.now() > 0) throw new Error('provoked crash')", {
        GITHUB_STEP_SUMMARY: summary,
      }),
    )
    assert.equal(ran.exitCode, 3, ran.output)
    assert.match(ran.stderr, /error: rolled back: websocket-task-local:\d+: .*circuit breaker/)
    assert.match(ran.stderr, /× Essential container in task exited \(exit code 1\)/)
    assert.match(ran.stderr, /last lines of task [\s\S]*provoked crash/)
    assert.match(ran.stderr, /changed since websocket-task-local:1\n {2}image: sha256:\w+ → sha256:\w+/)
    assert.match(ran.stderr, /hint\n {2}crash at start/)
    assert.match(
      readFileSync(summary, 'utf8'),
      /### local: rolled back[\s\S]*error: rolled back: [\s\S]*provoked crash/,
    )
  })

  it('rolled back (3): the health path answers 500', async () => {
    const ran = await unnoticed(() =>
      broken('backend/src/routes/health.ts', "'ok', release })", "'ok', release }, 500)"),
    )
    assert.equal(ran.exitCode, 3, ran.output)
    assert.match(ran.stderr, /hint\n {2}health path/)
  })

  it('rolled back (3): a secret of the task does not exist', async () => {
    const ran = await unnoticed(() =>
      broken(
        'lib/service/task-definition.mts',
        'valueFrom: outputs.AdminSecretArn',
        'valueFrom: `${outputs.AdminSecretArn}-gone`',
      ),
    )
    assert.equal(ran.exitCode, 3, ran.output)
    assert.match(ran.stderr, /ResourceInitializationError/)
    assert.match(ran.stderr, /hint\n {2}secret missing/)
  })

  it('rolled back (3): the image has a tag that was never pushed', async () => {
    const ran = await unnoticed(() =>
      broken(
        'lib/service/task-definition.mts',
        '        image,\n',
        "        image: image.replace(/@.*/, ':never-pushed'),\n",
      ),
    )
    assert.equal(ran.exitCode, 3, ran.output)
    assert.match(ran.stderr, /CannotPullContainerError/)
    assert.match(ran.stderr, /hint\n {2}image missing/)
  })

  it('rolled back (3): the tasks have another CPU than the image was built for', async () => {
    const ran = await unnoticed(() =>
      broken('lib/service/task-definition.mts', "? 'ARM64' : 'X86_64'", "? 'X86_64' : 'ARM64'"),
    )
    assert.equal(ran.exitCode, 3, ran.output)
    assert.match(ran.stderr, /hint\n {2}architecture/)
  })

  it('rolled back (3): ECS is content, and the release that answers is another', async () => {
    const ran = await unnoticed(() =>
      broken(
        'backend/src/routes/health.ts',
        "{ status: 'ok', release }",
        "{ status: 'ok', release: `not ${release}` }",
      ),
    )
    assert.equal(ran.exitCode, 3, ran.output)
    assert.match(ran.stderr, /error: rolled back: .*verification failed: .*\/health answers 200, not release/)
  })

  it('still running (5): the time budget ends before the rollout', async () => {
    const settings = join(copy.path, 'env/.env.local')
    const text = readFileSync(settings, 'utf8')
    appendFileSync(settings, 'ROLLOUT_TIMEOUT_SECONDS=1\n')
    const ran = await copy.run(['./deploy/backend.mts', 'local', '--redeploy'])
    writeFileSync(settings, text)
    assert.equal(ran.exitCode, 5, ran.output)
    assert.match(ran.stderr, /warning: still running: [\s\S]*remedy: .*\.\/deploy\/watch\.mts local/)
    const watched = await copy.run(['./deploy/watch.mts', 'local'])
    assert.equal(watched.exitCode, 0, watched.output)
  })

  it('superseded (4): someone else sets the service to a broken revision', async () => {
    const { taskDefinition } = await copy.aws(
      'ecs',
      'describe-task-definition',
      '--task-definition',
      await revisionOf(),
    )
    const { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn } = taskDefinition
    const [container] = taskDefinition.containerDefinitions
    const image = container.image.replace(/@.*/, ':no-such-tag')
    const file = join(copy.path, '.local', 'theirs.json')
    writeFileSync(
      file,
      JSON.stringify({
        family,
        cpu,
        memory,
        networkMode,
        requiresCompatibilities,
        executionRoleArn,
        taskRoleArn,
        containerDefinitions: [{ ...container, image }],
      }),
    )
    const registered = await copy.aws('ecs', 'register-task-definition', '--cli-input-json', `file://${file}`)
    const theirs = named(registered.taskDefinition.taskDefinitionArn)
    const loop = askInALoop([`${site}/health`])
    const mine = copy.start(['./deploy/backend.mts', 'local', '--redeploy'])
    await mine.saying(/aws ecs update-service[\s\S]* s  websocket-task/)
    await copy.aws(...update.split(' ').slice(1), '--task-definition', theirs)
    const ran = await mine.ended
    assert.equal(ran.exitCode, 4, ran.output)
    assert.match(ran.stderr, new RegExp(`error: superseded: .*: by ${theirs}, started 20`))
    assert.deepEqual((await loop.stop()).failures, [])
  })

  it('failed (1): the service wants no task, so nothing was verified', async () => {
    await copy.runThere(`${update} --desired-count 0`)
    const ran = await copy.run(['./deploy/backend.mts', 'local', '--redeploy'])
    assert.equal(ran.exitCode, 1, ran.output)
    assert.match(ran.stderr, /error: failed: .*the desired count is 0: nothing runs, and nothing was verified/)
  })

  it('deployed (0): a good release after all that', async () => {
    await copy.runThere(`${update} --desired-count 1`)
    const ran = await copy.run(['./deploy/backend.mts', 'local', '--redeploy'])
    assert.equal(ran.exitCode, 0, ran.output)
    assert.match(ran.stderr, /rolled out: .*1 of 1 tasks run it[\s\S]*deployed: .*verified/)
    assert.ok(ran.stderr.includes(await release()))
  })

  survivesInterruption(() => copy)

  it('failed (1): a service that is new and crashes has nothing to go back to', async () => {
    const path = join(copy.path, 'backend/src/index.ts')
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('\ntry {', "\ntry {\n  if (Date.now() > 0) throw new Error('provoked crash')"),
    )
    await copy.aws('ecs', 'delete-service', '--cluster', cluster, '--service', 'websocket-service', '--force')
    await retryUntil(async () => assert.equal((await service()).status, 'INACTIVE'), { within: 120_000, every: 500 })
    const ran = await deploy()
    assert.equal(ran.exitCode, 1, ran.output)
    assert.match(ran.output, /error: failed: websocket-task-local:\d+: /)
    assert.match(ran.output, /provoked crash/)
  })
})
