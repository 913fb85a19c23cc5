import type { IncomingMessage } from 'node:http'
import { locate } from './request.ts'

/**
 * The name of an action that moto answers, for the call log. S3 alone has no name on the wire; its name is put together
 * from method, path and subresource, and is right for the calls that a deployment makes.
 */
export function actionName(service: string, request: IncomingMessage, bodyHead: string): string {
  const target = String(request.headers['x-amz-target'] ?? '')
  if (target) return target.slice(target.lastIndexOf('.') + 1)
  const { path, query } = locate(request)
  const operation = /\/operation\/(\w+)$/.exec(path)?.[1]
  if (operation) return operation
  if (service === 's3') return s3Action(request.method ?? 'GET', path, query, 'x-amz-copy-source' in request.headers)
  return query.get('Action') ?? /(?:^|&)Action=(\w+)/.exec(bodyHead)?.[1] ?? `${request.method} ${path}`
}

const verbs: Record<string, string> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete', HEAD: 'Head', POST: 'Post' }

function s3Action(method: string, path: string, query: URLSearchParams, copies: boolean): string {
  const verb = verbs[method] ?? method
  const [bucket, ...key] = path.slice(1).split('/')
  if (!bucket) return 'ListBuckets'
  if (key.join('/') !== '') {
    if (query.has('uploads')) return 'CreateMultipartUpload'
    if (query.has('uploadId')) return multipart[method] ?? `${verb}Multipart`
    return copies ? 'CopyObject' : `${verb}Object${subresource(query)}`
  }
  if (query.has('delete')) return 'DeleteObjects'
  if (query.has('list-type')) return 'ListObjectsV2'
  if (query.has('versions')) return 'ListObjectVersions'
  const detail = subresource(query)
  if (detail) return `${verb}Bucket${detail}`
  return { GET: 'ListObjects', PUT: 'CreateBucket', DELETE: 'DeleteBucket', HEAD: 'HeadBucket' }[method] ?? verb
}

const multipart: Record<string, string> = {
  PUT: 'UploadPart',
  POST: 'CompleteMultipartUpload',
  DELETE: 'AbortMultipartUpload',
  GET: 'ListParts',
}

/** `?publicAccessBlock` → `PublicAccessBlock`; a subresource is a parameter without a value. */
function subresource(query: URLSearchParams): string {
  const name = [...query].find(([key, value]) => value === '' && /^[a-zA-Z-]+$/.test(key))?.[0]
  return name ? name[0]!.toUpperCase() + name.slice(1) : ''
}
