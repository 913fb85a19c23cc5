/*
 * A promotion: two environments, one image and one site, seen from outside; and what is not
 * proven goes nowhere. The tests build on each other, in order.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { environmentNames } from '../../lib/environment/environments.mts'
import { changing, checkout, type Checkout } from './support/checkout.mts'
import { get } from './support/probe.mts'
import { heedsAlarms } from './stories/alarms.mts'
import { provideSkopeo } from './support/skopeo.mts'
import { describedService } from './support/system.mts'

describe('make promote FROM=development TO=staging', { timeout: 2_700_000 }, () => {
  let copy: Checkout
  const site: Record<string, string> = {}

  const aws = (line: string) => copy.aws(...line.split(' '))
  const deployed = async (line: string) => {
    const ran = await copy.runThere(line)
    assert.equal(ran.exitCode, 0, ran.output)
    return ran
  }
  const edit = (file: string, from: string, to: string) => {
    const path = join(copy.path, file)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(from), `${file} has no ${from}`)
    writeFileSync(path, text.replace(from, to))
  }
  const running = async (environment: string) => {
    const { services } = await aws(
      `ecs describe-services --cluster live-quiz-cluster-${environment} --services websocket-service`,
    )
    const { taskDefinition } = await aws(`ecs describe-task-definition --task-definition ${services[0].taskDefinition}`)
    return { arn: services[0].taskDefinition as string, image: taskDefinition.containerDefinitions[0].image as string }
  }
  const digestOf = ({ image }: { image: string }) => image.split('@')[1]!
  /** The page, and every asset and un-hashed file that a browser gets. */
  const seen = async (environment: string) => {
    const page = (await get(`${site[environment]}/`)).body
    const assets = [...page.matchAll(/\/assets\/[^"]+/g)].map(String)
    assert.ok(assets.length >= 2, page)
    const answers = await Promise.all([...assets, '/robots.txt'].map((path) => get(site[environment] + path)))
    const health = JSON.parse((await get(`${site[environment]}/health`)).body) as { release: string }
    return {
      page,
      release: health.release,
      files: answers.map(({ status, body, headers }) => [
        status,
        body,
        headers['content-type'],
        headers['cache-control'],
      ]),
    }
  }

  before(async () => {
    await provideSkopeo()
    copy = await checkout(5400)
    const typed = { input: './deploy/all.mts development && ./deploy/all.mts staging\n' }
    const ran = await copy.run(['make', '-s', 'local-shell'], typed)
    assert.equal(ran.exitCode, 0, ran.output)
    for (const environment of ['development', 'staging']) {
      const { Stacks } = await aws(`cloudformation describe-stacks --stack-name LiveQuizEventStack-${environment}`)
      const outputs = Stacks[0].Outputs as { OutputKey: string; OutputValue: string }[]
      site[environment] =
        `http://${outputs.find(({ OutputKey }) => OutputKey === 'DistributionDomainName')!.OutputValue}`
    }
    edit('backend/src/routes/health.ts', '\nexport ', '\nexport const edition1 = 1\nexport ')
    edit('frontend/public/robots.txt', '\n', '\n# changed by the test\n')
    await deployed('./deploy/backend.mts development && ./deploy/frontend.mts development')
  })
  after(async () => {
    await copy?.remove()
  })

  it('deploys staging from make local-shell, with its own names and sizes', async () => {
    const names = environmentNames('staging')
    const { runningCount } = await describedService({ ...copy, names })
    assert.equal(runningCount, 2)
    for (const environment of ['development', 'staging'])
      for (const path of ['/', '/health']) assert.equal((await get(site[environment] + path)).status, 200)
    const { MetricAlarms } = await aws(`cloudwatch describe-alarms --alarm-name-prefix ${names.prefix}-`)
    assert.ok(MetricAlarms.length > 0)
  })

  it('shows with --dry-run what it would do, and calls nothing that changes anything', async () => {
    const since = copy.calls().length
    const ran = await deployed('npm run promote development staging -- --dry-run')
    assert.match(ran.stderr, /\$ skopeo copy .*--preserve-digests/)
    // the tasks keep writing to their tables
    const made = copy.calls(since).filter(({ service, action }) => changing.test(action) && service !== 'dynamodb')
    assert.deepEqual(made, [])
  })

  it('builds nothing, and records where image and site come from', async () => {
    assert.notEqual(digestOf(await running('staging')), digestOf(await running('development')))
    const ran = await deployed('make promote FROM=development TO=staging')
    assert.doesNotMatch(ran.output, /docker build|vite build|docker push/)
    const [from, to] = [await running('development'), await running('staging')]
    assert.equal(digestOf(to), digestOf(from))
    assert.match(to.image, /\/live-quiz-backend-staging@/)
    const { imageDetails } = await aws(
      'ecr describe-images --repository-name live-quiz-backend-staging --image-ids imageTag=latest',
    )
    assert.equal(imageDetails[0].imageDigest, digestOf(from))
    const there = await seen('development')
    assert.deepEqual(await seen('staging'), there)
    assert.match(JSON.stringify(there.files), /changed by the test/)
    const { releases } = JSON.parse((await deployed('./deploy/releases.mts staging --json')).stdout)
    assert.equal(releases[0].verdict, 'deployed')
    assert.equal(releases[0].promotedFrom.environment, 'development')
    assert.equal(releases[0].components.backend.digest, digestOf(from))
    assert.equal(releases[0].components.backend.taskDefinition, to.arn)
    assert.equal(releases[0].components.backend.release, there.release)
    assert.ok(there.page.includes(releases[0].components.frontend.release))
  })

  it('does nothing, and says so, the second time', async () => {
    const since = copy.calls().length
    const ran = await deployed('./deploy/promote.mts development staging')
    assert.match(ran.stderr, /unchanged: staging runs what development runs; nothing is promoted/)
    const made = copy.calls(since).filter(({ service, action }) => changing.test(action) && service !== 'dynamodb')
    assert.deepEqual(made, [])
  })

  it('refuses a release that was not verified in development', async () => {
    const { arn } = await running('staging')
    const family = (await running('development')).arn.split('/').at(-1)!.split(':')[0]!
    // by hand: back to the first revision
    await deployed(
      `aws ecs update-service --cluster live-quiz-cluster-development --service websocket-service --task-definition ${family}:1 && ./deploy/watch.mts development`,
    )
    const ran = await copy.runThere('./deploy/promote.mts development staging')
    assert.equal(ran.exitCode, 1, ran.output)
    assert.match(ran.stderr, /error: development runs .*:1 .*the last verified one there is .*:2/)
    assert.equal((await running('staging')).arn, arn)
  })

  heedsAlarms(() => copy)
})
