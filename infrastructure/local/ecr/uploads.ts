import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Upload } from './blobs.ts'
import { digestPattern } from './manifest.ts'
import { type Exchange, RegistryError, reply, type Stores, unsupported } from './registry-answers.ts'
import type { Repository } from './repositories.ts'

export async function readBlob(
  { blobs }: Stores,
  { request, response }: Exchange,
  repository: Repository,
  digest: string,
): Promise<void> {
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

export async function beginUpload(stores: Stores, exchange: Exchange, repository: Repository): Promise<void> {
  const { repositories, blobs } = stores
  const { request, response, query } = exchange
  if (request.method !== 'POST') throw unsupported(request)
  const mount = query.get('mount')
  const source = repositories.list().find(({ name }) => name === query.get('from'))
  if (mount && source?.blobs.has(mount)) {
    repository.blobs.add(mount)
    return replyCreated(response, repository, mount)
  }
  const upload = blobs.begin(repository.name)
  if (query.has('digest')) return finishUpload(stores, exchange, repository, upload)
  replyProgress(response, upload)
}

export async function continueUpload(
  stores: Stores,
  exchange: Exchange,
  repository: Repository,
  id: string,
): Promise<void> {
  const { blobs } = stores
  const { request, response } = exchange
  const upload = blobs.find(id)
  if (upload?.repository !== repository.name)
    throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
  if (request.method === 'PUT') return finishUpload(stores, exchange, repository, upload)
  if (request.method === 'DELETE') {
    await blobs.cancel(upload)
    return reply(response, 204)
  }
  if (request.method !== 'PATCH') throw unsupported(request)
  await blobs.append(upload, request)
  replyProgress(response, upload)
}

async function finishUpload(
  { blobs }: Stores,
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
  replyCreated(response, repository, digest)
}

function replyCreated(response: ServerResponse, repository: Repository, digest: string): void {
  reply(response, 201, { location: `/v2/${repository.name}/blobs/${digest}`, 'docker-content-digest': digest })
}

function replyProgress(response: ServerResponse, upload: Upload): void {
  reply(response, 202, {
    location: `/v2/${upload.repository}/blobs/uploads/${upload.id}`,
    // an empty upload has no last byte; docker's own registry says 0-0 too
    range: `0-${Math.max(0, upload.size - 1)}`,
    'docker-upload-uuid': upload.id,
  })
}
