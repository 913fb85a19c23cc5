import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from '../gateway/room.ts'
import type { Authorization } from './authorization.ts'
import type { Blobs } from './blobs.ts'
import { digestPattern, readManifest } from './manifest.ts'
import { type Exchange, fail, RegistryError, reply, type Stores, unsupported } from './registry-answers.ts'
import type { Repositories, Repository } from './repositories.ts'
import { beginUpload, continueUpload, readBlob } from './uploads.ts'

const largestManifest = 4 * 1024 * 1024

export interface Registry {
  /** @param denial AWS's sentence, where the caller may not do this */
  answer(request: IncomingMessage, response: ServerResponse, denial?: string): void
  /** The access key whose login the request carries. */
  holderOf(request: IncomingMessage): string | undefined
}

/** The `/v2/` API that docker speaks, as far as push and pull need it. */
export function createRegistry(repositories: Repositories, blobs: Blobs, authorization: Authorization): Registry {
  return {
    answer(request, response, denial) {
      if (denial !== undefined) return fail(request, response, new RegistryError(403, 'DENIED', denial))
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry')
      const exchange = { request, response, query: searchParams }
      const path = decodeURIComponent(pathname)
      answer({ repositories, blobs }, authorization, exchange, path).catch((error: unknown) =>
        fail(request, response, error),
      )
    },
    holderOf: ({ headers }) => authorization.holderOf(headers.authorization),
  }
}

async function answer(stores: Stores, authorization: Authorization, exchange: Exchange, path: string): Promise<void> {
  authorize(authorization, exchange.request)
  if (path === '/v2/' || path === '/v2') return reply(exchange.response, 200)
  const [, name = '', kind, rest = ''] = /^\/v2\/(.+)\/(blobs|manifests)\/(.+)$/.exec(path) ?? []
  if (!kind) throw new RegistryError(404, 'UNSUPPORTED', `${path} is not part of the registry`)
  const repository = stores.repositories.get(name)
  if (kind === 'manifests') return answerManifest(stores, exchange, repository, rest)
  if (rest === 'uploads' || rest === 'uploads/') return beginUpload(stores, exchange, repository)
  if (rest.startsWith('uploads/')) return continueUpload(stores, exchange, repository, rest.slice('uploads/'.length))
  return readBlob(stores, exchange, repository, rest)
}

function authorize(authorization: Authorization, request: IncomingMessage): void {
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

async function answerManifest(
  stores: Stores,
  { request, response }: Exchange,
  repository: Repository,
  reference: string,
): Promise<void> {
  if (request.method === 'PUT') return putManifest(stores, request, response, repository, reference)
  const id = digestPattern.test(reference) ? { imageDigest: reference } : { imageTag: reference }
  const { bytes, mediaType, digest } = stores.repositories.image(repository, id).manifest
  const headers = { 'content-type': mediaType, 'content-length': bytes.length, 'docker-content-digest': digest }
  if (request.method === 'HEAD') return reply(response, 200, headers)
  if (request.method !== 'GET') throw unsupported(request)
  reply(response, 200, headers, bytes)
}

async function putManifest(
  { repositories }: Stores,
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
