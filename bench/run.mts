#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Times the toolkit on the AWS of this machine, and the documented commands typed one after the other in the same run.
 *
 *   ./bench/run.mts
 *   make bench
 *
 * Packages, virtualenv and base image exist before the clock starts; Docker layers of the backend do not. Works in two
 * copies of this tree in the system's temporary directory, and removes everything at the end. Takes about five minutes;
 * on a machine that is busy with something else, the figures mean little. Exit code 1 when a figure exceeds its bound.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asRegistered } from '../lib/service/task-definition.mts'
import { checkout, type Checkout } from '../test/e2e/support/checkout.mts'
import { again, first } from './by-hand.mts'

interface Figure {
  what: string
  measured: number
  unit: 's' | 'MB'
  atMost: number
  byHand?: number
}

const toolkit = await prepared(5200, '1.0.1')
const hand = await prepared(5400, '1.0.2')
try {
  const figures = [...(await ofTheToolkit()), await ofTheImage()]
  const byHand = await typed()
  for (const figure of figures) figure.byHand = byHand[figure.what]!
  show(figures)
} finally {
  await toolkit.remove()
  await hand.remove()
}

async function ofTheToolkit(): Promise<Figure[]> {
  const help = [await took('./deploy/backend.mts', '--help'), await took('./deploy/backend.mts', '--help')]
  const up = await took('make', 'local-up')
  await stopLocalAws(toolkit)
  const fresh = await took('make', 'deploy-local')
  const unchanged = await took('make', 'deploy-local')
  const { memoryMegabytes } = JSON.parse((await ran(toolkit, 'make', '-s', 'local-status', 'ARGS=--json')).stdout)
  return [
    { what: 'first', measured: fresh, unit: 's', atMost: 90 },
    { what: 'unchanged', measured: unchanged, unit: 's', atMost: 20 },
    { what: './deploy/backend.mts --help', measured: Math.min(...help), unit: 's', atMost: 0.6 },
    { what: 'make local-up', measured: up, unit: 's', atMost: 5 },
    { what: 'local AWS, deployed', measured: memoryMegabytes.gateway + memoryMegabytes.moto, unit: 'MB', atMost: 500 },
  ]
}

/** What the image adds to its base, uncompressed. */
async function ofTheImage(): Promise<Figure> {
  const sizes = await inShell(toolkit, [
    "docker image inspect live-quiz-backend-local:latest node:20-alpine --format '{{.Size}}'",
  ])
  const [image, base] = sizes.trim().split('\n').slice(-2).map(Number) as [number, number]
  return { what: "the image's own layers", measured: (image - base) / 1e6, unit: 'MB', atMost: 40 }
}

/** The documented commands on a separate local AWS: seconds of the first time, and of the same again unchanged. */
async function typed(): Promise<Record<string, number>> {
  const registry = '127.0.0.1:5400'
  const up = (await ran(hand, 'make', 'local-up')).seconds
  const { before, after } = first(registry)
  const started = performance.now()
  await inShell(hand, before)
  const pushed = performance.now()
  const variables = await serviceFiles(registry)
  const resumed = performance.now()
  await inShell(hand, [...variables, ...after])
  const done = performance.now()
  await inShell(hand, [...variables, ...again(registry)])
  return {
    first: up + (pushed - started + done - resumed) / 1000,
    unchanged: (performance.now() - done) / 1000,
  }
}

/** Writes what `register-task-definition` and `create-service` read, as the toolkit registered it in the other copy. */
async function serviceFiles(registry: string): Promise<string[]> {
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

function show(figures: Figure[]): void {
  const names: Record<string, string> = {
    first: 'make deploy-local, the first time',
    unchanged: 'make deploy-local, unchanged',
  }
  console.log(`\n${''.padEnd(36)}${'measured'.padStart(12)}${'at most'.padStart(12)}   the documented commands by hand`)
  for (const { what, measured, unit, atMost, byHand } of figures) {
    const shown = `${measured.toFixed(unit === 's' ? 2 : 1)} ${unit}`
    const ratio =
      byHand === undefined ? '' : `   ${byHand.toFixed(1)} s: ${(byHand / measured).toFixed(1)} times as long`
    console.log(`${(names[what] ?? what).padEnd(36)}${shown.padStart(12)}${`${atMost} ${unit}`.padStart(12)}${ratio}`)
    if (measured > atMost) process.exitCode = 1
  }
}
