/*
 * The way back, on the local AWS: three releases, then each rollback of a part, of all, and of the stack, with the
 * refusals between them. Anyone who loads the page, or has had it open since the first release, notices nothing. The tests
 * build on each other, in order.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { changing, checkout, type Checkout, type Ran } from './support/checkout.mts'
import { browseInALoop, get } from './support/probe.mts'

const cluster = 'live-quiz-cluster-local'
const stack = 'LiveQuizEventStack-local'
const repository = 'live-quiz-backend-local'
const cdk = (command: string) => `cd infrastructure && npx cdk ${command} -c environment=local --require-approval never`

describe('the way back', { timeout: 2_700_000 }, () => {
  let copy: Checkout
  let site: string
  let bucket: string
  let visitors: ReturnType<typeof browseInALoop>
  /** Ids of the three releases, and the digest of each one's image. */
  const releases: string[] = []
  const digests: string[] = []

  function edit(file: string, from: string, to: string): void {
    const path = join(copy.path, file)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(from), `${file} has no ${from}`)
    writeFileSync(path, text.replace(from, to))
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
      cwd: copy.path,
      encoding: 'utf8',
    })
  async function good(command: string[], started = copy.run(command)): Promise<Ran> {
    const ran = await started
    assert.equal(ran.exitCode, 0, `${command.join(' ')}\n${ran.output}`)
    return ran
  }
  const inShell = (line: string) => good([line], copy.runThere(line))
  const release = async (): Promise<string> => JSON.parse((await get(`${site}/health`)).body).release
  const page = async () => /name="release" content="([^"]*)"/.exec((await get(`${site}/`)).body)?.[1]

  /** What is live: the revision's number, the digest of the running tasks, and that of `latest`. */
  async function running() {
    const { stdout } = await inShell(
      [
        `aws ecs describe-services --cluster ${cluster} --services websocket-service --query 'services[0].taskDefinition'`,
        `aws ecs describe-tasks --cluster ${cluster} --tasks $(aws ecs list-tasks --cluster ${cluster} --query 'taskArns[]' --output text) --query 'tasks[].containers[].imageDigest'`,
        `aws ecr describe-images --repository-name ${repository} --image-ids imageTag=latest --query 'imageDetails[].imageDigest'`,
      ]
        .map((line) => `${line} --output text`)
        .join('\n'),
    )
    const [revision = '', digest = '', latest = ''] = stdout.trim().split('\n')
    return { revision: Number(revision.split(':').at(-1)), digest, latest }
  }
  /** Everything that a rollback of the backend decides is that of a release, 1 to 3. */
  async function backendIs(number: number): Promise<void> {
    const digest = digests[number - 1]
    assert.deepEqual(await running(), { revision: number, digest, latest: digest })
    assert.equal(await release(), releases[number - 1])
  }
  async function retention(): Promise<number> {
    const { logGroups } = await copy.aws('logs', 'describe-log-groups', '--log-group-name-prefix', '/ecs/')
    return logGroups[0].retentionInDays
  }
  async function status(): Promise<string> {
    const { Stacks } = await copy.aws('cloudformation', 'describe-stacks', '--stack-name', stack)
    return Stacks[0].StackStatus
  }
  /** What was changed; what the backend writes to its table is no deployment's doing. */
  const changesSince = (line: number) =>
    copy
      .calls(line)
      .filter(({ service, action }) => service !== 'dynamodb' && changing.test(action))
      .map(({ service, action }) => `${service} ${action}`)

  before(async () => {
    copy = await checkout(7200)
    for (const edition of [1, 2, 3]) {
      edit('backend/src/routes/health.ts', '\nexport ', `\nexport const edition${edition} = ${edition}\nexport `)
      edit('frontend/src/features/live-connection/connection-details.tsx', '<dt', `<dt data-edition${edition}=""`)
      git('commit', '-qam', `edition ${edition}`)
      const deployed = await good(['make', 'deploy-local'])
      site ??= /^site +(\S+)$/m.exec(deployed.output)![1]!
      bucket ??= /SiteBucketName = (\S+)/.exec(deployed.output)![1]!
      releases.push(await release())
      digests.push((await running()).digest)
      visitors ??= browseInALoop(site, await oldTab())
    }
  })
  after(async () => {
    await visitors?.stop()
    await copy?.remove()
  })

  /** What a tab of the first release asks for only when a button is pressed. */
  async function oldTab(): Promise<string[]> {
    const { body } = await get(`${site}/`)
    const { Contents } = await copy.aws('s3api', 'list-objects-v2', '--bucket', bucket, '--prefix', 'assets/')
    const chunks = Contents.map(({ Key }: { Key: string }) => `/${Key}`).filter((path: string) => path.endsWith('.js'))
    const lazy = chunks.filter((path: string) => !body.includes(path))
    assert.ok(lazy.length > 0, `every script is in the page: ${chunks.join(' ')}`)
    return lazy.map((path: string) => site + path)
  }
  /** A change during which every request to the site is answered. */
  async function unnoticed(change: () => Promise<Ran>): Promise<Ran> {
    const loop = browseInALoop(site, [...(await oldTab()), `${site}/health`])
    const ran = await change()
    const { asked, failures } = await loop.stop()
    assert.deepEqual(failures, [])
    assert.ok(asked > 5, `only ${asked} requests`)
    return ran
  }

  it('answered every request while two releases were deployed', async () => {
    const { asked, failures } = await visitors.stop()
    assert.deepEqual(failures, [])
    assert.ok(asked > 50, `only ${asked} requests`)
    assert.equal(new Set(releases).size, 3)
    assert.equal(new Set(digests).size, 3)
    await backendIs(3)
  })

  it('changes nothing for a revision that the service cannot go back to', async () => {
    const { taskDefinition } = await copy.aws(
      'ecs',
      'describe-task-definition',
      '--task-definition',
      'websocket-task-local:3',
    )
    const { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn } = taskDefinition
    const [container] = taskDefinition.containerDefinitions
    const definition = { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn }
    const variants = {
      inactive: { ...container },
      foreign: { ...container, image: `registry.example.com/other@${digests[0]}` },
      gone: { ...container, image: container.image.replace(/@.*/, `@sha256:${'0'.repeat(64)}`) },
    }
    for (const [name, one] of Object.entries(variants)) {
      const file = join(copy.path, '.local', `${name}.json`)
      writeFileSync(file, JSON.stringify({ ...definition, containerDefinitions: [one] }))
    }
    await inShell(
      [
        ...Object.keys(variants).map(
          (name) =>
            `aws ecs register-task-definition --cli-input-json file://.local/${name}.json --query taskDefinition.revision`,
        ),
        'aws ecs deregister-task-definition --task-definition websocket-task-local:4 --query taskDefinition.status',
      ].join('\n'),
    )
    const since = copy.calls().length
    const refusals: [string, number, RegExp][] = [
      ['99', 1, /there is no websocket-task-local:99/],
      ['4', 1, /websocket-task-local:4 is INACTIVE/],
      ['5', 1, /the image of websocket-task-local:5 is not in live-quiz-backend-local/],
      ['6', 1, /the image of websocket-task-local:6 is not in live-quiz-backend-local/],
      ['1e0', 2, /"1e0" is not a revision number/],
    ]
    const attempts = refusals.map(async ([revision, exitCode, fact]) => {
      const ran = await copy.run(['./deploy/rollback.mts', 'local', revision])
      assert.equal(ran.exitCode, exitCode, ran.output)
      assert.match(ran.stderr, fact)
      assert.match(ran.stderr, /^remedy: /m)
    })
    await Promise.all(attempts)
    assert.deepEqual(changesSince(since), [])
    await backendIs(3)
  })

  it('make rollback to the revision that runs only verifies it', async () => {
    const { output } = await good(['make', 'rollback', 'REV=3', 'ENV=local'])
    assert.match(output, /unchanged: the service already runs websocket-task-local:3; it is only verified/)
    await backendIs(3)
  })

  it('make rollback without REV goes back to the last good release', async () => {
    await good(['make', 'rollback', 'ENV=local'])
    await backendIs(2)
  })

  it('make rollback REV=1 goes back to the first release', async () => {
    const ran = await good(['make', 'rollback', 'REV=1', 'ENV=local'])
    assert.match(ran.output, /undo with: make rollback ENV=local REV=2/)
    await backendIs(1)
  })

  it('cdk deploy of a changed stack, typed by hand, changes nothing of that', async () => {
    edit('infrastructure/lib/compute.ts', 'retention: logRetentionDays', 'retention: logRetentionDays + 4')
    await inShell(cdk('deploy'))
    assert.equal(await retention(), 5)
    await backendIs(1)
  })

  it('make rollback-frontend goes back without a failed request', async (test) => {
    const ran = await unnoticed(() => good(['make', 'rollback-frontend', 'ENV=local']))
    test.diagnostic(`make rollback-frontend took ${ran.seconds.toFixed(1)} s`)
    assert.equal(await page(), releases[1])
    assert.equal(await release(), releases[0])
  })

  it('make rollback-release takes backend and site back, in one record', async () => {
    const ran = await unnoticed(() => good(['make', 'rollback-release', 'ENV=local', `RELEASE=${releases[2]}`]))
    assert.ok(ran.output.indexOf('aws s3 cp') < ran.output.indexOf('aws ecs update-service'), 'the site goes first')
    await backendIs(3)
    assert.equal(await page(), releases[2])
    const { stdout } = await good(['./deploy/releases.mts', 'local', '--json'])
    const [latest] = JSON.parse(stdout).releases
    assert.deepEqual(Object.keys(latest.components).toSorted(), ['backend', 'frontend'])
    assert.equal(latest.verdict, 'deployed')
    assert.ok(latest.rollbackOf, stdout)
  })

  it('make rollback-infrastructure RELEASE=… rolls back what someone deployed by hand', async () => {
    const since = copy.calls().length
    const dry = await good(['make', 'rollback-infrastructure', 'ENV=local', `RELEASE=${releases[2]}`, 'ARGS=--dry-run'])
    assert.match(dry.output, /RetentionInDays[\s\S]*cdk deploy/)
    assert.deepEqual(changesSince(since), [])
    await good(['make', 'rollback-infrastructure', 'ENV=local', `RELEASE=${releases[2]}`])
    assert.notEqual(await retention(), 5)
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1)
    assert.match(git('status', '--porcelain'), /infrastructure\/lib\/compute.ts/)
  })

  it('make rollback-infrastructure without RELEASE undoes a broken change', async () => {
    git('commit', '-qam', 'logs of five days')
    await good(['./deploy/infrastructure.mts', 'local'])
    assert.equal(await retention(), 5)
    const ran = await good(['make', 'rollback-infrastructure', 'ENV=local'])
    assert.match(ran.output, /undo with: make rollback-infrastructure ENV=local RELEASE=/)
    assert.notEqual(await retention(), 5)
  })

  it('make rollback-infrastructure gets a stuck stack out of its failure', async () => {
    const taken = "new LogGroup(this, 'Taken', { logGroupName: names.logGroup })\n    this.logGroup = "
    edit('infrastructure/lib/compute.ts', 'this.logGroup = ', taken)
    const failed = await copy.runThere(cdk('deploy --no-rollback'))
    assert.notEqual(failed.exitCode, 0, failed.output)
    assert.equal(await status(), 'UPDATE_FAILED')
    const ran = await good(['make', 'rollback-infrastructure', 'ENV=local'])
    assert.match(ran.output, /stuck in UPDATE_FAILED[\s\S]*is in UPDATE_ROLLBACK_COMPLETE, as before/)
    assert.equal(await status(), 'UPDATE_ROLLBACK_COMPLETE')
    assert.notEqual(await retention(), 5)
  })

  it('a deployment that failed and was undone leaves nothing to take back', async () => {
    git('commit', '-qam', 'a name that is taken')
    const failed = await copy.run(['./deploy/infrastructure.mts', 'local'])
    assert.equal(failed.exitCode, 1, failed.output)
    const ran = await good(['make', 'rollback-infrastructure', 'ENV=local'])
    assert.match(ran.output, /the infrastructure last: failed\n[\s\S]*nothing to change/)
    assert.equal(await status(), 'UPDATE_ROLLBACK_COMPLETE')
    // none of all that was about the backend
    await backendIs(3)
    assert.equal(await page(), releases[2])
  })

  it('make rollback refuses a revision whose image was deleted from the repository', async () => {
    await inShell(
      `aws ecr batch-delete-image --repository-name ${repository} --image-ids imageDigest=${digests[1]} --query imageIds`,
    )
    const since = copy.calls().length
    const ran = await copy.run(['make', 'rollback', 'REV=2', 'ENV=local'])
    assert.notEqual(ran.exitCode, 0, ran.output)
    assert.match(ran.stderr, /the image of websocket-task-local:2 is not in live-quiz-backend-local/)
    assert.deepEqual(changesSince(since), [])
    await backendIs(3)
  })
})
