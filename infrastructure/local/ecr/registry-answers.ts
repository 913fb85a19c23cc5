import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from '../gateway/room.ts'
import type { Blobs } from './blobs.ts'
import type { Repositories } from './repositories.ts'

export interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  query: URLSearchParams
}

export interface Stores {
  repositories: Repositories
  blobs: Blobs
}

/** A refusal in the registry's own form. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export class RegistryError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export function unsupported(request: IncomingMessage): RegistryError {
  return new RegistryError(405, 'UNSUPPORTED', `${request.method} is unsupported here`)
}

export function reply(
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

export function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
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
