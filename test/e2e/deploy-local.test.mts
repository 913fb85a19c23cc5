/*
 * The main job, as a user does it: `make deploy-local` in a fresh copy of this tree, looked at from outside with HTTP, a
 * WebSocket client, the aws CLI and a real browser; then a changed site, a changed backend, and the other environments
 * beside it. The tests build on each other, in order.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startBrowser, type Browser } from './browser.mts'
import { checkout, type Checkout, type Ran } from './checkout.mts'
import { askInALoop, firstMessage, get, listening } from './probe.mts'

/** What changes something; everything else only looks. */
const changing = /^(Create|Update|Delete|Put|Register|Deregister|Execute|Copy|Start|Stop|Run|Tag|Upload|Complete)/

describe('make deploy-local', { timeout: 1_500_000 }, () => {
  let copy: Checkout
  let browser: Browser
  let deployed: Ran
  let site: string
  let alb: string

  const outputs = async (stack: string): Promise<Record<string, string>> => {
    const { Stacks } = await copy.aws('cloudformation', 'describe-stacks', '--stack-name', stack)
    return Object.fromEntries(
      Stacks[0].Outputs.map((output: Record<string, string>) => [output['OutputKey'], output['OutputValue']]),
    )
  }
  const edit = (file: string, from: string, to: string) => {
    const path = join(copy.path, file)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(from), `${file} has no ${from}`)
    writeFileSync(path, text.replace(from, to))
  }
  const changesSince = (line: number) => copy.calls(line).filter((call) => changing.test(call.action))
  const service = async () =>
    (
      await copy.aws(
        'ecs',
        'describe-services',
        '--cluster',
        'live-quiz-cluster-local',
        '--services',
        'websocket-service',
      )
    ).services[0]

  before(async () => {
    copy = checkout(4800)
    deployed = await copy.run(['make', 'deploy-local'])
    if (deployed.exitCode !== 0) throw new Error(`make deploy-local ended with ${deployed.exitCode}:\n${deployed.said}`)
    const live = await outputs('LiveQuizEventStack-local')
    site = `http://${live['DistributionDomainName']}`
    alb = live['LoadBalancerDnsName']!
    browser = await startBrowser()
  })
  after(async () => {
    await browser?.close()
    await copy?.remove()
  })

  it('ends with the URL of the site', () => {
    assert.ok(deployed.said.includes(site), deployed.said)
  })

  it('shows a page that is connected, names its release and makes the round trip through CDN, load balancer, container and table', async () => {
    const { page, complaints } = await browser.open(site)
    await page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor({ timeout: 15_000 })
    const release = await page.getByTestId('release').textContent()
    assert.match(release ?? '', /^\d{8}T\d{6}Z-[0-9a-f]{7,}/)
    await page.getByTestId('ping').click()
    await page
      .getByTestId('round-trip')
      .filter({ hasText: /\d+ ms/ })
      .waitFor({ timeout: 10_000 })
    const { Items } = await copy.aws(
      'dynamodb',
      'scan',
      '--table-name',
      (await outputs('LiveQuizEventStack-local'))['ApplicationTableName']!,
    )
    assert.ok(Items.length >= 1, 'the table does not know who is connected')
    await page.getByTestId('details').click()
    await page.waitForLoadState('networkidle')
    assert.deepEqual(complaints, [])
    await page.close()
  })

  it('answers documents with no-cache, assets with a year, a deep link with the page and a missing asset with a 404 that is not HTML', async () => {
    const index = await get(`${site}/`)
    assert.equal(index.status, 200)
    assert.equal(index.headers['cache-control'], 'no-cache')
    const assets = [...index.body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!)
    assert.ok(assets.length >= 2, index.body)
    for (const asset of assets) {
      const answer = await get(site + asset)
      assert.equal(answer.status, 200, asset)
      assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable', asset)
      assert.match(
        String(answer.headers['content-type']),
        asset.endsWith('.css') ? /^text\/css/ : /^(text|application)\/javascript/,
      )
    }
    assert.equal((await get(`${site}/quiz/12/results`)).body, index.body)
    const missing = await get(`${site}/assets/missing-12345678.js`)
    assert.equal(missing.status, 404)
    assert.doesNotMatch(String(missing.headers['content-type']), /html/)
    const unknown = await get(`${site}/api/unknown`)
    assert.equal(unknown.status, 404)
    assert.match(String(unknown.headers['content-type']), /^application\/json/)
  })

  it('answers curl http://ALB_URL/health and wscat -c ws://ALB_URL as documented', async () => {
    const health = await get(`http://${alb}/health`)
    assert.equal(health.status, 200)
    assert.equal(JSON.parse(health.body).status, 'ok')
    assert.equal((await firstMessage(`ws://${alb}`))['type'], 'welcome')
    await assert.rejects(firstMessage(`ws://${alb}/ws`, { origin: 'https://elsewhere.example' }), /403/)
  })

  it('runs the digest that was pushed, pinned by digest in the task definition', async () => {
    const { imageDetails } = await copy.aws(
      'ecr',
      'describe-images',
      '--repository-name',
      'live-quiz-backend-local',
      '--image-ids',
      'imageTag=latest',
    )
    const { taskDefinition } = await copy.aws(
      'ecs',
      'describe-task-definition',
      '--task-definition',
      (await service()).taskDefinition,
    )
    const pushed = imageDetails[0].imageDigest
    assert.ok(
      taskDefinition.containerDefinitions[0].image.endsWith(`@${pushed}`),
      taskDefinition.containerDefinitions[0].image,
    )
    const { taskArns } = await copy.aws(
      'ecs',
      'list-tasks',
      '--cluster',
      'live-quiz-cluster-local',
      '--service-name',
      'websocket-service',
    )
    const { tasks } = await copy.aws(
      'ecs',
      'describe-tasks',
      '--cluster',
      'live-quiz-cluster-local',
      '--tasks',
      ...taskArns,
    )
    assert.deepEqual(
      tasks.map((task: any) => task.containers[0].imageDigest),
      [pushed],
    )
  })

  it('listens on loopback and the Docker bridge only', async () => {
    const ours = listening().filter(({ port }) => port >= 4800 && port < 5000)
    assert.ok(ours.length >= 3, JSON.stringify(ours))
    assert.deepEqual(
      ours.filter(({ address }) => !/^(127\.|172\.\d+\.\d+\.1$)/.test(address)),
      [],
    )
  })

  it('does nothing and says so when nothing changed', async () => {
    const since = copy.calls().length
    const again = await copy.run(['make', 'deploy-local'])
    assert.equal(again.exitCode, 0, again.said)
    assert.match(again.said, /unchanged/i)
    assert.doesNotMatch(again.said, /docker push|aws s3 cp/)
    // cdk clears away a change set of its own name before it compares; the pages' rows in the table are the backend's
    const made = changesSince(since).filter((call) => call.action !== 'DeleteChangeSet' && call.service !== 'dynamodb')
    assert.deepEqual(
      made.map((call) => `${call.service} ${call.action}`),
      [],
    )
  })

  it('uploads only what a change in the site changed', async () => {
    const earlier = await get(`${site}/`)
    const since = copy.calls().length
    edit('frontend/public/robots.txt', '\n', '\n# changed by the test\n')
    const again = await copy.run(['make', 'deploy-frontend', 'ENV=local'])
    assert.equal(again.exitCode, 0, again.said)
    const puts = changesSince(since).filter((call) => call.service === 's3').length
    // a release stages its un-hashed files (three, two source maps, the page) and a manifest; two are copied live
    assert.ok(puts >= 1 && puts <= 9, `${puts} uploads for one changed file`)
    assert.match((await get(`${site}/robots.txt`)).body, /changed by the test/)
    const scripts = (html: string) => [...html.matchAll(/\/assets\/[^"]+/g)].map(String)
    assert.deepEqual(scripts((await get(`${site}/`)).body), scripts(earlier.body))
  })

  it('keeps the site, the health check and an open page answering while a changed backend replaces the tasks', async () => {
    const { page, complaints } = await browser.open(site)
    await page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor({ timeout: 15_000 })
    const earlier = JSON.parse((await get(`${site}/health`)).body).release
    edit('backend/src/index.ts', '\n', '\n// changed by the test\n')
    edit('backend/package.json', '"version": "1.0.0"', '"version": "1.0.1"')
    const loop = askInALoop([`${site}/`, `${site}/health`, `http://${alb}/health`, `${site}/api/live`])
    const again = await copy.run(['make', 'deploy-backend', 'ENV=local'])
    const { asked, failures } = await loop.stop()
    assert.equal(again.exitCode, 0, again.said)
    assert.ok(asked > 20, `only ${asked} requests`)
    assert.deepEqual(failures, [])
    assert.notEqual(JSON.parse((await get(`${site}/health`)).body).release, earlier)
    await page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor({ timeout: 30_000 })
    await page.getByTestId('ping').click()
    await page
      .getByTestId('round-trip')
      .filter({ hasText: /\d+ ms/ })
      .waitFor({ timeout: 10_000 })
    // a socket that its task closed shows as a complaint of the network, not of the page
    assert.deepEqual(
      complaints.filter((complaint) => !/WebSocket/.test(complaint)),
      [],
    )
    await page.close()
  })

  for (const [script, moment] of [
    ['./deploy/infrastructure.mts local', /cdk deploy/],
    ['./deploy/backend.mts local --redeploy', /\$ docker build/],
    ['./deploy/backend.mts local --redeploy', /\$ docker push/],
    ['./deploy/backend.mts local --redeploy', /\$ aws ecs update-service/],
    ['./deploy/frontend.mts local', /\$ npm run build/],
    ['./deploy/all.mts local', /\$ docker build/],
  ] as const) {
    it(`ends ${script} with 130 when Ctrl-C comes at ${moment.source.replace('\\$ ', '')}, and leaves no copy and no child behind`, async () => {
      const started = copy.start(script.split(' '))
      await started.saying(moment)
      started.interrupt('SIGINT')
      const ended = await started.ended
      assert.equal(ended.exitCode, 130, ended.said)
      assert.doesNotMatch(ended.said, /\n\s+at /)
      assert.equal(existsSync(join(copy.path, 'backend/.env')), false)
      assert.equal(existsSync(join(copy.path, 'frontend/.env.production')), false)
      assert.throws(() => process.kill(-started.child.pid!, 0), /ESRCH/)
    })
  }

  it('converges after all those interruptions', async () => {
    const again = await copy.run(['make', 'deploy-local'])
    assert.equal(again.exitCode, 0, again.said)
    const { deployments, runningCount, desiredCount } = await service()
    assert.deepEqual([deployments.length, runningCount], [1, desiredCount])
    assert.equal((await get(`${site}/health`)).status, 200)
  })

  for (const [environment, command, suffix, tasks, alarms] of [
    ['staging', 'npm run deploy:staging -- --yes', '-staging', 2, true],
    ['production', 'npm run deploy:prod -- --yes', '', 3, true],
  ] as const) {
    it(`deploys ${environment} beside it from make local-shell, with its own names, sizes and alarms`, async () => {
      const ran = await copy.run(['make', '-s', 'local-shell'], { input: `${command}\n` })
      assert.equal(ran.exitCode, 0, ran.said)
      const { services } = await copy.aws(
        'ecs',
        'describe-services',
        '--cluster',
        `live-quiz-cluster${suffix}`,
        '--services',
        'websocket-service',
      )
      assert.equal(services[0].runningCount, tasks)
      const live = await outputs(`LiveQuizEventStack${suffix}`)
      assert.equal((await get(`http://${live['DistributionDomainName']}/`)).status, 200)
      const { MetricAlarms } = await copy.aws(
        'cloudwatch',
        'describe-alarms',
        '--alarm-name-prefix',
        `live-quiz${suffix}-`,
      )
      assert.equal(MetricAlarms.length > 0, alarms)
      assert.equal((await get(`${site}/health`)).status, 200)
    })
  }

  it('leaves the environment files and the checkout as they were', async () => {
    const { stdout } = await copy.run(['git', 'status', '--porcelain'])
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(2).trim())
        .toSorted(),
      ['backend/package.json', 'backend/src/index.ts', 'frontend/public/robots.txt'],
    )
  })
})
