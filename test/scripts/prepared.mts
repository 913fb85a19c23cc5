/** The site and the service before a script runs, for the bats suites: computed by the toolkit's own code, as the script will compare it. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { readSiteFiles } from '../../lib/site/build.mts'

/** A built site as it lies in a bucket: objects.json is the bucket, the directory is what the CDN serves. */
export async function prepareSite(state: string, [release, directory, otherBucket]: string[]): Promise<void> {
  const site = join(state, directory!)
  cpSync(join(state, 'live quiz', 'frontend', 'dist'), site, { recursive: true })
  const page = join(site, 'index.html')
  writeFileSync(page, readFileSync(page, 'utf8').replace('content=""', `content="${release}"`))
  const built = await readSiteFiles(site, { sourceMaps: true })
  // source maps are not public, unless the bucket is of another environment
  const files = otherBucket ? built : built.filter(({ key }) => !key.endsWith('.map'))
  for (const { key } of built) if (!files.some((file) => file.key === key)) rmSync(join(site, key))
  writeFileSync(join(site, 'manifest.json'), JSON.stringify({ release, files }))

  const kept = files.filter(({ key, turn }) => turn !== 'asset' || key.endsWith('.map'))
  const LastModified = '2026-11-01T00:00:00+00:00'
  const objects = [
    ...files.map(({ key, md5, size }) => ({ Key: key, ETag: `"${md5}"`, Size: size, LastModified })),
    ...kept.map(({ key, md5, size }) => ({
      Key: `releases/${release}/${key}`,
      ETag: `"${md5}"`,
      Size: size,
      LastModified,
    })),
    { Key: `releases/${release}.json`, ETag: '"1"', Size: 1, LastModified },
  ]
  // a line each, for the sed of a test
  writeFileSync(join(state, 'objects.json'), `[\n${objects.map((object) => JSON.stringify(object)).join(',\n')}]`)
}

/** The service with that task definition, as a deployment of staging would set both; the change is JavaScript on them. */
export async function prepareService(state: string, [revision, image, change]: string[]): Promise<void> {
  const { taskDefinition, serviceSettings, environmentNames, readSettings } = await toolkit(join(state, 'live quiz'))
  const target = { names: environmentNames('staging'), settings: readSettings('staging'), region: 'us-east-1' }
  const outputs = outputsOf(readFileSync(join(state, 'DescribeStacks.LiveQuizEventStack-staging.xml'), 'utf8'))
  const definition = taskDefinition(target, outputs, { image, platform: 'linux/amd64', release: 'old' })
  const primary = { status: 'PRIMARY', rolloutState: 'COMPLETED', desiredCount: 2, runningCount: 2, pendingCount: 0 }
  const service = {
    ...serviceSettings(target, outputs),
    status: 'ACTIVE',
    taskDefinition: revision,
    desiredCount: 2,
    events: [],
    deployments: [{ ...primary, taskDefinition: revision }],
  }
  // neither is a difference
  service.networkConfiguration.awsvpcConfiguration.subnets.reverse()
  service.deploymentConfiguration.strategy = 'ROLLING'
  runInNewContext(change!, { definition, service })
  const described = { revision: 11, status: 'ACTIVE', ...definition }
  writeFileSync(join(state, 'definition.json'), JSON.stringify({ taskDefinition: described }))
  writeFileSync(join(state, 'service.json'), JSON.stringify({ services: [service] }))
}

/** Of the project's copy: it reads the settings of the test. */
async function toolkit(project: string) {
  const files = ['service/task-definition', 'service/service', 'environment/environments', 'environment/settings']
  const modules = await Promise.all(files.map((file) => import(join(project, 'lib', `${file}.mts`))))
  return Object.assign({}, ...modules)
}

function outputsOf(description: string): Record<string, string> {
  const outputs = description.matchAll(/<OutputKey>(.*?)<\/OutputKey><OutputValue>(.*?)<\/OutputValue>/g)
  return Object.fromEntries([...outputs].map(([, key, value]) => [key, value]))
}
