import type { Action, Input } from '../gateway/room.ts'
import { account } from '../settings.ts'
import type { Authorization } from './authorization.ts'
import { invalidParameter, lifecyclePolicyNotFound } from './errors.ts'
import { checkLifecyclePolicy } from './lifecycle-policy.ts'
import type { Repositories, Repository } from './repositories.ts'

interface RepositoryInput {
  registryId?: string
  repositoryName: string
}

/** The actions of ECR that are about repositories. */
export function repositoryActions(
  repositories: Repositories,
  authorization: Authorization,
  registryHost: string,
): Record<string, Action> {
  const repositoryIn = (input: Input): Repository => {
    const { repositoryName, registryId } = input as unknown as RepositoryInput
    return repositories.inRegistry(repositoryName, registryId)
  }

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
      const { repositoryNames, registryId } = input as { repositoryNames?: string[]; registryId?: string }
      const found = repositoryNames?.map((name) => repositories.inRegistry(name, registryId)) ?? repositories.list()
      return { repositories: found.map(describe) }
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

interface CreateInput extends RepositoryInput, Mutability {
  imageScanningConfiguration?: { scanOnPush?: boolean }
  encryptionConfiguration?: Repository['encryption']
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
