import { Failure } from '../script/failure.mts'
import { hasImage, pinned } from '../image/image.mts'
import { invocation } from '../script/invocation.mts'
import { releaseRecords } from '../ledger/ledger.mts'
import { previousVerified } from '../ledger/record.mts'
import type { RunningRelease } from '../service/running-release.mts'
import { revisionName } from '../service/service.mts'
import { probe, read } from '../script/shell.mts'
import type { Target } from '../environment/target.mts'
import { releaseOf, type TaskDefinition } from '../service/task-definition.mts'

type Scope = Pick<Target, 'environment' | 'names'>

/** A registered task definition that the service could run. */
export interface UsableRevision {
  /** ARN. */
  revision: string
  taskDefinition: TaskDefinition
  digest: string
  /** Id of the release that registered it; empty when somebody did by hand. */
  release: string
}

/** The number of a revision. Nothing is coerced: `012`, `1e10` and `+1` name none. Fails with exit 2. */
export function revisionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Failure(
    `REV is ${JSON.stringify(text)}`,
    'give the number of a revision, such as 12; make revisions ENV=… lists them',
    2,
  )
}

/** The revision before the one that runs, among those that the ledger knows to have been proven live. Fails when it knows none. */
export async function verifiedBefore(target: Scope, running: RunningRelease): Promise<number> {
  const records = (await releaseRecords(target)) ?? []
  const arn = previousVerified(records, 'backend', running.revision)?.components.backend?.taskDefinition
  const number = Number(arn?.split(':').at(-1))
  if (Number.isInteger(number)) return number
  throw new Failure(
    `the ledger of ${target.environment} knows no verified release before ${revisionName(running.revision)}`,
    `${invocation('revisions', target.environment)} lists the revisions; name one`,
  )
}

/**
 * A revision that the service can be set to now: it is active, of this backend, pinned to an image that is still there,
 * and its roles and its log group exist. Fails with the first of these that does not hold.
 */
export async function usableRevision(target: Scope, number: number): Promise<UsableRevision> {
  const { environment, names } = target
  const name = `${names.family}:${number}`
  const choose = `choose another: ${invocation('revisions', environment)} lists them`
  const taskDefinition = await described(name, choose)
  if (taskDefinition.status !== 'ACTIVE') {
    throw new Failure(`${name} is ${taskDefinition.status}: somebody deregistered it, and ECS runs it no more`, choose)
  }
  const container = taskDefinition.containerDefinitions.find((one) => one.name === names.container)
  if (!container) throw new Failure(`${name} has no container ${names.container}: it is no revision of ours`, choose)
  const image = pinned(container.image)
  if (!image) {
    throw new Failure(`${name} names its image by tag (${container.image}), which may be any image by now`, choose)
  }
  if (!image.repository.endsWith(`/${names.repository}`) || !(await hasImage(names.repository, image.digest))) {
    throw new Failure(`the image of ${name} is not in ${names.repository} any more: ${container.image}`, choose)
  }
  await Promise.all([
    ...[taskDefinition.executionRoleArn, taskDefinition.taskRoleArn].map((arn) => roleExists(name, arn, environment)),
    logGroupExists(name, container.logConfiguration.options['awslogs-group'], environment),
  ])
  return {
    revision: taskDefinition.taskDefinitionArn,
    taskDefinition,
    digest: image.digest,
    release: releaseOf(taskDefinition),
  }
}

type Registered = TaskDefinition & { taskDefinitionArn: string; status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS' }

async function described(name: string, choose: string): Promise<Registered> {
  const result = await probe`aws ecs describe-task-definition --task-definition ${name}`
  if (result.exitCode === 0) return (JSON.parse(result.stdout) as { taskDefinition: Registered }).taskDefinition
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html: no error of its own for it
  if (/Unable to describe task definition/.test(result.stderr)) throw new Failure(`there is no ${name}`, choose)
  throw result.failed()
}

async function roleExists(name: string, arn: string, environment: Target['environment']): Promise<void> {
  const role = arn.slice(arn.lastIndexOf('/') + 1)
  const result = await probe`aws iam get-role --role-name ${role} --query Role.Arn`
  if (result.exitCode === 0) return
  if (!/NoSuchEntity/.test(result.stderr)) throw result.failed()
  throw new Failure(
    `${name} needs the role ${role}, and there is none of that name`,
    invocation('infrastructure', environment),
  )
}

async function logGroupExists(name: string, group: string, environment: Target['environment']): Promise<void> {
  const { logGroups } = await read<{
    logGroups: { logGroupName: string }[]
  }>`aws logs describe-log-groups --log-group-name-prefix ${group}`
  if (logGroups.some(({ logGroupName }) => logGroupName === group)) return
  throw new Failure(
    `${name} writes to the log group ${group}, and there is none of that name`,
    invocation('infrastructure', environment),
  )
}
