import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { AwsError } from '../gateway/room.ts'
import type { Authorization } from './authorization.ts'
import type { Blobs, Upload } from './blobs.ts'
import { digestPattern, readManifest } from './manifest.ts'
import type { Repositories, Repository } from './repositories.ts'

/** A refusal in the registry's own form. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
class RegistryError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  query: URLSearchParams
}

const largestManifest = 4 * 1024 * 1024

/** The `/v2/` API that docker speaks, as far as push and pull need it. */
export function createRegistry(repositories: Repositories, blobs: Blobs, authorization: Authorization) {
  async function answer({ request, response, query }: Exchange, path: string): Promise<void> {
    authorize(request)
    if (path === '/v2/' || path === '/v2') return reply(response, 200)
    const [, name = '', kind, rest = ''] = /^\/v2\/(.+)\/(blobs|manifests|tags)\/(.+)$/.exec(path) ?? []
    if (!kind) throw new RegistryError(404, 'UNSUPPORTED', `${path} is not part of the registry`)
    const repository = repositories.get(name)
    const exchange = { request, response, query }
    if (kind === 'tags') return listTags(exchange, repository)
    if (kind === 'manifests') return manifests(exchange, repository, rest)
    if (rest === 'uploads' || rest === 'uploads/') return beginUpload(exchange, repository)
    if (rest.startsWith('uploads/')) return continueUpload(exchange, repository, rest.slice('uploads/'.length))
    return readBlob(exchange, repository, rest)
  }

  function authorize(request: IncomingMessage): void {
    const verdict = authorization.check(request.headers.authorization)
    if (verdict === 'valid') return
    if (verdict === 'expired') {
      throw new RegistryError(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.')
    }
    throw new RegistryError(
      401,
      'UNAUTHORIZED',
      verdict === 'missing' ? 'Not Authorized' : 'Your Authorization Token is invalid.',
    )
  }

  async function readBlob({ request, response }: Exchange, repository: Repository, digest: string): Promise<void> {
    const size = repository.blobs.has(digest) ? await blobs.size(digest) : undefined
    if (size === undefined) throw new RegistryError(404, 'BLOB_UNKNOWN', `blob ${digest} unknown to registry`)
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': size,
      'docker-content-digest': digest,
    }
    if (request.method === 'HEAD') return reply(response, 200, headers)
    if (request.method !== 'GET') throw unsupported(request)
    response.writeHead(200, headers)
    await pipeline(blobs.read(digest), response)
  }

  async function beginUpload(exchange: Exchange, repository: Repository): Promise<void> {
    const { request, response, query } = exchange
    if (request.method !== 'POST') throw unsupported(request)
    const mount = query.get('mount')
    const source = repositories.list().find(({ name }) => name === query.get('from'))
    if (mount && source?.blobs.has(mount)) {
      repository.blobs.add(mount)
      return created(response, repository, mount)
    }
    const upload = blobs.begin(repository.name)
    if (query.has('digest')) return finishUpload(exchange, repository, upload)
    progress(response, upload)
  }

  async function continueUpload(exchange: Exchange, repository: Repository, id: string): Promise<void> {
    const { request, response } = exchange
    const upload = blobs.find(id)
    if (upload?.repository !== repository.name)
      throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
    if (request.method === 'GET') return progress(response, upload, 204)
    if (request.method === 'PUT') return finishUpload(exchange, repository, upload)
    if (request.method === 'DELETE') {
      await blobs.cancel(upload)
      return reply(response, 204)
    }
    if (request.method !== 'PATCH') throw unsupported(request)
    const start = /^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1]
    if (start !== undefined && Number(start) !== upload.size) {
      throw new RegistryError(416, 'BLOB_UPLOAD_INVALID', `the upload continues at ${upload.size}`)
    }
    await blobs.append(upload, request)
    progress(response, upload)
  }

  async function finishUpload(
    { request, response, query }: Exchange,
    repository: Repository,
    upload: Upload,
  ): Promise<void> {
    const digest = query.get('digest') ?? ''
    await blobs.append(upload, request)
    if (!digestPattern.test(digest) || !(await blobs.finish(upload, digest))) {
      await blobs.cancel(upload)
      throw new RegistryError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    }
    repository.blobs.add(digest)
    created(response, repository, digest)
  }

  async function manifests({ request, response }: Exchange, repository: Repository, reference: string): Promise<void> {
    if (request.method === 'PUT') return putManifest(request, response, repository, reference)
    const id = digestPattern.test(reference) ? { imageDigest: reference } : { imageTag: reference }
    const image = repositories.image(repository, id)
    const { bytes, mediaType, digest } = image.manifest
    const headers = { 'content-type': mediaType, 'content-length': bytes.length, 'docker-content-digest': digest }
    if (request.method === 'HEAD') return reply(response, 200, headers)
    if (request.method !== 'GET') throw unsupported(request)
    image.lastPull = new Date()
    reply(response, 200, headers, bytes)
  }

  async function putManifest(
    request: IncomingMessage,
    response: ServerResponse,
    repository: Repository,
    reference: string,
  ) {
    const bytes = await readAll(request)
    const manifest = parseManifest(bytes, request.headers['content-type'])
    const byDigest = digestPattern.test(reference)
    if (byDigest && manifest.digest !== reference) {
      throw new RegistryError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    }
    try {
      repositories.putImage(repository, manifest, byDigest ? undefined : reference)
      // the images of an index are pushed before it, by digest: they are not yet anything's
      if (!byDigest) await repositories.expire(repository)
    } catch (error) {
      // docker pushes a manifest that is already there again, and means it
      if (!(error instanceof AwsError && error.code === 'ImageAlreadyExistsException')) throw error
    }
    reply(response, 201, {
      location: `/v2/${repository.name}/manifests/${manifest.digest}`,
      'docker-content-digest': manifest.digest,
    })
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry')
    answer({ request, response, query: searchParams }, decodeURIComponent(pathname)).catch((error: unknown) =>
      fail(request, response, error),
    )
  }
}

function listTags({ response }: Exchange, repository: Repository): void {
  const body = Buffer.from(JSON.stringify({ name: repository.name, tags: [...repository.imageTags.keys()].toSorted() }))
  reply(response, 200, { 'content-type': 'application/json', 'content-length': body.length }, body)
}

function created(response: ServerResponse, repository: Repository, digest: string): void {
  reply(response, 201, { location: `/v2/${repository.name}/blobs/${digest}`, 'docker-content-digest': digest })
}

function progress(response: ServerResponse, upload: Upload, status = 202): void {
  reply(response, status, {
    location: `/v2/${upload.repository}/blobs/uploads/${upload.id}`,
    // an empty upload has no last byte; docker's own registry says 0-0 too
    range: `0-${Math.max(0, upload.size - 1)}`,
    'docker-upload-uuid': upload.id,
  })
}

function parseManifest(bytes: Buffer, mediaType: string | undefined) {
  try {
    return readManifest(bytes, mediaType)
  } catch (error) {
    throw new RegistryError(400, 'MANIFEST_INVALID', `manifest invalid: ${(error as Error).message}`)
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > largestManifest) throw new RegistryError(413, 'SIZE_INVALID', 'the manifest is larger than 4 MiB')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

function unsupported(request: IncomingMessage): RegistryError {
  return new RegistryError(405, 'UNSUPPORTED', `${request.method} is unsupported here`)
}

function reply(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
  body?: Buffer,
): void {
  response.writeHead(status, { 'content-length': 0, 'docker-distribution-api-version': 'registry/2.0', ...headers })
  response.end(body)
}

/** What ECR's API calls its errors, and what docker calls them. */
const registryCodes: Record<string, [status: number, code: string]> = {
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageNotFoundException: [404, 'MANIFEST_UNKNOWN'],
  LayersNotFoundException: [400, 'BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [400, 'MANIFEST_UNKNOWN'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
}

function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const known = toRegistryError(error)
  // a client that went away in the middle of an upload is no bug of ours
  if (!known && !request.destroyed) console.error(error)
  if (response.headersSent || response.destroyed) return void response.destroy()
  const { status, code, message } = known ?? {
    status: 500,
    code: 'UNKNOWN',
    message: 'a bug in the local AWS: see make local-logs',
  }
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }))
  request.resume()
  reply(
    response,
    status,
    {
      'content-type': 'application/json',
      'content-length': body.length,
      ...(status === 401 && {
        'www-authenticate': `Basic realm="http://${request.headers.host}/",service="ecr.amazonaws.com"`,
      }),
    },
    request.method === 'HEAD' ? undefined : body,
  )
}

function toRegistryError(error: unknown): Pick<RegistryError, 'status' | 'code' | 'message'> | undefined {
  if (error instanceof RegistryError) return error
  if (!(error instanceof AwsError)) return undefined
  const [status, code] = registryCodes[error.code] ?? [error.status, error.code]
  return { status, code, message: code === 'MANIFEST_UNKNOWN' ? 'Requested image not found' : error.message }
}
