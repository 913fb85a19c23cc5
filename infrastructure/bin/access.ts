/* The app of the roles and policies of an environment: `make access ENV=…` deploys it. */
import { App } from 'aws-cdk-lib/core'
import { environments, isEnvironment } from '../../lib/environment/environments.mts'
import { Failure } from '../../lib/script/failure.mts'
import { reportFailure } from '../../lib/script/main.mts'
import { readSettings } from '../../lib/environment/settings.mts'
import { addAccess } from '../lib/access.ts'
import { accessOf } from '../lib/access-configuration.ts'
import { assertExpectedTarget } from '../lib/guards.ts'

try {
  const app = new App({ builtinCloudFormationValidation: false })
  const environment: unknown = app.node.tryGetContext('environment')
  if (typeof environment !== 'string' || !isEnvironment(environment)) {
    throw new Failure(
      `unknown environment: ${String(environment)}`,
      `-c environment=<name>, one of ${environments.join(', ')}`,
      2,
    )
  }
  const settings = readSettings(environment)
  assertExpectedTarget(environment, settings, process.env)
  addAccess(app, accessOf(environment, settings, process.env))
  app.synth()
} catch (error) {
  process.exitCode = reportFailure(error)
}
