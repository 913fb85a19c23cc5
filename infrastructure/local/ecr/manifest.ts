import { createHash } from 'node:crypto'

/** What the registry needs to know of a manifest: an image, or an index of images for several platforms. */
export interface Manifest {
  mediaType: string
  digest: string
  /** The bytes as they were pushed; the digest is theirs. */
  bytes: Buffer
  /** Digest of the image's configuration; absent in an index. */
  config?: string
  layers: string[]
  /** Images of an index. */
  images: { digest: string; platform: string | undefined }[]
  /** Bytes of all layers and the configuration; 0 for an index. */
  size: number
}

interface Descriptor {
  digest: string
  size: number
  platform?: { os?: string; architecture?: string }
}

interface ManifestDocument {
  mediaType?: string
  config?: Descriptor
  layers?: Descriptor[]
  manifests?: Descriptor[]
}

export const digestPattern = /^sha256:[0-9a-f]{64}$/

/**
 * Reads a manifest as the OCI image specification and Docker's schema 2 write it.
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md
 * @throws SyntaxError for anything else
 */
export function readManifest(bytes: Buffer, mediaType?: string): Manifest {
  const document = JSON.parse(bytes.toString()) as ManifestDocument
  const { config, layers = [], manifests = [] } = document
  const type = mediaType ?? document.mediaType
  const descriptors = [...(config ? [config] : []), ...layers, ...manifests]
  if (!type || (!config && !document.manifests) || descriptors.some(({ digest }) => !digestPattern.test(digest))) {
    throw new SyntaxError('neither an image manifest nor an image index')
  }
  return {
    mediaType: type,
    digest: digestOf(bytes),
    bytes,
    ...(config && { config: config.digest }),
    layers: layers.map(({ digest }) => digest),
    images: manifests.map(({ digest, platform }) => ({ digest, platform: platformName(platform) })),
    size: [...(config ? [config] : []), ...layers].reduce((total, { size }) => total + size, 0),
  }
}

/** `linux/amd64`; undefined for BuildKit's attestations, whose platform is `unknown/unknown`. */
export function platformName(platform: { os?: string; architecture?: string } | undefined): string | undefined {
  const name = `${platform?.os}/${platform?.architecture}`
  return name.includes('unknown') || name.includes('undefined') ? undefined : name
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
