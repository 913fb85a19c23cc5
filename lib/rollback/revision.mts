import type { Place, Target } from '../environment/target.mts'
import { pinned } from '../image/image.mts'
import { readImage } from '../image/repository.mts'
import { listRecordsOrWarn } from '../ledger/ledger.mts'
import { badEnd, previousVerified, unfinishedRollback, type ReleaseRecord, type Status } from '../ledger/record.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { read } from '../script/shell.mts'
import { describeService, revisionName, revisionNumber, timeOf } from '../service/service.mts'
import {
  describeTaskDefinition,
  releaseOf,
  type RegisteredTaskDefinition,
  type TaskDefinition,
} from '../service/task-definition.mts'

/** A revision for a list to choose from. */
interface ListedRevision {
  revision: number
  /** Id of the release that registered it; empty when someone registered it by hand. */
  release: string
  /** ISO 8601, UTC. */
  registeredAt: string
  /** Empty when the revision names its image by tag. */
  digest: string
  /** Whether the repository has the image. */
  imageThere: boolean
  /** How its own deployment ended, where the ledger knows that it never came up: `rolled back`, `failed`. */
  ended?: Status
  /** Part of a deployment that is live, starting or ending. */
  inUse: boolean
}

/** The active revisions of an environment, newest first: the newest `most` and those in use; `older` is the number of the others. */
export async function listRevisions(
  target: Place,
  most: number,
): Promise<{ revisions: ListedRevision[]; older: number }> {
  const { names } = target
  const [{ taskDefinitionArns }, service, images, records] = await Promise.all([
    read<{ taskDefinitionArns: string[] }>({
      ifEmpty: { taskDefinitionArns: [] },
    })`aws ecs list-task-definitions --family-prefix ${names.family} --sort DESC`,
    describeService(target),
    listImageDigests(names.repository),
    listRecordsOrWarn(target, 'which of them never came up'),
  ])
  const used = new Set(service?.deployments.map(({ taskDefinition }) => taskDefinition))
  const selected = taskDefinitionArns.filter((arn, place) => place < most || used.has(arn))
  const revisions: ListedRevision[] = []
  // each is a process: fifty at once are too many for a laptop
  for (let place = 0; place < selected.length; place += 4) {
    const definitions = await Promise.all(selected.slice(place, place + 4).map(describeTaskDefinition))
    revisions.push(...definitions.map((definition) => listed(definition, used, images, records)))
  }
  return { revisions, older: taskDefinitionArns.length - selected.length }
}

function listed(
  definition: RegisteredTaskDefinition,
  used: Set<string>,
  images: Set<string>,
  records: ReleaseRecord[],
): ListedRevision {
  const release = releaseOf(definition)
  const ended = badEnd(records, definition.taskDefinitionArn, release)?.status
  const digest = pinned(definition.containerDefinitions[0]?.image ?? '')?.digest ?? ''
  return {
    revision: definition.revision,
    release,
    registeredAt: timeOf(definition.registeredAt).toISOString(),
    digest,
    imageThere: images.has(digest),
    ...(ended ? { ended } : {}),
    inUse: used.has(definition.taskDefinitionArn),
  }
}

async function listImageDigests(repository: string): Promise<Set<string>> {
  const digests = await read<string[] | null>({
    ifEmpty: null,
    absent: /RepositoryNotFoundException/,
  })`aws ecr list-images --repository-name ${repository} --query ${'imageIds[].imageDigest'}`
  return new Set(digests)
}

/** A registered task definition that the service can be set to. */
export interface UsableRevision {
  /** ARN. */
  revision: string
  taskDefinition: TaskDefinition
  digest: string
  /** Id of the release that registered it; empty when someone registered it by hand. */
  release: string
}

/** The number of a revision. `012`, `1e10` and `+1` are not numbers of revisions. Fails with exit 2. */
export function parseRevisionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Failure(
    `${JSON.stringify(text)} is not a revision number`,
    `give the number of a revision, such as 12; ${invocation('revisions', '…')} lists them`,
    2,
  )
}

/**
 * The number of the last revision before the running one that was verified live, by the ledger. Where the last run was a
 * rollback to the running one, and ended before that was verified, it is the running one: the same command must not go
 * back by two. Fails when there is none.
 * @param running ARN
 */
export function requirePreviousRevision(
  { environment }: Pick<Target, 'environment'>,
  records: ReleaseRecord[],
  running: string,
): number {
  const arn =
    unfinishedRollback(records)?.revision === running
      ? running
      : previousVerified(records, 'backend', running)?.components.backend?.taskDefinition
  const number = Number(arn && revisionNumber(arn))
  if (Number.isInteger(number)) return number
  throw new Failure(
    `the ledger of ${environment} has no verified release before ${revisionName(running)}`,
    `${invocation('revisions', environment)} lists the revisions; name one`,
  )
}

/**
 * A revision that the service can be set to now: it is active, of this backend, pinned to an image that still exists, and
 * its roles and its log group exist. Fails with the first check that does not pass.
 */
export async function requireUsableRevision(target: Place, number: number): Promise<UsableRevision> {
  const { environment, names } = target
  const name = `${names.family}:${number}`
  const choose = `choose another: ${invocation('revisions', environment)} lists them`
  const taskDefinition = await describeRevision(name, choose)
  if (taskDefinition.status !== 'ACTIVE') {
    throw new Failure(`${name} is ${taskDefinition.status}: someone deregistered it, and ECS no longer runs it`, choose)
  }
  const container = taskDefinition.containerDefinitions.find((one) => one.name === names.container)
  if (!container) throw new Failure(`${name} has no container ${names.container}: it is not one of ours`, choose)
  const image = pinned(container.image)
  if (!image) {
    throw new Failure(`${name} names its image by tag (${container.image}), which may be another image by now`, choose)
  }
  // not in one that someone registered by hand
  const roles = [taskDefinition.executionRoleArn, taskDefinition.taskRoleArn]
  const group = container.logConfiguration?.options?.['awslogs-group']
  if (!group || !roles.every(Boolean)) {
    throw new Failure(`${name} has no log group or not both roles: it is not one of ours`, choose)
  }
  const [stored] = await Promise.all([
    readImage(names.repository, `imageDigest=${image.digest}`),
    ...roles.map((arn) => requireRole(name, arn, environment)),
    requireLogGroup(name, group, environment),
  ])
  if (!stored || !image.repository.endsWith(`/${names.repository}`)) {
    throw new Failure(`the image of ${name} is not in ${names.repository}: ${container.image}`, choose)
  }
  return {
    revision: taskDefinition.taskDefinitionArn,
    taskDefinition,
    digest: image.digest,
    release: releaseOf(taskDefinition),
  }
}

async function describeRevision(name: string, choose: string): Promise<RegisteredTaskDefinition> {
  const described = await read<{ taskDefinition: RegisteredTaskDefinition }>({
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html: no separate error for it
    absent: /Unable to describe task definition/,
  })`aws ecs describe-task-definition --task-definition ${name}`
  if (!described) throw new Failure(`there is no ${name}`, choose)
  return described.taskDefinition
}

async function requireRole(name: string, arn: string, environment: Target['environment']): Promise<void> {
  const role = arn.slice(arn.lastIndexOf('/') + 1)
  const found = await read({ absent: /NoSuchEntity/ })`aws iam get-role --role-name ${role} --query Role.Arn`
  if (found !== undefined) return
  throw new Failure(`${name} needs the role ${role}, which does not exist`, invocation('infrastructure', environment))
}

async function requireLogGroup(name: string, group: string, environment: Target['environment']): Promise<void> {
  const { logGroups } = await read<{ logGroups: { logGroupName: string }[] }>({
    ifEmpty: { logGroups: [] },
  })`aws logs describe-log-groups --log-group-name-prefix ${group}`
  if (logGroups.some(({ logGroupName }) => logGroupName === group)) return
  throw new Failure(
    `${name} writes to the log group ${group}, which does not exist`,
    invocation('infrastructure', environment),
  )
}
