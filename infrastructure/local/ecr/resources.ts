import { physicalName } from '../cloudformation/physical-name.ts'
import type { Properties, ResourceRequest, ResourceState, ResourceTypes } from '../cloudformation/resource-type.ts'
import { isTrue } from '../cloudformation/resources/property-values.ts'
import { checkLifecyclePolicy } from './lifecycle-policy.ts'
import type { Repositories, Repository } from './repositories.ts'

interface RepositoryProperties {
  RepositoryName?: string
  ImageTagMutability?: string
  ImageScanningConfiguration?: { ScanOnPush?: boolean | string }
  LifecyclePolicy?: { LifecyclePolicyText?: string }
  EmptyOnDelete?: boolean | string
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html */
export function resourceTypes(repositories: Repositories): ResourceTypes {
  return {
    'AWS::ECR::Repository': {
      knows: [
        'EmptyOnDelete',
        'EncryptionConfiguration',
        'ImageScanningConfiguration.ScanOnPush',
        'ImageTagMutability',
        'LifecyclePolicy.LifecyclePolicyText',
        'RepositoryName',
        'RepositoryPolicyText',
        'Tags',
      ],
      nameProperty: 'RepositoryName',
      replacedBy: ['RepositoryName', 'EncryptionConfiguration'],
      async create(request) {
        const { RepositoryName } = request.properties as RepositoryProperties
        const repository = repositories.create(RepositoryName ?? physicalName(request).toLowerCase(), {})
        return configure(repository, request)
      },
      async update(request, current) {
        return configure(repositories.get(current.physicalId), request)
      },
      async delete(current, properties) {
        const exists = repositories.list().some(({ name }) => name === current.physicalId)
        if (exists)
          await repositories.remove(current.physicalId, isTrue((properties as RepositoryProperties).EmptyOnDelete))
      },
    },
  }
}

function configure(repository: Repository, { properties }: ResourceRequest): ResourceState {
  const { ImageTagMutability, ImageScanningConfiguration, LifecyclePolicy } = properties as RepositoryProperties &
    Properties
  repository.immutableTags = ImageTagMutability === 'IMMUTABLE'
  repository.movingTags = []
  repository.scanOnPush = isTrue(ImageScanningConfiguration?.ScanOnPush)
  const lifecycle = LifecyclePolicy?.LifecyclePolicyText
  delete repository.lifecyclePolicy
  if (lifecycle !== undefined) repository.lifecyclePolicy = checkLifecyclePolicy(lifecycle)
  return { physicalId: repository.name, attributes: { Arn: repository.arn, RepositoryUri: repository.uri } }
}
