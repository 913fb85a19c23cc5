import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** Who calls which service, as the signature says it. */
export interface Signature {
  accessKeyId: string
  /** Region and service of the credential scope. */
  region: string
  service: string
}

/** A request whose body has been read. */
export interface ReadRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
}

/**
 * The credential scope of a request, from its Authorization header or, for a presigned URL, its query; undefined: not signed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signatureOf(request: IncomingMessage): Signature | undefined {
  const header = /^AWS4-HMAC-SHA256\s.*?Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1]
  const [accessKeyId, , region, service] = (header ?? locate(request).query.get('X-Amz-Credential') ?? '').split('/')
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined
}

export function locate(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = '/', ...query] = (request.url ?? '/').split('?')
  return { path, query: new URLSearchParams(query.join('?')) }
}

/**
 * The body of a small request, which stays to be read: JSON, a form, or the XML of a deletion. Empty for every other, such
 * as the bytes of an object.
 */
export async function peekBody(request: IncomingMessage): Promise<string> {
  const isSmall =
    /^application\/x-(www-form-urlencoded|amz-json)/.test(request.headers['content-type'] ?? '') ||
    (request.method === 'POST' && locate(request).query.has('delete'))
  const length = Number(request.headers['content-length'] ?? 0)
  if (!isSmall || length === 0) return ''
  const chunks: Buffer[] = []
  for (let read = 0; ;) {
    // all that is there: what is left in the stream would be announced again at once, for ever, and nothing else got its turn
    const chunk = request.read() as Buffer | null
    if (chunk) chunks.push(chunk)
    read += chunk?.length ?? 0
    if (read >= length) break
    if (request.destroyed || request.readableEnded) return ''
    await moreOf(request)
  }
  const whole = Buffer.concat(chunks)
  request.unshift(whole)
  return whole.toString()
}

/** Whether this asks STS for a role by the token of an identity provider. */
export async function isTokenRequest(request: IncomingMessage): Promise<boolean> {
  if (request.method !== 'POST' || request.headers.authorization !== undefined) return false
  return /(?:^|&)Action=AssumeRoleWithWebIdentity(?:&|$)/.test(await peekBody(request))
}

function moreOf(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      request.off('readable', wake).off('close', wake)
      resolve()
    }
    request.on('readable', wake).on('close', wake)
  })
}

/** Reads a request to its end. Only for services that are answered here: their requests are small. */
export async function readRequest(request: IncomingMessage): Promise<ReadRequest> {
  return {
    method: request.method ?? 'GET',
    ...locate(request),
    headers: request.headers,
    body: await buffer(request),
  }
}
