import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CfnBucket } from 'aws-cdk-lib/aws-s3'
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs'
import { Validations } from 'aws-cdk-lib/core'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { Environment } from '../../lib/environment/environments.mts'
import type { Settings } from '../../lib/environment/keys.mts'
import { besideTheStack } from './beside-the-stack.ts'
import { createApp, named, variants } from './synthesis.ts'

/** An app under cdk-nag's rules and CloudFormation's own, both of which each synth by hand does without. */
function checkedApp(environment: Environment, settings: Partial<Settings> = {}) {
  const { app, stack } = createApp(environment, settings, { builtinCloudFormationValidation: true })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  return { app, stack }
}

for (const [environment, settings] of variants) {
  test(`${named(environment, settings)}: every finding of cdk-nag and CloudFormation has a reason`, () => {
    const { app } = checkedApp(environment, settings)
    const report = JSON.parse(readFileSync(join(app.synth().directory, 'validation-report.json'), 'utf8'))
    assert.deepEqual(report.pluginReports, [])
  })
}

test('every finding about what the toolkit makes beside the stack has a reason', () => {
  const { app } = checkedApp('production')
  besideTheStack(app, 'production')
  const report = JSON.parse(readFileSync(join(app.synth().directory, 'validation-report.json'), 'utf8'))
  assert.deepEqual(report.pluginReports, [])
})

test('the rules see what is wrong beside the stack', () => {
  const { app } = checkedApp('production')
  const stack = besideTheStack(app, 'production')
  new CfnTaskDefinition(stack, 'Open', { containerDefinitions: [{ name: 'a', image: 'b', privileged: true }] })
  assert.throws(() => app.synth(), /Validation failed/)
})

test('cdk-nag finds an insecure bucket', () => {
  const { app, stack } = checkedApp('local')
  new CfnBucket(stack, 'Open')
  assert.throws(() => app.synth(), /Validation failed/)
})

test('CloudFormation finds a value that it does not know', () => {
  const { app, stack } = createApp('local', {}, { builtinCloudFormationValidation: true })
  new CfnBucket(stack, 'Odd', { accessControl: 'Nobody' })
  assert.throws(() => app.synth(), /Validation failed/)
})
