import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { App, type AppProps } from 'aws-cdk-lib/core'
import { environments, type Environment } from '../../lib/environment/environments.mts'
import type { Settings } from '../../lib/environment/keys.mts'
import { readSettings } from '../../lib/environment/settings.mts'
import { configurationOf } from '../lib/configuration.ts'
import { LiveQuizStack } from '../lib/live-quiz-stack.ts'

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8')) as Required<AppProps>

/** The app of an environment, as cdk would run it; the address keeps the warning about a missing one away. */
export function createApp(
  environment: Environment,
  overrides: Partial<Settings> = {},
  props: AppProps = { builtinCloudFormationValidation: false },
  restoredTable?: string,
): { app: App; stack: LiveQuizStack } {
  const app = new App({ context, ...props })
  const settings = { ...readSettings(environment), ALERT_EMAIL: 'oncall@example.com', ...overrides }
  return { app, stack: new LiveQuizStack(app, configurationOf(environment, settings, restoredTable)) }
}

export const withDomain = {
  SITE_DOMAIN: 'quiz.example.com',
  SITE_CERTIFICATE_ARN: 'arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012',
  HOSTED_ZONE_ID: 'Z0123456789ABCDEFGHIJ',
}

export const withCosts = {
  WEB_ACL_ARN: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/live-quiz/12345678-1234-1234-1234-123456789012',
  FLOW_LOGS: 'on',
  KMS_KEY_ARN: 'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012',
  MONTHLY_BUDGET_USD: '200',
}

/** Every environment as its file says, and what its settings can make of it. */
export const variants: [Environment, Partial<Settings>][] = [
  ...environments.map((environment): [Environment, Partial<Settings>] => [environment, {}]),
  ['production', { LOAD_BALANCER: 'private' }],
  ['production', withDomain],
  ['production', { AWS_REGION: 'eu-south-1' }],
  ['production', withCosts],
  ['development', { FLOW_LOGS: 'on' }],
]

export function named(environment: Environment, settings: Partial<Settings>): string {
  return [environment, ...Object.keys(settings)].join(' with ')
}

const templates = new Map<string, Template>()

/** The template of an environment with the settings of its file, but for those that are given. */
export function templateOf(environment: Environment, settings: Partial<Settings> = {}): Template {
  const key = JSON.stringify([environment, settings])
  const known = templates.get(key)
  if (known) return known
  const template = Template.fromStack(createApp(environment, settings).stack)
  templates.set(key, template)
  return template
}

/** The properties of the one resource of a type. */
export function only(template: Template, type: string): Record<string, unknown> {
  const found = Object.values(template.findResources(type))
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`)
  return (found[0] as { Properties: Record<string, unknown> }).Properties
}
