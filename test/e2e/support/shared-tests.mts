import assert from 'node:assert/strict'
import { it } from 'node:test'
import { askInALoop, firstMessage, get } from './probe.mts'
import { describedService, edit, type System } from './system.mts'

/** What a system shows from outside. The same on AWS and on the AWS of this machine. */
export function looksRight(system: () => System): void {
  it('shows a page that is connected, from CDN to table', async () => {
    const { browser, site } = system()
    const { page, complaints } = await browser.open(`${site}/status`)
    await page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor({ timeout: 60_000 })
    const release = await page.getByTestId('release').textContent()
    assert.match(release ?? '', /^\d{8}T\d{6}Z-[0-9a-f]{7,}/)
    // the answer to a ping has read the table
    await page.getByTestId('ping').click()
    await page
      .getByTestId('round-trip')
      .filter({ hasText: /\d m?s$/ })
      .waitFor({ timeout: 60_000 })
    await page.getByTestId('details').click()
    await page.waitForLoadState('networkidle')
    assert.deepEqual(complaints, [])
    await page.close()
  })

  it('asks for the code of a quiz on the first page', async () => {
    const { browser, site } = system()
    const { page, complaints } = await browser.open(site)
    await page.getByLabel('Code').fill('123456')
    await page.waitForLoadState('networkidle')
    assert.deepEqual(complaints, [])
    await page.close()
  })

  it('serves documents, assets, deep links and missing assets as documented', async () => {
    const { site } = system()
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
    const { loadBalancer, site } = system()
    const health = await get(`http://${loadBalancer}/health`)
    assert.equal(health.status, 200)
    assert.equal(JSON.parse(health.body).status, 'ok')
    assert.equal((await firstMessage(`ws://${loadBalancer}`))['type'], 'welcome')
    const foreign = { origin: 'https://elsewhere.example' }
    await assert.rejects(firstMessage(`${site.replace('http', 'ws')}/ws`, foreign), /403/)
  })

  it('lets nobody past the CDN to the rest of the backend', async () => {
    const { loadBalancer, site } = system()
    assert.equal((await get(`${site}/api/live`)).status, 200)
    assert.equal((await get(`http://${loadBalancer}/api/live`)).status, 404)
    await assert.rejects(firstMessage(`ws://${loadBalancer}/ws`), /404/)
  })

  it('runs the digest that was pushed, pinned by digest in the task definition', async () => {
    const { aws, names } = system()
    const latest = ['--repository-name', names.repository, '--image-ids', 'imageTag=latest']
    const { imageDetails } = await aws('ecr', 'describe-images', ...latest)
    const { taskDefinition: revision, desiredCount } = await describedService(system())
    const { taskDefinition } = await aws('ecs', 'describe-task-definition', '--task-definition', revision)
    const pushed = imageDetails[0].imageDigest
    const { image } = taskDefinition.containerDefinitions[0]
    assert.ok(image.endsWith(`@${pushed}`), image)
    const cluster = ['--cluster', names.cluster]
    const { taskArns } = await aws('ecs', 'list-tasks', ...cluster, '--service-name', names.service)
    const { tasks } = await aws('ecs', 'describe-tasks', ...cluster, '--tasks', ...taskArns)
    assert.equal(tasks.length, desiredCount)
    for (const task of tasks) assert.equal(task.containers[0].imageDigest, pushed)
  })
}

/** What users of a system notice of its next deployments. Changes the copy. */
export function changesRight(system: () => System): void {
  it('uploads what a change in the site changed, and leaves its scripts alone', async () => {
    const { site } = system()
    const scripts = async () => [...(await get(`${site}/`)).body.matchAll(/\/assets\/[^"]+/g)].map(String)
    const earlier = await scripts()
    edit(system(), 'frontend/public/robots.txt', '\n', '\n# changed by the test\n')
    const again = await system().deploy('frontend')
    assert.equal(again.exitCode, 0, again.output)
    assert.match((await get(`${site}/robots.txt`)).body, /changed by the test/)
    assert.deepEqual(await scripts(), earlier)
  })

  it('answers every request while a changed backend replaces the tasks', async () => {
    const { browser, loadBalancer, site } = system()
    const { page, complaints } = await browser.open(`${site}/status`)
    await page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor({ timeout: 60_000 })
    const earlier = JSON.parse((await get(`${site}/health`)).body).release
    // not package.json: two layers of the image would be installed again
    edit(system(), 'backend/src/routes/health.ts', '\nexport ', '\nexport const edition1 = 1\nexport ')
    const loop = askInALoop([`${site}/`, `${site}/health`, `http://${loadBalancer}/health`, `${site}/api/live`])
    const again = await system().deploy('backend')
    const { asked, failures } = await loop.stop()
    assert.equal(again.exitCode, 0, again.output)
    assert.ok(asked > 20, `only ${asked} requests`)
    assert.deepEqual(failures, [])
    assert.notEqual(JSON.parse((await get(`${site}/health`)).body).release, earlier)
    await page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor({ timeout: 60_000 })
    await page.getByTestId('ping').click()
    await page
      .getByTestId('round-trip')
      .filter({ hasText: /\d m?s$/ })
      .waitFor({ timeout: 60_000 })
    // a socket that its task closed shows as a complaint of the network, not of the page
    assert.deepEqual(
      complaints.filter((complaint) => !/WebSocket/.test(complaint)),
      [],
    )
    await page.close()
  })
}
