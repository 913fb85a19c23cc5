#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Times the toolkit on the AWS of this machine against the documented commands typed one after the other, each on a local
 * AWS of its own. Where there are several rounds, the sides take turns and which is first changes: what slows one side down
 * slows the other too. Where there is one round it does not: the toolkit was first, minutes before the other side.
 *
 *   ./bench/run.mts
 *   make bench
 *
 * Packages, virtualenv and base image exist before the clock starts; Docker layers of the backend do not. Works in two
 * copies of this tree in the system's temporary directory, and removes everything at the end. Takes about a quarter of an hour.
 * Ratios hold on any machine; seconds mean little on a busy one, whose load is shown. Exit code 1 when a ratio, or a
 * figure that has nothing beside it, exceeds its bound.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manual } from '../lib/script/main.mts'
import { asRegistered } from '../lib/service/task-definition.mts'
import { checkout, type Checkout } from '../test/e2e/support/checkout.mts'
import { again, backTo, first } from './by-hand.mts'
import { loadNow, show, timeAlone, timeInTurn, type Figure } from './figures.mts'
import { timePublishing } from './publish.mts'

if (process.argv.length > 2) {
  process.stdout.write(manual(import.meta.filename))
  process.exit(process.argv[2] === '--help' ? 0 : 2)
}

const registry = '127.0.0.1:5400'
// so that the copies are removed then too
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
const toolkit = await prepared(5200, '1.0.1')
const hand = await prepared(5400, '1.0.2')
try {
  show(await figures())
} finally {
  await toolkit.remove()
  await hand.remove()
}

async function figures(): Promise<Figure[]> {
  const help = await timeInTurn(
    './deploy/backend.mts --help',
    1,
    { ours: () => took('./deploy/backend.mts', '--help'), beside: () => took('node_modules/.bin/cdk', '--version') },
    { rounds: 5, beside: 'cdk --version' },
  )
  const up = await timeAlone('make local-up', 5, () => took('make', 'local-up'))
  await stopLocalAws(toolkit)
  let variables: string[] = []
  const fresh = await timeInTurn('make deploy-local, the first time', 0.9, {
    ours: () => took('make', 'deploy-local'),
    beside: async () => {
      const started = (await ran(hand, 'make', 'local-up')).seconds
      const { before, after } = first(registry)
      const pushed = await typed(before)
      variables = await serviceFiles()
      return started + pushed + (await typed([...variables, ...after]))
    },
  })
  const unchanged = await timeInTurn(
    'make deploy-local, unchanged',
    0.4,
    { ours: () => took('make', 'deploy-local'), beside: () => typed([...variables, ...again(registry)]) },
    { rounds: 3 },
  )
  let delay = 0
  const rollback = await timeInTurn(
    'make rollback REV=1',
    1,
    {
      ours: async () => {
        await took('./deploy/backend.mts', 'local', '--redeploy')
        const { seconds, afterwards } = await rolledBack()
        delay = afterwards
        return seconds
      },
      beside: () => typed(backTo(1)),
    },
    { rounds: 3 },
  )
  const { memoryMegabytes } = JSON.parse((await ran(toolkit, 'make', '-s', 'local-status', 'ARGS=--json')).stdout)
  const load = loadNow()
  return [
    help,
    up,
    fresh,
    unchanged,
    rollback,
    { what: 'its verdict, after ECS completed', measured: delay, unit: 's', atMost: 3, load },
    await timeAlone('make rollback-frontend', 5, async () =>
      took('make', 'rollback-frontend', 'ENV=local', `RELEASE=${await otherSite()}`),
    ),
    {
      what: 'local AWS, deployed',
      measured: memoryMegabytes.gateway + memoryMegabytes.moto,
      unit: 'MB',
      atMost: 500,
      load,
    },
    await ofTheImage(),
    ...(await timePublishing(toolkit, hand, (lines) => typed([...variables, ...lines]))),
  ]
}

/** How long the rollback took, and how much of it came after ECS had completed the deployment. */
async function rolledBack(): Promise<{ seconds: number; afterwards: number }> {
  const run = toolkit.start(['make', 'rollback', 'REV=1', 'ENV=local'])
  await run.saying(/^deployed: /m)
  const said = Date.now()
  const { exitCode, output, seconds } = await run.ended
  if (exitCode !== 0) throw new Error(`make rollback ended with ${exitCode}:\n${output}`)
  const { services } = await toolkit.aws(
    'ecs',
    'describe-services',
    '--cluster',
    'live-quiz-cluster-local',
    '--services',
    'websocket-service',
  )
  const { updatedAt } = services[0].deployments[0]
  const completed = typeof updatedAt === 'number' ? updatedAt * 1000 : Date.parse(updatedAt)
  return { seconds, afterwards: (said - completed) / 1000 }
}

/** A release of the site that is not live: another one is deployed first. */
async function otherSite(): Promise<string> {
  const { releases } = JSON.parse((await ran(toolkit, './deploy/releases.mts', 'local', '--json')).stdout)
  const site = (record: any) => record.components.frontend?.release
  const live = releases.map(site).find(Boolean)
  const robots = join(toolkit.path, 'frontend/public/robots.txt')
  writeFileSync(robots, `${readFileSync(robots, 'utf8')}# another\n`)
  await ran(toolkit, './deploy/frontend.mts', 'local')
  return live
}

/** What the image adds to its base, uncompressed. */
async function ofTheImage(): Promise<Figure> {
  const sizes = await inShell(toolkit, [
    "docker image inspect live-quiz-backend-local:latest node:20-alpine --format '{{.Size}}'",
  ])
  const [image, base] = sizes.trim().split('\n').slice(-2).map(Number) as [number, number]
  return { what: "the image's own layers", measured: (image - base) / 1e6, unit: 'MB', atMost: 40, load: loadNow() }
}

/** Seconds of these lines in a shell of the other local AWS. */
async function typed(lines: string[]): Promise<number> {
  const began = performance.now()
  await inShell(hand, lines)
  return (performance.now() - began) / 1000
}

/** Writes what `register-task-definition` and `create-service` read, as the toolkit registered it in the other copy. */
async function serviceFiles(): Promise<string[]> {
  const outputs: Record<string, string> = Object.values(
    JSON.parse(readFileSync(join(hand.path, '.local/outputs.json'), 'utf8')) as Record<string, Record<string, string>>,
  )[0]!
  const { taskDefinition } = await toolkit.aws(
    'ecs',
    'describe-task-definition',
    '--task-definition',
    'websocket-task-local',
  )
  const definition = asRegistered(taskDefinition) as any
  definition.containerDefinitions[0].image = `${registry}/live-quiz-backend-local:latest`
  for (const secret of definition.containerDefinitions[0].secrets) secret.valueFrom = outputs['AdminSecretArn']
  for (const variable of definition.containerDefinitions[0].environment) {
    if (variable.name === 'TARGET_GROUP_ARN') variable.value = outputs['TargetGroupArn']
  }
  writeFileSync(join(hand.path, '.local/task-definition.json'), JSON.stringify(definition))
  const service = {
    cluster: 'live-quiz-cluster-local',
    serviceName: 'websocket-service',
    taskDefinition: 'websocket-task-local',
    desiredCount: 1,
    launchType: 'FARGATE',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: outputs['TaskSubnetIds']!.split(','),
        securityGroups: [outputs['TaskSecurityGroupId']],
      },
    },
    loadBalancers: [
      {
        targetGroupArn: outputs['TargetGroupArn'],
        containerName: definition.containerDefinitions[0].name,
        containerPort: 3000,
      },
    ],
  }
  writeFileSync(join(hand.path, '.local/service.json'), JSON.stringify(service))
  return [`BUCKET_NAME=${outputs['SiteBucketName']}`, `DISTRIBUTION_ID=${outputs['DistributionId']}`]
}

/** A copy with its virtualenv, and its own version so that Docker has none of the backend's layers. */
async function prepared(port: number, version: string): Promise<Checkout> {
  const copy = await checkout(port)
  const manifest = join(copy.path, 'backend/package.json')
  writeFileSync(
    manifest,
    readFileSync(manifest, 'utf8').replace(/"version": "[^"]*"/, `"version": "${version}-${Date.now()}"`),
  )
  await ran(copy, 'make', 'local-up')
  await stopLocalAws(copy)
  return copy
}

async function stopLocalAws(copy: Checkout): Promise<void> {
  const { pid } = JSON.parse(readFileSync(join(copy.path, '.local/connection.json'), 'utf8'))
  process.kill(pid, 'SIGTERM')
  for (const deadline = Date.now() + 30_000; isAlive(pid) && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function ran(copy: Checkout, ...command: string[]) {
  const result = await copy.run(command)
  if (result.exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${result.exitCode}:\n${result.output}`)
  return result
}

async function took(...command: string[]): Promise<number> {
  return (await ran(toolkit, ...command)).seconds
}

async function inShell(copy: Checkout, lines: string[]): Promise<string> {
  const result = await copy.run(['make', '-s', 'local-shell'], { input: ['set -e', ...lines, ''].join('\n') })
  if (result.exitCode !== 0) throw new Error(`${lines.join('\n')}\nended with ${result.exitCode}:\n${result.output}`)
  return result.stdout
}
