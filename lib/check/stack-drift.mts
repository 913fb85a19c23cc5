import type { PropertyDifference, StackResourceDrift } from '@aws-sdk/client-cloudformation'
import { environmentNames, isLocalEndpoint, type Environment } from '../environment/environments.mts'
import { excerpt, Failure, remedyFor } from '../script/failure.mts'
import { isSurvivable, runWithin } from '../script/job.mts'
import { detectDrift, type StackDrift } from '../stack/drift.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { failed, passed, warned, type CheckResult, type Finding } from './finding.mts'
import { allSkipped } from './findings.mts'

/** AWS says that it takes "up to several minutes". */
const patience = 5 * 60_000

/**
 * CloudFormation's drift of what is deployed.
 * @param outputs of the stack; a text: why nothing is known of it
 */
export async function checkStackDrift(environment: Environment, outputs: StackOutputs | string): Promise<Finding[]> {
  if (typeof outputs === 'string') return allSkipped(['stack drift'], outputs)
  const { stack } = environmentNames(environment)
  return await compareWithTemplate(stack, () => detectDrift(stack, isLocalEndpoint()))
}

/**
 * A finding for each resource that someone changed or deleted by hand, and one for whatever CloudFormation could not read. What
 * is not known is no OK, and no failure either.
 */
export async function compareWithTemplate(
  stack: string,
  detect: () => Promise<StackDrift>,
  within = patience,
): Promise<Finding[]> {
  const tooLong = new Failure(
    `CloudFormation had not compared ${stack} after ${within / 1000} s`,
    're-run the same command',
  )
  let results: CheckResult[]
  try {
    results = resultsOf(stack, await runWithin(within, tooLong, detect))
  } catch (error) {
    if (!isSurvivable(error)) throw error
    results = [warned(`not known: ${error.message}`, error.remedy)]
  }
  return results.map((result) => ({ name: 'stack drift', ...result }))
}

function resultsOf(stack: string, { incomplete, drifts, asked, left }: StackDrift): CheckResult[] {
  const show = `aws cloudformation describe-stack-resource-drifts --stack-name ${stack}`
  const having = (...statuses: string[]) =>
    drifts.filter(({ StackResourceDriftStatus = '' }) => statuses.includes(StackResourceDriftStatus))
  const found = [
    ...having('DELETED', 'MODIFIED').map((drift) =>
      failed(
        `${nameOf(drift)} ${differencesOf(drift)}`,
        `put that back by hand, or change the code and deploy; every value: ${show} --stack-resource-drift-status-filters DELETED MODIFIED`,
      ),
    ),
    ...having('UNKNOWN').map((drift) => {
      const { DriftStatusReason: reason = 'CloudFormation gives no reason' } = drift
      return warned(`${nameOf(drift)} is not known: ${excerpt(reason)}`, remedyFor(reason))
    }),
    ...(incomplete === undefined
      ? []
      : [warned(`not known of every resource: ${excerpt(incomplete)}`, remedyFor(incomplete))]),
  ]
  if (found.length > 0) return found
  const same = having('IN_SYNC').length
  if (same === 0) return [warned('not known: CloudFormation compared no resource', show)]
  const others = [`${asked - same} that CloudFormation cannot compare`, ...left].join(', ')
  return [passed(`${same} resources are as the template says; not compared: ${others}`)]
}

function nameOf({ LogicalResourceId, ResourceType, PhysicalResourceId }: StackResourceDrift): string {
  return `${LogicalResourceId} (${ResourceType} ${PhysicalResourceId})`
}

/** Of a resource with many differences, the first ones. */
const most = 3

function differencesOf({ StackResourceDriftStatus, PropertyDifferences = [] }: StackResourceDrift): string {
  if (StackResourceDriftStatus === 'DELETED') return 'was deleted'
  const lines = PropertyDifferences.slice(0, most).map(differenceText)
  const more = PropertyDifferences.length - most
  return [...lines, ...(more > 0 ? [`${more} more`] : [])].join('; ')
}

function differenceText({ PropertyPath = '', ActualValue, ExpectedValue }: PropertyDifference): string {
  return `has ${PropertyPath.slice(1)} ${valueText(ActualValue)}, the template says ${valueText(ExpectedValue)}`
}

function valueText(value = 'null'): string {
  return value === 'null' ? 'nothing' : excerpt(value)
}
