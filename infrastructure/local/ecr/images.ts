import { AwsError, type Action, type Input } from '../gateway/room.ts'
import { invalidParameter, scanNotFound, type ImageId } from './errors.ts'
import { readManifest } from './manifest.ts'
import type { Repositories, Repository } from './repositories.ts'
import { identity, repositoryOf } from './repository-actions.ts'

interface ImagesInput {
  imageIds?: ImageId[]
}

/** No scanner is here, and a status that AWS has says so. */
const scanStatus = { status: 'UNSUPPORTED_IMAGE', description: 'The local AWS does not scan images.' }

/** The actions of ECR that are about images. */
export function imageActions(repositories: Repositories): Record<string, Action> {
  const repositoryIn = (input: Input): Repository => repositoryOf(repositories, input)

  const describe = (repository: Repository, digest: string) => {
    const { manifest, pushedAt } = repositories.image(repository, { imageDigest: digest })
    const tags = repositories.tagsOf(repository, digest)
    return {
      ...identity(repository),
      imageDigest: digest,
      imageTags: tags.length > 0 ? tags : undefined,
      imageSizeInBytes: manifest.size,
      imagePushedAt: pushedAt,
      imageScanStatus: repository.scanOnPush ? scanStatus : undefined,
      imageManifestMediaType: manifest.mediaType,
      artifactMediaType: manifest.config && 'application/vnd.docker.container.image.v1+json',
    }
  }

  return {
    DescribeImages(input) {
      const repository = repositoryIn(input)
      const { imageIds } = input as ImagesInput
      const digests = imageIds?.map((id) => repositories.image(repository, id).manifest.digest)
      const wanted = [...new Set(digests ?? repository.images.keys())]
      return { imageDetails: wanted.map((digest) => describe(repository, digest)) }
    },
    ListImages(input) {
      const repository = repositoryIn(input)
      const imageIds = [...repository.images.keys()].flatMap((imageDigest): ImageId[] => {
        const tags = repositories.tagsOf(repository, imageDigest)
        return tags.length > 0 ? tags.map((imageTag) => ({ imageDigest, imageTag })) : [{ imageDigest }]
      })
      return { imageIds }
    },
    async BatchGetImage(input) {
      const repository = repositoryIn(input)
      const images: unknown[] = []
      const failures = await eachImage(input, (id) => {
        const { manifest } = repositories.image(repository, id)
        images.push({
          ...identity(repository),
          imageId: { imageDigest: manifest.digest, imageTag: id.imageTag },
          imageManifest: manifest.bytes.toString(),
          imageManifestMediaType: manifest.mediaType,
        })
      })
      return { images, failures }
    },
    async PutImage(input) {
      const repository = repositoryIn(input)
      const { imageManifest, imageManifestMediaType, imageTag, imageDigest } = input as unknown as PutImageInput
      const manifest = parse(imageManifest, imageManifestMediaType)
      if (imageDigest !== undefined && imageDigest !== manifest.digest) {
        const message = `The provided image digest '${imageDigest}' does not match the calculated digest '${manifest.digest}'`
        throw new AwsError('ImageDigestDoesNotMatchException', message)
      }
      repositories.putImage(repository, manifest, imageTag)
      if (imageTag !== undefined) await repositories.expire(repository)
      return {
        image: {
          ...identity(repository),
          imageId: { imageDigest: manifest.digest, imageTag },
          imageManifest,
          imageManifestMediaType: manifest.mediaType,
        },
      }
    },
    async BatchDeleteImage(input) {
      const repository = repositoryIn(input)
      const imageIds: ImageId[] = []
      const failures = await eachImage(input, async (id) => {
        imageIds.push(...(await repositories.removeImage(repository, id)))
      })
      return { imageIds, failures }
    },
    DescribeImageScanFindings(input) {
      const repository = repositoryIn(input)
      const id = input['imageId'] as ImageId
      const { digest } = repositories.image(repository, id).manifest
      if (!repository.scanOnPush) throw scanNotFound(repository.name, id)
      return {
        ...identity(repository),
        imageId: { imageDigest: digest, imageTag: id.imageTag },
        imageScanStatus: scanStatus,
      }
    },
  }
}

interface PutImageInput {
  imageManifest: string
  imageManifestMediaType?: string
  imageTag?: string
  imageDigest?: string
}

/** Does something with each image of a batch; those that do not exist become the answer's failures. */
async function eachImage(input: Input, act: (id: ImageId) => void | Promise<void>) {
  const failures: { imageId: ImageId; failureCode: string; failureReason: string }[] = []
  for (const imageId of (input as ImagesInput).imageIds ?? []) {
    try {
      await act(imageId)
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'ImageNotFoundException')) throw error
      failures.push({ imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' })
    }
  }
  return failures
}

function parse(text: string, mediaType: string | undefined) {
  try {
    return readManifest(Buffer.from(text), mediaType)
  } catch (error) {
    throw invalidParameter('ImageManifest', `Invalid JSON syntax: ${(error as Error).message}`)
  }
}
