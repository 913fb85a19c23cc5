/*
 * Every step of the workflows that deploy or look, on the local AWS with production's names and GitHub's variables, as the
 * roles that their jobs assume, from a clone whose origin has main; and one that is cancelled. The tests build on each
 * other, in order.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { accessName, accessStack } from '../../lib/access/names.mts'
import type { RoleKind } from '../../lib/access/verbs.mts'
import type { Environment } from '../../lib/environment/environments.mts'
import { checkout, type Checkout } from '../e2e/support/checkout.mts'
import { get } from '../e2e/support/probe.mts'
import { isQuiet } from '../e2e/support/quiet.mts'
import { addAccessSettings, deniedCalls, repository } from '../e2e/support/roles.mts'
import { provideSkopeo } from '../e2e/support/skopeo.mts'
import { edit, outputsOf } from '../e2e/support/system.mts'
import { evaluated, runJob, startNamed, type Context, type Repository } from './runner.mts'
import { workflowOf, workflowTexts } from './workflows.mts'

const run = `https://github.com/${repository}/actions/runs/42/attempts/1`

describe('the workflows of GitHub Actions', { timeout: 2_700_000 }, () => {
  let copy: Checkout
  let hub: Repository
  let staging: Record<string, string>
  let site: string

  const git = (...words: string[]) => {
    const { status, stderr } = spawnSync('git', words, { cwd: copy.path, encoding: 'utf8' })
    assert.equal(status, 0, `git ${words.join(' ')}: ${stderr}`)
  }
  const push = () => {
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-qam', 'change')
    git('push', '-q', 'origin', 'main')
  }
  /** What deploy.yml gives to deploy-environment.yml for an environment. */
  const inputsOf = (job: string, needs: Record<string, unknown> = {}): Context => {
    const given = workflowOf(workflowTexts['deploy.yml']!).jobs[job]!.with!
    const values = Object.entries(given).map(([name, text]) => [name, evaluated(text, { needs })])
    return { inputs: { 'promote-from': '', release: '', ...Object.fromEntries(values) } }
  }
  const deployed = async (context: Context) => await runJob(hub, 'deploy-environment.yml', 'deploy', context)
  const inShell = async (line: string) => {
    const ran = await copy.runThere(line)
    assert.equal(ran.exitCode, 0, ran.output)
    return ran.stdout
  }
  /** ARNs of roles that `make access` made. */
  const rolesOf = async (environment: Environment) => {
    const outputs = await outputsOf(copy.aws, { stack: `${accessStack}-${environment}` })
    const arn = (kind: RoleKind) => outputs[`${accessName(environment, kind)}-arn`.replaceAll('-', '')]!
    return { deploy: arn('deploy'), look: arn('look') }
  }
  const releases = async (environment: string) =>
    JSON.parse(await inShell(`./deploy/releases.mts ${environment} --json`)) as {
      releases: Record<'id' | 'by' | 'run' | 'note' | 'verdict' | 'rollbackOf', string>[]
    }
  const lock = async () => {
    const key = '{"pk":{"S":"lock"},"sk":{"S":"deployment"}}'
    return await copy
      .aws('dynamodb', 'scan', '--table-name', 'live-quiz-ledger', '--consistent-read')
      .then(({ Items }: { Items: Record<string, unknown>[] }) =>
        Items.find(({ pk, sk }) => JSON.stringify({ pk, sk }) === key),
      )
  }

  before(async () => {
    await provideSkopeo()
    copy = await checkout(7500)
    // without a recipient, check fails in production
    edit(copy, 'env/.env.production', 'ALERT_EMAIL=\n', 'ALERT_EMAIL=oncall@example.com\n')
    addAccessSettings(copy, ['staging', 'production'])
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-qam', 'settings')
    git('init', '-q', '--bare', '.local/origin.git')
    git('remote', 'add', 'origin', join(copy.path, '.local/origin.git'))
    git('push', '-q', 'origin', 'main')
    // as an administrator, who is not needed again
    await inShell('./deploy/access.mts staging --yes && ./deploy/access.mts production --yes')
    const roles = { staging: await rolesOf('staging'), production: await rolesOf('production') }
    hub = {
      copy,
      variables: {
        AWS_REGION: 'us-east-1',
        STAGING_LOOK_ROLE_ARN: roles.staging.look,
        PRODUCTION_LOOK_ROLE_ARN: roles.production.look,
      },
      environments: {
        staging: { AWS_ROLE_ARN: roles.staging.deploy },
        production: { AWS_ROLE_ARN: roles.production.deploy },
      },
    }
  })
  after(() => copy?.remove())

  it('deploy-environment.yml builds and deploys staging, and says what it did', async () => {
    const { outputs, page, output } = await deployed(inputsOf('staging'))
    staging = outputs
    assert.equal(outputs['verdict'], 'deployed')
    assert.equal(outputs['changed'], 'true')
    assert.match(outputs['revision']!, /^websocket-task-staging:1$/)
    assert.match(outputs['digest']!, /^sha256:/)
    assert.equal((await get(outputs['site']!)).status, 200)
    assert.match(page, /### check staging[^]*### staging: deployed\n[^]*\| backend \| deployed \|/)
    assert.match(output, /^::group::5\. Build|^::group::/m)
    const record = (await releases('staging')).releases[0]!
    assert.deepEqual([record.by, record.run, record.id], ['ben', run, outputs['release']])
  })

  it('deploy-environment.yml promotes to production the release that was approved, and no other', async () => {
    const { outputs, page, output } = await deployed(inputsOf('production', { staging: { outputs: staging } }))
    site = outputs['site']!
    assert.equal(outputs['verdict'], 'deployed')
    assert.equal(outputs['digest'], staging['digest'])
    assert.match(output, /confirmed: CI, and a clean working tree at a commit of origin\/main/)
    assert.match(page, /\| promoted from \| staging, /)
    assert.equal((await get(site)).status, 200)
    const other = { outputs: { release: '20261101T000000Z-aaaaaaa' } }
    await assert.rejects(deployed(inputsOf('production', { staging: other })), /staging now runs release .*, not 2026/)
  })

  it('a second run of it has nothing to do, and says so', async () => {
    const { outputs } = await deployed(inputsOf('production', { staging: { outputs: staging } }))
    assert.deepEqual([outputs['verdict'], outputs['changed'], outputs['site']], ['unchanged', 'false', site])
  })

  it('drift.yml finds what someone changed by hand, and nothing once it is put back', async () => {
    const retain = (days: number) =>
      inShell(
        `aws logs put-retention-policy --log-group-name /ecs/live-quiz-websocket-server --retention-in-days ${days}`,
      )
    await retain(1)
    const environments = workflowOf(workflowTexts['drift.yml']!).jobs['check']!.strategy!.matrix.include
    const production = environments.find(({ environment }) => environment === 'production')!
    const check = await startNamed(hub, 'drift.yml', 'check', 'Check', { matrix: production })
    const { exitCode, output } = await check.ended
    assert.equal(exitCode, 1, output)
    assert.match(
      output,
      /stack drift +\[FAIL\] LogGroup \(AWS::Logs::LogGroup \S+\) has RetentionInDays 1, the template says \d+/,
    )
    await retain(Number(/the template says (\d+)/.exec(output)![1]))
    for (const matrix of environments) {
      const { page } = await runJob(hub, 'drift.yml', 'check', { matrix })
      assert.match(page, /### check (staging|production)\n[^]*stack drift +\[OK\]/)
    }
  })

  it('preview.yml keeps one comment on a pull request', async () => {
    const bin = join(copy.path, '.local', 'gh')
    mkdirSync(bin)
    // lists the comment that it was given before
    writeFileSync(
      join(bin, 'gh'),
      '#!/bin/sh\necho "$*" >>"$RUNNER_TEMP/gh-calls"\ncase "$*" in *--jq*) cat "$RUNNER_TEMP/comment" 2>/dev/null || :;; *) echo 7 >"$RUNNER_TEMP/comment";; esac\n',
    )
    chmodSync(join(bin, 'gh'), 0o755)
    const path = process.env['PATH']
    process.env['PATH'] = `${bin}:${path}`
    edit(copy, 'env/.env.production', 'LOG_LEVEL=info', 'LOG_LEVEL=debug')
    const context = { github: { token: 't', event: { pull_request: { number: 12 } } } }
    for (const _ of [1, 2]) await runJob(hub, 'preview.yml', 'preview', context)
    process.env['PATH'] = path
    edit(copy, 'env/.env.production', 'LOG_LEVEL=debug', 'LOG_LEVEL=info')
    const calls = readFileSync(join(copy.path, '.local/gh-calls'), 'utf8').trim().split('\n')
    assert.equal(calls.length, 4)
    assert.match(calls[1]!, /^api repos\/acme\/quiz\/issues\/12\/comments --field body=@/)
    assert.match(calls[3]!, /^api --method PATCH repos\/acme\/quiz\/issues\/comments\/7 --field/)
    assert.match(readFileSync(join(copy.path, '.local/preview.md'), 'utf8'), /LOG_LEVEL: info → debug/)
  })

  it('a job that is cancelled during a rollout leaves no lock, and a record "stopped"', async (t) => {
    edit(copy, 'backend/src/routes/health.ts', '\nexport ', '\nexport const edition1 = 1\nexport ')
    push()
    const context: Context = { inputs: { environment: 'production', 'promote-from': '', release: '' } }
    const step = await startNamed(hub, 'deploy-environment.yml', 'deploy', 'Deploy', context)
    await step.saying(/websocket-task:2 \d\/3 running/)
    // as the runner does: to the process of the step alone
    const { pid } = step.child
    process.kill(pid!, 'SIGINT')
    const ended = await Promise.race([step.ended, sleep(7_500)])
    if (!ended) process.kill(pid!, 'SIGTERM')
    const killed = ended ?? (await Promise.race([step.ended, sleep(isQuiet(t) ? 2_500 : 60_000)]))
    if (!killed) process.kill(pid!, 'SIGKILL')
    const { output, exitCode } = await step.ended
    assert.ok([130, 143].includes(exitCode), output)
    assert.match(output, /lock released/)
    assert.equal(await lock(), undefined)
    const record = (await releases('production')).releases[0]!
    assert.deepEqual([record.verdict, record.run], ['stopped', run])
  })

  for (const what of ['backend', 'release', 'frontend', 'infrastructure']) {
    it(`rollback.yml rolls back ${what}, and the ledger knows why`, async () => {
      if (what === 'release' || what === 'frontend') {
        const { outputs } = await deployed({ inputs: { environment: 'production', 'promote-from': '', release: '' } })
        assert.match(outputs['verdict']!, /deployed|unchanged/)
      }
      if (what === 'release') {
        edit(copy, 'frontend/public/robots.txt', '\n', '\n# changed by the test\n')
        edit(copy, 'infrastructure/lib/compute.ts', 'retention: logRetentionDays', 'retention: logRetentionDays + 30')
        push()
        await deployed({ inputs: { environment: 'production', 'promote-from': '', release: '' } })
      }
      const inputs = { environment: 'production', what, to: '', why: 'a rehearsal', 'live-quiz': 'wait-idle' }
      if (what === 'release') inputs['live-quiz'] = 'force'
      const { outputs } = await runJob(hub, 'rollback.yml', 'rollback', { inputs })
      assert.equal(outputs['verdict'], 'deployed')
      const record = (await releases('production')).releases[0]!
      assert.deepEqual([record.note, record.run, record.by], ['a rehearsal', run, 'ben'])
      assert.ok(record.rollbackOf)
      rmSync(join(copy.path, '.local', 'comment'), { force: true })
    })
  }

  it('no role lacked a permission', () => assert.deepEqual(deniedCalls(copy), []))
})
