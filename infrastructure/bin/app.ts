import { App } from 'aws-cdk-lib/core'
import { environments, isEnvironment } from '../../lib/environment/environments.mts'
import { Failure } from '../../lib/script/failure.mts'
import { reportFailure } from '../../lib/script/main.mts'
import { readSettings } from '../../lib/environment/settings.mts'
import { configurationOf } from '../lib/configuration.ts'
import { assertExpectedTarget } from '../lib/guards.ts'
import { LiveQuizStack } from '../lib/live-quiz-stack.ts'

try {
  // the built-in validation takes two of three seconds, and the tests run it over every environment
  const app = new App({ builtinCloudFormationValidation: false })
  const environment: unknown = app.node.tryGetContext('environment') ?? 'production'
  if (typeof environment !== 'string' || !isEnvironment(environment)) {
    throw new Failure(
      `unknown environment: ${String(environment)}`,
      `-c environment=<name>, one of ${environments.join(', ')}; without it, production`,
      2,
    )
  }
  const settings = readSettings(environment)
  assertExpectedTarget(environment, settings, process.env)
  // known by `make deploy-infrastructure`: no file and no setting says which table the tasks use
  const restoredTable = String(app.node.tryGetContext('restoredTable') ?? '')
  const configuration = configurationOf(environment, settings, restoredTable)
  // while it is created, so that what a failure leaves can be deleted
  if (app.node.tryGetContext('unprotected') === 'true') configuration.terminationProtection = false
  new LiveQuizStack(app, configuration)
  app.synth()
} catch (error) {
  process.exitCode = reportFailure(error)
}
