import type { Target } from '../environment/target.mts'
import { recordStage } from '../ledger/deployment.mts'
import { invocation } from '../script/command-line.mts'
import { exitCodes, Failure } from '../script/failure.mts'
import { currentJob, isDryRun, requireMayChange } from '../script/job.mts'
import { say, step, beginStage } from '../script/narration.mts'
import { run } from '../script/shell.mts'
import type { RunningRelease } from '../service/service.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { redeploy } from './redeploy.mts'

/** Stores a new admin secret, and replaces every task, which reads it when it starts. */
export async function rotateAdminSecret(target: Target, outputs: StackOutputs, running: RunningRelease): Promise<void> {
  beginStage(`Admin secret: ${target.environment}`)
  await recordStage('backend', async () => {
    await requireMayChange()
    let isStored = false
    try {
      await step('Store a new value, which Secrets Manager generates', () => storeNewValue(outputs.AdminSecretArn))
      isStored = true
      await redeploy(target, outputs, running)
    } catch (error) {
      throw error instanceof Failure && !isDryRun() ? halfRotatedFailure(target, error, isStored) : error
    }
  })
  if (isDryRun()) return
  say('the old admin secret is refused: administrators sign in again; links of hosts, screens and players stay valid')
}

/**
 * In one pipe: the value is in no argument, file, log or output, and in no variable of ours. aws itself refuses an empty one.
 * Not --cli-input-json, which aws reads twice: the second time a pipe is empty. Letters and digits as the stack's own:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 */
async function storeNewValue(secretArn: string): Promise<void> {
  await run`aws secretsmanager get-random-password --password-length 32 --exclude-punctuation --query RandomPassword --output text | tr -d '\\n' | aws secretsmanager put-secret-value --secret-id ${secretArn} --secret-string file:///dev/stdin --query VersionId`
}

/** The same verdict, with what is true of the secret: the same command would not only verify, it would make another value. */
function halfRotatedFailure({ environment }: Target, failure: Failure, isStored: boolean): Failure {
  const { message, remedy, exitCode, details } = failure
  const stored = isStored ? 'the new admin secret is stored' : 'a new admin secret may be stored'
  say(`warning: ${stored}; a task that started before still takes the old one`)
  // or the lock was lost
  const isStopped = currentJob().signal.aborted
  const isOpen = exitCode === exitCodes['still running'] || exitCode === exitCodes['not verified'] || isStopped
  const again = 'the same command makes yet another value'
  const look = `${invocation('watch', environment)} and ${invocation('health', environment)} show how it ends; ${again}`
  const open = isStored ? look : again
  return new Failure(message, isOpen ? open : `${remedy}; then re-run the same command`, exitCode, details)
}
