import { AwsError } from '../gateway/room.ts'
import { account } from '../settings.ts'

/** ECR's refusals, as ECR words them. Codes: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html, each action's page. */
const registry = `the registry with id '${account}'`

export const repositoryNotFound = (name: string) =>
  new AwsError('RepositoryNotFoundException', `The repository with name '${name}' does not exist in ${registry}`)

export const repositoryAlreadyExists = (name: string) =>
  new AwsError('RepositoryAlreadyExistsException', `The repository with name '${name}' already exists in ${registry}`)

export const repositoryNotEmpty = (name: string) =>
  new AwsError(
    'RepositoryNotEmptyException',
    `The repository with name '${name}' in registry with id '${account}' cannot be deleted because it still contains images`,
  )

export const imageNotFound = (name: string, id: ImageId) =>
  new AwsError(
    'ImageNotFoundException',
    `The image with imageId ${words(id)} does not exist within the repository with name '${name}' in ${registry}`,
  )

export const imageAlreadyExists = (name: string, digest: string, tag: string | undefined) =>
  new AwsError(
    'ImageAlreadyExistsException',
    `Image with digest '${digest}'${tag ? ` and tag '${tag}'` : ''} already exists in the repository with name '${name}' in registry with id '${account}'`,
  )

export const tagIsImmutable = (name: string, tag: string) =>
  new AwsError(
    'ImageTagAlreadyExistsException',
    `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the repository is immutable.`,
  )

export const layersNotFound = (digests: string[], name: string) =>
  new AwsError(
    'LayersNotFoundException',
    `The following layers with digests '[${digests.join(', ')}]' do not exist in the repository with name '${name}' in ${registry}`,
  )

export const referencedImagesNotFound = (digests: string[]) =>
  new AwsError(
    'ReferencedImagesNotFoundException',
    `The following referenced images with digests '[${digests.join(', ')}]' do not exist`,
  )

export const lifecyclePolicyNotFound = (name: string) =>
  new AwsError(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${name}' in ${registry}`,
  )

export const scanNotFound = (name: string, id: ImageId) =>
  new AwsError(
    'ScanNotFoundException',
    `Image scan does not exist for the image with '${words(id)}' in the repository with name '${name}' in ${registry}`,
  )

export const invalidParameter = (parameter: string, constraint: string) =>
  new AwsError(
    'InvalidParameterException',
    `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`,
  )

export interface ImageId {
  imageDigest?: string | undefined
  imageTag?: string | undefined
}

function words(id: ImageId): string {
  return `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`
}
