import type { Action, Input } from '../gateway/room.ts'
import { account } from '../settings.ts'
import type { Authorization } from './authorization.ts'
import { invalidParameter, lifecyclePolicyNotFound } from './errors.ts'
import { checkLifecyclePolicy } from './lifecycle-policy.ts'
import type { Repositories, Repository } from './repositories.ts'

/** The actions of ECR that are about repositories. */
export function repositoryActions(
  repositories: Repositories,
  authorization: Authorization,
  registryHost: string,
): Record<string, Action> {
  const repositoryIn = (input: Input): Repository => repositoryOf(repositories, input)

  return {
    CreateRepository(input) {
      const { repositoryName, imageScanningConfiguration, encryptionConfiguration, ...given } =
        input as unknown as CreateInput
      const repository = repositories.create(repositoryName, {
        ...mutabilityOf(given),
        scanOnPush: imageScanningConfiguration?.scanOnPush ?? false,
        ...(encryptionConfiguration && { encryption: encryptionConfiguration }),
      })
      return { repository: describe(repository) }
    },
    DescribeRepositories(input) {
      refuseParameters(input)
      const { repositoryNames } = input as { repositoryNames?: string[] }
      return { repositories: (repositoryNames?.map(repositories.get) ?? repositories.list()).map(describe) }
    },
    async DeleteRepository(input) {
      const { name } = repositoryIn(input)
      return { repository: describe(await repositories.remove(name, input['force'] === true)) }
    },
    GetAuthorizationToken(_, { accessKeyId }) {
      const { token, expiresAt } = authorization.issue(accessKeyId)
      return {
        authorizationData: [{ authorizationToken: token, expiresAt, proxyEndpoint: `http://${registryHost}` }],
      }
    },
    PutImageTagMutability(input) {
      const repository = repositoryIn(input)
      Object.assign(repository, mutabilityOf(input as Mutability))
      return { ...identity(repository), ...describeMutability(repository) }
    },
    async PutLifecyclePolicy(input) {
      const repository = repositoryIn(input)
      repository.lifecyclePolicy = checkLifecyclePolicy(String(input['lifecyclePolicyText']))
      await repositories.expire(repository)
      return { ...identity(repository), lifecyclePolicyText: repository.lifecyclePolicy }
    },
    GetLifecyclePolicy(input) {
      const repository = repositoryIn(input)
      if (repository.lifecyclePolicy === undefined) throw lifecyclePolicyNotFound(repository.name)
      return { ...identity(repository), lifecyclePolicyText: repository.lifecyclePolicy }
    },
  }
}

interface Mutability {
  imageTagMutability?: string
  imageTagMutabilityExclusionFilters?: { filterType: string; filter: string }[]
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html */
function mutabilityOf({ imageTagMutability = 'MUTABLE', imageTagMutabilityExclusionFilters = [] }: Mutability) {
  if (imageTagMutability === 'MUTABLE_WITH_EXCLUSION') {
    throw invalidParameter('imageTagMutability', 'the local AWS has no MUTABLE_WITH_EXCLUSION')
  }
  const movingTags = imageTagMutabilityExclusionFilters.map(({ filter }) => filter)
  if (movingTags.length > 0 !== (imageTagMutability === 'IMMUTABLE_WITH_EXCLUSION')) {
    throw invalidParameter('imageTagMutabilityExclusionFilters', 'belong to the mutabilities with exclusion')
  }
  return { immutableTags: imageTagMutability !== 'MUTABLE', movingTags }
}

function describeMutability({ immutableTags, movingTags }: Repository) {
  if (movingTags.length === 0) return { imageTagMutability: immutableTags ? 'IMMUTABLE' : 'MUTABLE' }
  return {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: movingTags.map((filter) => ({ filterType: 'WILDCARD', filter })),
  }
}

interface CreateInput extends Mutability {
  repositoryName: string
  imageScanningConfiguration?: { scanOnPush?: boolean }
  encryptionConfiguration?: Repository['encryption']
}

/**
 * The repository that a call names.
 * @throws AwsError where there is none, and for a parameter that is not here
 */
export function repositoryOf(repositories: Repositories, input: Input): Repository {
  refuseParameters(input)
  return repositories.get(input['repositoryName'] as string)
}

function refuseParameters(input: Input): void {
  const [unknown] = ['filter', 'registryId'].filter((name) => input[name] !== undefined)
  if (unknown) throw invalidParameter(unknown, 'the local AWS does not have it')
}

export function identity(repository: Repository) {
  return { registryId: account, repositoryName: repository.name }
}

function describe(repository: Repository) {
  return {
    repositoryArn: repository.arn,
    ...identity(repository),
    repositoryUri: repository.uri,
    createdAt: repository.createdAt,
    ...describeMutability(repository),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: repository.encryption,
  }
}
