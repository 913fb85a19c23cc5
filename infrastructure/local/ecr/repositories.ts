import { account, region } from '../settings.ts'
import type { Blobs } from './blobs.ts'
import {
  imageAlreadyExists,
  imageNotFound,
  invalidParameter,
  layersNotFound,
  referencedImagesNotFound,
  repositoryAlreadyExists,
  repositoryNotEmpty,
  repositoryNotFound,
  tagIsImmutable,
  type ImageId,
} from './errors.ts'
import { expiredDigests } from './lifecycle-policy.ts'
import type { Manifest } from './manifest.ts'
import { matchesWildcard } from '../wildcard.ts'

export interface Image {
  manifest: Manifest
  pushedAt: Date
}

export interface Repository {
  name: string
  arn: string
  uri: string
  createdAt: Date
  immutableTags: boolean
  /** Of immutable tags, those that move all the same; `*` stands for any characters. */
  movingTags: string[]
  scanOnPush: boolean
  encryption: { encryptionType: string; kmsKey?: string }
  lifecyclePolicy?: string
  /** By digest, in the order of their pushes. */
  images: Map<string, Image>
  /** Tag → digest. */
  imageTags: Map<string, string>
  /** Blobs that were uploaded to this repository; a manifest may refer to no others. */
  blobs: Set<string>
}

interface RepositorySettings {
  immutableTags?: boolean
  movingTags?: string[]
  scanOnPush?: boolean
  encryption?: Repository['encryption']
}

/** The repositories and their images. Each method throws AWS's error when AWS would refuse. */
export interface Repositories {
  create(name: string, settings: RepositorySettings): Repository
  get(name: string): Repository
  list(): Repository[]
  remove(name: string, force: boolean): Promise<Repository>
  putImage(repository: Repository, manifest: Manifest, tag: string | undefined): void
  image(repository: Repository, id: ImageId): Image
  /** Takes one tag away, or the image with all its tags; an image without a tag left goes too. */
  removeImage(repository: Repository, id: ImageId): Promise<ImageId[]>
  /** Removes what the repository's lifecycle policy expires: here at once, on AWS within a day. */
  expire(repository: Repository): Promise<void>
  tagsOf(repository: Repository, digest: string): string[]
}

const namePattern = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/

/** @param registryHost `host:port` that docker pushes to */
export function createRepositories(registryHost: string, blobs: Blobs): Repositories {
  const repositories = new Map<string, Repository>()

  const get = (name: string): Repository => {
    const repository = repositories.get(name)
    if (!repository) throw repositoryNotFound(name)
    return repository
  }

  const tagsOf = (repository: Repository, digest: string): string[] =>
    [...repository.imageTags].filter(([, target]) => target === digest).map(([tag]) => tag)

  const image = (repository: Repository, id: ImageId): Image => {
    const digest = id.imageDigest ?? repository.imageTags.get(id.imageTag ?? '')
    const found = repository.images.get(digest ?? '')
    if (!found || (id.imageTag && repository.imageTags.get(id.imageTag) !== digest)) {
      throw imageNotFound(repository.name, id)
    }
    return found
  }

  const removeUnreferenced = async (candidates: Iterable<string>): Promise<void> => {
    for (const digest of candidates) {
      if (![...repositories.values()].some((repository) => repository.blobs.has(digest))) await blobs.remove(digest)
    }
  }

  const removeImage = async (repository: Repository, id: ImageId): Promise<ImageId[]> => {
    const { digest } = image(repository, id).manifest
    const gone = id.imageDigest && !id.imageTag ? tagsOf(repository, digest) : [id.imageTag as string]
    for (const tag of gone) repository.imageTags.delete(tag)
    if (tagsOf(repository, digest).length === 0) {
      repository.images.delete(digest)
      await removeUnreferenced(dropUnusedBlobs(repository))
    }
    return gone.length > 0
      ? gone.map((imageTag) => ({ imageDigest: digest, imageTag }))
      : [{ imageDigest: digest, imageTag: undefined }]
  }

  return {
    create(name, settings) {
      if (name.length < 2 || name.length > 256 || !namePattern.test(name)) {
        throw invalidParameter(
          'repositoryName',
          `must satisfy regular expression '${namePattern.source.slice(1, -1).replaceAll('\\/', '/')}'`,
        )
      }
      if (repositories.has(name)) throw repositoryAlreadyExists(name)
      const repository: Repository = {
        name,
        arn: `arn:aws:ecr:${region}:${account}:repository/${name}`,
        uri: `${registryHost}/${name}`,
        createdAt: new Date(),
        immutableTags: settings.immutableTags ?? false,
        movingTags: settings.movingTags ?? [],
        scanOnPush: settings.scanOnPush ?? false,
        encryption: settings.encryption ?? { encryptionType: 'AES256' },
        images: new Map(),
        imageTags: new Map(),
        blobs: new Set(),
      }
      repositories.set(name, repository)
      return repository
    },
    get,
    list: () => [...repositories.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
    async remove(name, force) {
      const repository = get(name)
      if (repository.images.size > 0 && !force) throw repositoryNotEmpty(name)
      repositories.delete(name)
      await removeUnreferenced(repository.blobs)
      return repository
    },
    putImage(repository, manifest, tag) {
      const wanted = [...(manifest.config ? [manifest.config] : []), ...manifest.layers]
      const missing = wanted.filter((digest) => !repository.blobs.has(digest))
      if (missing.length > 0) throw layersNotFound(missing, repository.name)
      const absent = manifest.images.map(({ digest }) => digest).filter((digest) => !repository.images.has(digest))
      if (absent.length > 0) throw referencedImagesNotFound(absent)
      const tagged = tag === undefined ? undefined : repository.imageTags.get(tag)
      if (repository.images.has(manifest.digest) && (tag === undefined || tagged === manifest.digest)) {
        throw imageAlreadyExists(repository.name, manifest.digest, tag)
      }
      const isFixed =
        repository.immutableTags && !repository.movingTags.some((moving) => matchesWildcard(moving, tag ?? ''))
      if (tag !== undefined && tagged !== undefined && isFixed) throw tagIsImmutable(repository.name, tag)
      if (!repository.images.has(manifest.digest)) {
        repository.images.set(manifest.digest, { manifest, pushedAt: new Date() })
      }
      if (tag !== undefined) repository.imageTags.set(tag, manifest.digest)
    },
    image,
    removeImage,
    async expire(repository) {
      const policy = repository.lifecyclePolicy
      if (policy === undefined) return
      // an image of an index goes with the index
      const parts = new Set(
        [...repository.images.values()].flatMap(({ manifest }) => manifest.images.map((part) => part.digest)),
      )
      const images = [...repository.images]
        .filter(([digest]) => !parts.has(digest))
        .map(([digest, { pushedAt }]) => ({ digest, pushedAt, tags: tagsOf(repository, digest) }))
      for (const imageDigest of expiredDigests(policy, images, new Date()))
        await removeImage(repository, { imageDigest })
    },
    tagsOf,
  }
}

/** Takes blobs that no image refers to any more out of the repository, and returns them. */
function dropUnusedBlobs(repository: Repository): string[] {
  const used = new Set([...repository.images.values()].flatMap(({ manifest }) => [manifest.config, ...manifest.layers]))
  const unused = [...repository.blobs].filter((digest) => !used.has(digest))
  for (const digest of unused) repository.blobs.delete(digest)
  return unused
}
