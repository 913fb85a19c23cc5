import { pinned } from '../image/image.mts'
import { recordsForRemark } from '../ledger/ledger.mts'
import { badEnd, type ReleaseRecord, type Status } from '../ledger/record.mts'
import { describeService } from '../service/service.mts'
import { probe, read } from '../script/shell.mts'
import type { Target } from '../environment/target.mts'
import { releaseOf, type TaskDefinition } from '../service/task-definition.mts'

/** A revision as a person chooses one. */
export interface KnownRevision {
  revision: number
  /** Id of the release that registered it; empty when somebody did by hand. */
  release: string
  /** ISO 8601, UTC. */
  registeredAt: string
  /** Empty when the revision names its image by tag. */
  digest: string
  /** Whether the repository has the image. */
  imageThere: boolean
  /** How its own deployment ended, where the ledger knows that it did not come up: `rolled back`, `failed`. */
  ended?: Status
  /** Part of a deployment that is live or on its way in or out. */
  inUse: boolean
}

type Registered = TaskDefinition & { taskDefinitionArn: string; revision: number; registeredAt: string | number }

/** The active revisions of an environment, newest first: the newest `most` and those in use; `older` were left out. */
export async function knownRevisions(
  target: Pick<Target, 'environment' | 'names'>,
  most: number,
): Promise<{ revisions: KnownRevision[]; older: number }> {
  const { names } = target
  const [{ taskDefinitionArns }, service, images, records] = await Promise.all([
    read<{
      taskDefinitionArns: string[]
    }>`aws ecs list-task-definitions --family-prefix ${names.family} --sort DESC`,
    describeService(target),
    imageDigests(names.repository),
    recordsForRemark(target, 'which of them never came up'),
  ])
  const used = new Set(service?.deployments.map(({ taskDefinition }) => taskDefinition))
  const chosen = taskDefinitionArns.filter((arn, place) => place < most || used.has(arn))
  const revisions: KnownRevision[] = []
  // each is a process of its own, and fifty at once would bring a laptop to its knees
  for (let place = 0; place < chosen.length; place += 4) {
    const described = chosen.slice(place, place + 4).map(async (arn) => {
      const { taskDefinition } = await read<{
        taskDefinition: Registered
      }>`aws ecs describe-task-definition --task-definition ${arn}`
      return known(taskDefinition, used, images, records)
    })
    revisions.push(...(await Promise.all(described)))
  }
  return { revisions, older: taskDefinitionArns.length - chosen.length }
}

function known(
  definition: Registered,
  used: Set<string>,
  images: Set<string>,
  records: ReleaseRecord[],
): KnownRevision {
  const release = releaseOf(definition)
  const ended = badEnd(records, definition.taskDefinitionArn, release)?.status
  const digest = pinned(definition.containerDefinitions[0]?.image ?? '')?.digest ?? ''
  return {
    revision: definition.revision,
    release,
    registeredAt: isoTime(definition.registeredAt),
    digest,
    imageThere: images.has(digest),
    ...(ended ? { ended } : {}),
    inUse: used.has(definition.taskDefinitionArn),
  }
}

/** Version 1 of the aws CLI writes seconds or an ISO time, as it is configured; version 2 writes ISO. */
function isoTime(time: string | number): string {
  return new Date(typeof time === 'number' ? time * 1000 : time).toISOString()
}

async function imageDigests(repository: string): Promise<Set<string>> {
  const listed = await probe`aws ecr list-images --repository-name ${repository} --query ${'imageIds[].imageDigest'}`
  if (/RepositoryNotFoundException/.test(listed.stderr)) return new Set()
  if (listed.exitCode !== 0) throw listed.failed()
  return new Set(JSON.parse(listed.stdout) as string[])
}
