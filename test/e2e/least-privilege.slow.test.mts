/*
 * The whole life of environments as the roles of `make access`, on a local AWS that enforces IAM: an administrator makes
 * the roles and is not needed again. Each role may do what its verbs need, is refused the rest in AWS's words, and has
 * no permission that nothing used. The tests build on each other, in order.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { accessName } from '../../lib/access/names.mts'
import { permissions, rows } from '../../lib/access/rows.mts'
import { type RoleKind, roleKinds } from '../../lib/access/verbs.mts'
import { policiesOf, sidsOf } from '../../lib/access/policies.mts'
import { environmentNames, environments, type Environment } from '../../lib/environment/environments.mts'
import { toAttributes } from '../../lib/ledger/ledger.mts'
import { lockKey } from '../../lib/ledger/lock.mts'
import { checkout, type Checkout, type Ran } from './support/checkout.mts'
import { get } from './support/probe.mts'
import { addAccessSettings, assumeByToken, deniedCalls } from './support/roles.mts'
import { provideSkopeo } from './support/skopeo.mts'
import { outputsOf } from './support/system.mts'

const account = '000000000000'

describe('as the roles of make access', { timeout: 3_600_000 }, () => {
  let copy: Checkout
  /** Each permission that was used, as `statement action`, by role. */
  const used = Object.fromEntries(roleKinds.map((kind) => [kind, new Set<string>()])) as Record<RoleKind, Set<string>>
  /** `verb: statements`, where the table does not have that verb with any of them. */
  const unlisted = new Set<string>()

  const edit = (file: string, change: (text: string) => string) => {
    const path = join(copy.path, file)
    writeFileSync(path, change(readFileSync(path, 'utf8')))
  }
  const denied = (since: number) => deniedCalls(copy, since)

  const roleArn = (environment: Environment, kind: RoleKind) =>
    `arn:aws:iam::${account}:role/${accessName(environment, kind)}`
  const session = (arn: string) => ['--role-arn', arn, '--role-session-name', 'test']
  const byToken = (environment: Environment, kind: RoleKind, subject: string) =>
    assumeByToken(copy, roleArn(environment, kind), subject, 'test')
  const withMfa = (environment: Environment, kind: RoleKind) =>
    copy.aws(
      'sts',
      'assume-role',
      ...session(roleArn(environment, kind)),
      '--serial-number',
      `arn:aws:iam::${account}:mfa/ada`,
      '--token-code',
      '123456',
    )

  const sessions = new Map<string, Promise<NodeJS.ProcessEnv>>()
  /** The keys of a role, which is assumed once, as a job of the environment does. */
  function keysOf(environment: Environment, kind: RoleKind): Promise<NodeJS.ProcessEnv> {
    const assume = async () => {
      const { Credentials } =
        kind === 'recover' || kind === 'break-glass'
          ? await withMfa(environment, kind)
          : await byToken(environment, kind, `repo:acme@11/quiz@22:environment:${environment}`)
      return {
        AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
        AWS_SESSION_TOKEN: Credentials.SessionToken,
      }
    }
    const role = accessName(environment, kind)
    const keys = sessions.get(role) ?? assume()
    sessions.set(role, keys)
    return keys
  }

  /**
   * Runs a line as a role.
   * @param isTheirs whether the verb is one of this role's; what a foreign one gets done before it is refused is in no row
   */
  async function as(environment: Environment, kind: RoleKind, line: string, isTheirs = true): Promise<Ran> {
    const since = copy.calls().length
    const ran = await copy.runThere(line, await keysOf(environment, kind))
    const role = accessName(environment, kind)
    const verb = /deploy\/([\w-]+)\.mts/.exec(line)?.[1]
    for (const call of copy.calls(since))
      for (const { action, sids } of call.caller.includes(`assumed-role/${role}/`) ? (call.needs ?? []) : []) {
        for (const sid of sids) used[kind].add(`${sid} ${action}`)
        const isListed = rows.some(([name, { verbs }]) => sids.includes(name) && verbs.some((each) => each === verb))
        // docker offers to mount a layer from any repository that it knows it of
        const isMount = verb === 'backend' && sids.includes('ReadSourceImages')
        if (isTheirs && verb !== undefined && sids.length > 0 && !isMount && !isListed)
          unlisted.add(`${verb}: ${sids.join(', ')}`)
      }
    return ran
  }
  async function succeeds(environment: Environment, kind: RoleKind, line: string): Promise<Ran> {
    const since = copy.calls().length
    const ran = await as(environment, kind, line)
    assert.equal(ran.exitCode, 0, `${line}\n${ran.output}`)
    assert.deepEqual(denied(since), [], line)
    return ran
  }
  /** Someone else deploys: who, is read from the lock. */
  async function holdLock(environment: Environment): Promise<void> {
    const now = Date.now()
    const held = { holder: 'another', by: 'ada', host: 'laptop', pid: 1, command: 'make deploy-prod', release: 'none' }
    const [since, expiry] = [now, now + 600_000].map((time) => new Date(time).toISOString())
    const item = JSON.stringify(toAttributes({ ...lockKey, ...held, since, expiry }))
    const ledger = ['--table-name', environmentNames(environment).ledger, '--return-consumed-capacity', 'TOTAL']
    await copy.aws('dynamodb', 'put-item', ...ledger, '--item', item)
  }
  async function refused(environment: Environment, kind: RoleKind, line: string, action: string): Promise<void> {
    const ran = await as(environment, kind, line, false)
    assert.notEqual(ran.exitCode, 0, line)
    assert.match(
      ran.output,
      new RegExp(
        `assumed-role/${accessName(environment, kind)}/test is not authorized to perform: ${action} on resource: `,
      ),
      line,
    )
  }

  before(async () => {
    await provideSkopeo()
    copy = await checkout(7700)
    addAccessSettings(copy, environments)
    // a task or two are enough to see what they may do
    for (const environment of ['staging', 'production'])
      edit(`env/.env.${environment}`, (text) =>
        text
          .replace(/TASK_COUNT=\d/, 'TASK_COUNT=1')
          .replace(/ALERT_EMAIL=.*/, 'ALERT_EMAIL=oncall@example.com')
          .replace(/DEREGISTRATION_DELAY_SECONDS=\d+/, 'DEREGISTRATION_DELAY_SECONDS=5'),
      )
    await copy.run(['git', '-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-qam', 'settings'])
  })
  after(() => copy?.remove())

  it('an administrator makes roles and bootstrap, and may do so again', async () => {
    for (const environment of ['production', 'staging', 'development', 'production']) {
      const made = await copy.runThere(`./deploy/access.mts ${environment} --yes`)
      assert.equal(made.exitCode, 0, made.output)
    }
    const { AttachedPolicies } = await copy.aws(
      'iam',
      'list-attached-role-policies',
      '--role-name',
      `cdk-hnb659fds-cfn-exec-role-${account}-us-east-1`,
    )
    assert.deepEqual(
      AttachedPolicies.map((policy: any) => policy.PolicyName),
      ['live-quiz-cloudformation'],
    )
  })

  it('a token of another repository, environment or audience gets no role', async () => {
    for (const subject of [
      'repo:evil/quiz:environment:production',
      'repo:acme/quiz:environment:staging',
      'repo:acme/quiz:pull_request',
    ])
      await assert.rejects(
        byToken('production', 'deploy', subject),
        /AccessDenied.*Not authorized to perform sts:AssumeRoleWithWebIdentity/,
      )
    for (const subject of ['repo:acme/quiz:pull_request', 'repo:acme@11/quiz@22:ref:refs/heads/main'])
      await byToken('production', 'look', subject)
    const arn = roleArn('production', 'break-glass')
    await assert.rejects(
      copy.aws('sts', 'assume-role', ...session(arn)),
      /AccessDenied.*not authorized to perform: sts:AssumeRole on resource/,
    )
  })

  it('deploys development, and staging from it, and production from that', async () => {
    // the failure of a stack is read event by event
    await copy
      .aws('logs', 'create-log-group', '--log-group-name', environmentNames('development').logGroup)
      .catch(() => {})
    const failed = await as('development', 'deploy', './deploy/infrastructure.mts development')
    assert.match(failed.output, /error: the stack LiveQuizEventStack-development failed: .*already exists/i)
    await copy.runThere(`aws logs delete-log-group --log-group-name ${environmentNames('development').logGroup}`)
    await succeeds('development', 'deploy', './deploy/all.mts development --yes')
    await succeeds('staging', 'deploy', './deploy/infrastructure.mts staging --yes')
    await succeeds('production', 'deploy', './deploy/infrastructure.mts production --yes --force')
    await succeeds('staging', 'deploy', './deploy/promote.mts development staging --yes')
    await succeeds('production', 'deploy', './deploy/promote.mts staging production --yes --force')
    for (const environment of ['development', 'staging', 'production'] as const) {
      const { DistributionDomainName } = await outputsOf(copy.aws, environmentNames(environment))
      assert.equal((await get(`http://${DistributionDomainName}/health`)).status, 200)
    }
  })

  it('sees what is not deployed yet', async () => {
    edit('backend/src/routes/health.ts', (text) => text.replace('\nexport ', '\nexport const edition1 = 1\nexport '))
    const { output } = await succeeds('development', 'look', './deploy/diff.mts development image')
    assert.match(output, /runs, and sha256:\w+ is here/)
  })

  for (const kind of ['look', 'deploy'] as const) {
    it(`looks at development as ${kind}, with every verb that looks`, async () => {
      for (const line of [
        'debug',
        'diff',
        'health',
        'invalidation',
        'logs --no-follow',
        'releases',
        'revisions',
        'status',
        'urls',
        'watch',
      ]) {
        const [verb, ...flags] = line.split(' ')
        await succeeds('development', kind, `./deploy/${verb}.mts development ${flags.join(' ')}`)
      }
      // what debug prints, and what comes after it
      const tasks = `--cluster ${environmentNames('development').cluster}`
      const listed = `aws ecs list-tasks ${tasks} --query taskArns --output text`
      await succeeds('development', kind, `aws ecs describe-tasks ${tasks} --tasks $(${listed})`)
      // what is asked where the bootstrap's stack does not say it
      await succeeds('development', kind, 'aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version')
      // what it finds wrong is not what is looked at here; a domain has a certificate to look at
      const since = copy.calls().length
      const settings = 'env/.env.development'
      const text = readFileSync(join(copy.path, settings), 'utf8')
      const certificate = `arn:aws:acm:us-east-1:${account}:certificate/00000000-0000-0000-0000-000000000000`
      edit(settings, () => `${text}SITE_DOMAIN=quiz.example.com\nSITE_CERTIFICATE_ARN=${certificate}\n`)
      const ran = await as('development', kind, './deploy/check.mts development')
      writeFileSync(join(copy.path, settings), text)
      // and so has the recipient of alarms, in staging
      await as('staging', kind, './deploy/check.mts staging drift')
      assert.doesNotMatch(ran.output, /not authorized/)
      assert.deepEqual(denied(since), [])
    })
  }

  it('rolls a release back that never starts, and reads why', async () => {
    const file = 'backend/src/index.ts'
    const source = readFileSync(join(copy.path, file), 'utf8')
    edit(file, (text) => text.replace('\ntry {', "\ntry {\n  if (Date.now() > 0) throw new Error('provoked crash')"))
    const since = copy.calls().length
    const ran = await as('development', 'deploy', './deploy/backend.mts development --yes')
    writeFileSync(join(copy.path, file), source)
    assert.match(ran.output, /rolled back/)
    for (const kind of ['look', 'deploy'] as const)
      assert.match((await as('development', kind, './deploy/watch.mts development')).output, /rolled back/)
    assert.doesNotMatch(ran.output, /not authorized/)
    assert.deepEqual(denied(since), [])
  })

  it('deploys a change, and rolls back site, backend and release', async () => {
    edit('frontend/public/robots.txt', (text) => `${text}# changed by the test\n`)
    for (const line of [
      'frontend development',
      'backend development --redeploy',
      'rollback-frontend development',
      'rollback development',
      'scale development 2',
      'unlock development',
    ]) {
      const [verb, ...rest] = line.split(' ')
      await succeeds('development', 'deploy', `./deploy/${verb}.mts ${rest.join(' ')}`)
    }
  })

  it('cannot read the admin secret, delete, or touch another environment', async () => {
    const staging = environmentNames('staging')
    const { SiteBucketName, DistributionId } = await outputsOf(copy.aws, staging)
    const registry = '127.0.0.1:7700'
    const task = (role: string) =>
      `aws ecs register-task-definition --family websocket-task-development --task-role-arn arn:aws:iam::${account}:role/${role} --requires-compatibilities FARGATE --cpu 256 --memory 512 --network-mode awsvpc --container-definitions '[{"name":"a","image":"b"}]'`
    for (const [action, line] of [
      ['secretsmanager:GetSecretValue', './deploy/admin-secret.mts development --yes'],
      [
        'ecs:DeleteService',
        'aws ecs delete-service --cluster live-quiz-cluster-development --service websocket-service',
      ],
      [
        'ecs:UpdateService',
        `aws ecs update-service --cluster ${staging.cluster} --service ${staging.service} --desired-count 0`,
      ],
      [
        'dynamodb:PutItem',
        `aws dynamodb put-item --table-name ${staging.ledger} --item '{"pk":{"S":"a"},"sk":{"S":"b"}}'`,
      ],
      ['s3:PutObject', `aws s3 cp package.json s3://${SiteBucketName}/index.html`],
      [
        'cloudfront:CreateInvalidation',
        `aws cloudfront create-invalidation --distribution-id ${DistributionId} --paths '/*'`,
      ],
      [
        'ecr:\\w+',
        `aws ecr get-login-password | docker login --username AWS --password-stdin ${registry} && docker tag live-quiz-backend-development:latest ${registry}/${staging.repository}:evil && docker push ${registry}/${staging.repository}:evil`,
      ],
      ['iam:PassRole', task('live-quiz-staging-task')],
      ['iam:PassRole', task('live-quiz-development-deploy')],
    ] as const) {
      await refused('development', 'deploy', line, action)
    }
    await refused('development', 'look', './deploy/frontend.mts development', 'dynamodb:PutItem')
  })

  it('rotates the admin secret as recover, and reads why new tasks do not start', async () => {
    const secret = async () =>
      (await succeeds('staging', 'break-glass', './deploy/admin-secret.mts staging --yes')).stdout.trim()
    const { DistributionDomainName } = await outputsOf(copy.aws, environmentNames('staging'))
    const signIn = async (value: string) => {
      const headers = { authorization: `Bearer ${value}` }
      return (await fetch(`http://${DistributionDomainName}/api/quizzes`, { headers })).status
    }
    const rotate = './deploy/rotate-admin-secret.mts staging'
    await refused('staging', 'deploy', rotate, 'secretsmanager:GetRandomPassword')
    const old = await secret()
    // a run that stopped after its push has left the tag elsewhere
    const repository = ['--repository-name', environmentNames('staging').repository]
    const latest = ['--image-ids', 'imageTag=latest']
    await copy.aws('ecr', 'batch-delete-image', ...repository, ...latest)
    const { output } = await succeeds('staging', 'recover', rotate)
    const fresh = await secret()
    assert.notEqual(fresh, old)
    assert.match(fresh, /^\w{32}$/)
    assert.deepEqual([await signIn(old), await signIn(fresh)], [401, 200])
    assert.deepEqual((await copy.aws('ecr', 'batch-get-image', ...repository, ...latest)).failures, [])
    assert.doesNotMatch(output, new RegExp(`${old}|${fresh}`))

    const since = copy.calls().length
    const group = ['--log-group-name', environmentNames('staging').logGroup]
    await copy.aws('logs', 'delete-log-group', ...group).catch(() => {})
    const ran = await as('staging', 'recover', rotate)
    await copy.aws('logs', 'create-log-group', ...group).catch(() => {})
    assert.match(ran.output, /error: rolled back: websocket-task-staging/)
    assert.match(ran.output, /warning: the new admin secret is stored/)
    assert.deepEqual(denied(since), [])
    await holdLock('staging')
    assert.match((await as('staging', 'recover', rotate)).output, /already being deployed, by ada/)
    await succeeds('staging', 'deploy', './deploy/unlock.mts staging --yes')
    await succeeds('staging', 'recover', rotate)
    assert.deepEqual([await signIn(fresh), await signIn(await secret())], [401, 200])
  })

  it('restores the data of staging as recover; a deployment keeps the table, and a rollback is the way back', async () => {
    const names = environmentNames('staging')
    const own = `${names.prefix}-application`
    const usedTable = async () => {
      const service = ['--cluster', names.cluster, '--services', names.service]
      const { services } = await copy.aws('ecs', 'describe-services', ...service)
      const revision = ['--task-definition', services[0].taskDefinition]
      const { taskDefinition } = await copy.aws('ecs', 'describe-task-definition', ...revision)
      const variables: { name: string; value: string }[] = taskDefinition.containerDefinitions[0].environment
      return variables.find(({ name }) => name === 'APPLICATION_TABLE')?.value
    }
    const marker = { pk: { S: 'marker' }, sk: { S: 'of the test' } }
    const put = ['--item', JSON.stringify(marker), '--return-consumed-capacity', 'TOTAL']
    await copy.aws('dynamodb', 'put-item', '--table-name', own, ...put)

    const moment = new Date().toISOString().replace(/\.\d+/, '')
    const table = names.restoredTablePrefix + moment.replaceAll(/[-:]/g, '')
    const restore = `./deploy/restore.mts staging ${moment}`
    await refused('staging', 'deploy', restore, 'dynamodb:DescribeTable')
    const { output } = await succeeds('staging', 'recover', restore)
    assert.equal(await usedTable(), table)
    const named = ['--table-name', table]
    const { Item } = await copy.aws('dynamodb', 'get-item', ...named, '--key', JSON.stringify(marker))
    assert.deepEqual(Item, marker)
    const { TimeToLiveDescription } = await copy.aws('dynamodb', 'describe-time-to-live', ...named)
    assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' })
    const backups = await copy.aws('dynamodb', 'describe-continuous-backups', ...named)
    assert.match(JSON.stringify(backups), /"PointInTimeRecoveryStatus":"ENABLED"/)
    const arn = `arn:aws:dynamodb:us-east-1:${account}:table/${table}`
    const { Tags } = await copy.aws('dynamodb', 'list-tags-of-resource', '--resource-arn', arn)
    assert.deepEqual(Tags.map(({ Key, Value }: Record<string, string>) => `${Key}=${Value}`).toSorted(), [
      'application=live-quiz',
      'environment=staging',
    ])

    assert.match((await succeeds('staging', 'recover', restore)).output, /unchanged: the service already uses/)
    await succeeds('staging', 'deploy', './deploy/backend.mts staging --redeploy')
    assert.equal(await usedTable(), table)
    const check = async () => (await as('staging', 'look', './deploy/check.mts staging')).stdout
    assert.match(
      await check(),
      /application table +\[FAIL\] +alarm and dashboard watch live-quiz-staging-application, /,
    )
    await succeeds('staging', 'deploy', './deploy/infrastructure.mts staging')
    const alarm = ['--alarm-names', `${names.prefix}-application-table-throttled`]
    const { MetricAlarms } = await copy.aws('cloudwatch', 'describe-alarms', ...alarm)
    assert.match(JSON.stringify(MetricAlarms), new RegExp(table))
    const checked = await check()
    assert.match(checked, new RegExp(`application table +\\[OK\\] +${table}, restored`))
    assert.match(checked, /stack in use +\[OK\]/)

    const back = /undo with: (.*)/.exec(output)?.[1] ?? 'nothing was offered'
    const returned = (await succeeds('staging', 'deploy', back)).output
    assert.match(returned, /warning: .* uses the table live-quiz-staging-application: /)
    assert.match(returned, new RegExp(`alarm and dashboard watch ${table}, .*deploy/infrastructure.mts staging`))
    assert.equal(await usedTable(), own)
    const again = await as('staging', 'recover', restore)
    assert.match(again.output, /error: .* has been in use since .*, and may have been written to/)
  })

  it('destroys development and production as break-glass, which can do nothing else', async () => {
    await refused('production', 'break-glass', 'aws ecs list-tasks --cluster live-quiz-cluster', 'ecs:ListTasks')
    const { stdout } = await succeeds('production', 'break-glass', './deploy/admin-secret.mts production --yes')
    assert.match(stdout.trim(), /^\w{32}$/)
    // a deletion that fails is read event by event
    await succeeds(
      'production',
      'break-glass',
      'aws cloudformation describe-stack-events --stack-name LiveQuizEventStack',
    )
    const destroy = './deploy/destroy.mts production --data --confirm LiveQuizEventStack'
    await holdLock('production')
    assert.match((await as('production', 'break-glass', destroy)).output, /already being deployed, by ada/)
    await succeeds('production', 'deploy', './deploy/unlock.mts production --yes')
    await succeeds('development', 'break-glass', './deploy/destroy.mts development --yes')
    await succeeds('production', 'break-glass', destroy)
  })

  for (const kind of roleKinds) {
    it(`has used each permission of ${kind}`, () => {
      const unused = policiesOf[kind]
        .flatMap(sidsOf)
        // AWS reads the resources with these; the local AWS asks for none of them
        .filter((sid) => !sid.startsWith('DriftOf'))
        .flatMap((sid) => permissions[sid].actions.map((action) => `${sid} ${action}`))
        // of a file of 8 MiB or more, by version 2 of the CLI
        .filter((permission) => !permission.endsWith(' s3:GetObjectTagging'))
        .filter((permission) => !used[kind].has(permission))
      assert.deepEqual(unused, [])
    })
  }

  it('has used none that the table gives to other verbs', () => {
    assert.deepEqual([...unlisted].toSorted(), [])
  })
})
