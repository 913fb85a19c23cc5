import { account } from '../settings.ts'
import type { Need } from './evaluation.ts'
import type { NamedCall } from './named-call.ts'

/** Calls of S3 whose permission has another name. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const permissions: Record<string, string> = {
  AbortMultipartUpload: 'AbortMultipartUpload',
  CompleteMultipartUpload: 'PutObject',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  HeadBucket: 'ListBucket',
  HeadObject: 'GetObject',
  ListBuckets: 'ListAllMyBuckets',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListParts: 'ListMultipartUploadParts',
  UploadPart: 'PutObject',
}

export function s3Needs({ action, path, query, headers, body }: NamedCall): Need[] {
  const name = decodeURIComponent(path.slice(1)).replace(/\/$/, '')
  const bucket = name.split('/')[0] ?? ''
  const source = headers['x-amz-copy-source']
  if (action === 'DeleteObjects') return deletions(bucket, body)
  const version = action === 'DeleteObject' && query.has('versionId') ? 'Version' : ''
  return [
    need(`${permissions[action] ?? action}${version}`, name || '*'),
    ...(typeof source === 'string' ? [need('GetObject', decodeURIComponent(source).replace(/^\/|\?.*$/g, ''))] : []),
  ]
}

/** One need for each kind of deletion and each key. */
function deletions(bucket: string, body: string): Need[] {
  return [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => {
    const key = /<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? ''
    return need(object.includes('<VersionId>') ? 'DeleteObjectVersion' : 'DeleteObject', `${bucket}/${key}`)
  })
}

/** Nothing here belongs to anyone else: cdk's own roles make that a condition. */
function need(action: string, name: string): Need {
  const context = { 'aws:ResourceAccount': account, 's3:ResourceAccount': account }
  return { action: `s3:${action}`, resource: name === '*' ? '*' : `arn:aws:s3:::${name}`, context }
}
