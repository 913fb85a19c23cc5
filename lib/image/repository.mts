import { say } from '../script/narration.mts'
import { probe, read, run } from '../script/shell.mts'
import type { Target } from '../environment/target.mts'

interface Repository {
  repositoryUri: string
}

/** How many images a repository keeps: a rollback reaches that far back. */
const keptImages = 200

/**
 * Counted by push, over all tags: nothing younger than the last 200 pushes can go. A rule on age would expire the
 * image of a release that has been running well for a long time.
 */
const lifecyclePolicy = {
  rules: [
    {
      rulePriority: 1,
      description: `keep the last ${keptImages} images`,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keptImages },
      action: { type: 'expire' },
    },
  ],
}

/** The URI of the environment's repository; creates it, with scan on push, when there is none. */
export async function ensureRepository({
  names,
  account,
  region,
}: Pick<Target, 'names' | 'account' | 'region'>): Promise<string> {
  const name = names.repository
  const known = await knownRepository(name)
  if (known) return known
  say(`there is no ECR repository ${name} yet`)
  const standIn = { repository: { repositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}` } }
  const { repository } = await read({
    standIn,
  })`aws ecr create-repository --repository-name ${name} --image-scanning-configuration scanOnPush=true`
  return repository.repositoryUri
}

/** The URI of a repository; undefined when there is none. */
export async function knownRepository(name: string): Promise<string | undefined> {
  const described = await probe`aws ecr describe-repositories --repository-names ${name}`
  if (described.exitCode === 0) {
    const { repositories } = JSON.parse(described.stdout) as { repositories: [Repository] }
    return repositories[0].repositoryUri
  }
  if (!/RepositoryNotFoundException/.test(described.stderr)) throw described.failed()
  return undefined
}

/** Also for a repository that exists: a run that was stopped after creating it left it without. */
export async function keepImages(name: string): Promise<void> {
  await run`aws ecr put-lifecycle-policy --repository-name ${name} --lifecycle-policy-text ${JSON.stringify(lifecyclePolicy)} --query repositoryName`
}
