import type { ResourceTypes } from '../cloudformation/resource-type.ts'
import type { Room } from '../gateway/room.ts'
import { account, port, region } from '../settings.ts'
import { createAuthorization } from './authorization.ts'
import { createBlobs, type Blobs } from './blobs.ts'
import { imageActions } from './images.ts'
import { digestPattern, platformName, type Manifest } from './manifest.ts'
import { createRegistry, type Registry } from './registry.ts'
import { createRepositories, type Repository } from './repositories.ts'
import { repositoryActions } from './repository-actions.ts'
import { resourceTypes } from './resources.ts'

interface EcrOptions {
  /** Where layers are kept; emptied at the start. */
  directory: string
}

export interface Ecr {
  room: Room
  resourceTypes: ResourceTypes
  /** Answers `/v2/…`. */
  registry: Registry
  summary(): { repository: string; images: number; tags: string[] }[]
  /**
   * Finds the image that a task definition names: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, or the
   * same with the registry's real host, with a tag, a digest or neither (`latest`).
   */
  findImage(uri: string): Promise<RegistryImage>
  /** What docker needs to pull from here: user AWS and this password. */
  issuePassword(): string
}

type RegistryImage =
  /** Not in this registry: docker knows better where to find it. */
  | { kind: 'foreign' }
  | { kind: 'missing' }
  /** @property reference the image pinned by digest, for docker to pull; platforms are `os/architecture` */
  | { kind: 'found'; reference: string; digest: string; platforms: string[] }

/** What docker pushes to and pulls from: this process. */
const registryHost = `127.0.0.1:${port}`

export function createEcr({ directory }: EcrOptions): Ecr {
  const blobs = createBlobs(directory)
  const repositories = createRepositories(registryHost, blobs)
  const authorization = createAuthorization()
  const hosts = [registryHost, `${account}.dkr.ecr.${region}.amazonaws.com`]

  return {
    room: {
      signingName: 'ecr',
      protocol: 'json',
      actions: { ...repositoryActions(repositories, authorization, registryHost), ...imageActions(repositories) },
    },
    resourceTypes: resourceTypes(repositories),
    registry: createRegistry(repositories, blobs, authorization),
    summary: () =>
      repositories.list().map(({ name, images, imageTags }) => ({
        repository: name,
        images: images.size,
        tags: [...imageTags.keys()],
      })),
    async findImage(uri) {
      const host = hosts.find((candidate) => uri.startsWith(`${candidate}/`))
      if (!host) return { kind: 'foreign' }
      const [, name = '', tag, digest] = /^([^@:]+)(?::([^@]+))?(?:@(.+))?$/.exec(uri.slice(host.length + 1)) ?? []
      const repository = repositories.list().find((candidate) => candidate.name === name)
      const wanted = digest ?? repository?.imageTags.get(tag ?? 'latest') ?? ''
      const image = digestPattern.test(wanted) ? repository?.images.get(wanted) : undefined
      if (!repository || !image) return { kind: 'missing' }
      const platforms = await platformsOf(repository, image.manifest, blobs)
      return { kind: 'found', reference: `${registryHost}/${name}@${wanted}`, digest: wanted, platforms }
    },
    issuePassword() {
      const { token } = authorization.issue()
      return Buffer.from(token, 'base64').toString().slice('AWS:'.length)
    },
  }
}

async function platformsOf(repository: Repository, manifest: Manifest, blobs: Blobs): Promise<string[]> {
  if (!manifest.config) return manifest.images.flatMap(({ platform }) => platform ?? [])
  const configuration = JSON.parse(await blobs.text(manifest.config)) as { os?: string; architecture?: string }
  return [platformName(configuration) ?? `an unknown platform, as ${repository.name}'s image says`]
}
