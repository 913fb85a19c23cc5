import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EnvironmentNames } from '../../../lib/environment/environments.mts'
import type { Browser } from './browser.mts'
import type { Ran } from './checkout.mts'

/** A deployed environment, and the copy of this tree that it was deployed from. */
export interface System {
  names: EnvironmentNames
  /** Of the copy. */
  path: string
  browser: Browser
  /** `http://127.0.0.1:4860`, `https://d111111abcdef8.cloudfront.net` */
  site: string
  /** `host[:port]` of the load balancer. */
  loadBalancer: string
  outputs: Record<string, string>
  deploy(stage: 'all' | 'backend' | 'frontend'): Promise<Ran>
  /** stdout of an `aws` call, parsed. */
  aws(...args: string[]): Promise<any>
}

/** Changes a file of the copy. */
export function edit({ path }: Pick<System, 'path'>, file: string, from: string, to: string): void {
  const text = readFileSync(join(path, file), 'utf8')
  assert.ok(text.includes(from), `${file} has no ${from}`)
  writeFileSync(join(path, file), text.replace(from, to))
}

export async function outputsOf(
  aws: System['aws'],
  { stack }: Pick<EnvironmentNames, 'stack'>,
): Promise<Record<string, string>> {
  const { Stacks } = await aws('cloudformation', 'describe-stacks', '--stack-name', stack)
  return Object.fromEntries(
    Stacks[0].Outputs.map((output: Record<string, string>) => [output['OutputKey'], output['OutputValue']]),
  )
}

export async function describedService({ aws, names }: Pick<System, 'aws' | 'names'>): Promise<any> {
  const asked = await aws('ecs', 'describe-services', '--cluster', names.cluster, '--services', names.service)
  return asked.services[0]
}
