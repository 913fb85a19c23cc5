import { randomBytes } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { unsigned } from '../gateway/keys.ts'
import { escapeXml } from '../gateway/xml.ts'
import { answerHeaders, UpstreamFailure } from '../http/upstream.ts'
import { withHeader, without, type HeaderList } from '../http/headers.ts'
import { decoded } from '../http/percent-encoding.ts'
import { account } from '../settings.ts'
import { judge, type Need, type PolicyDocument } from '../iam/evaluation.ts'
import type { Caller } from '../iam/principals.ts'

/** What an origin answers. */
export interface OriginAnswer {
  status: number
  statusMessage: string
  headers: HeaderList
  body: Readable
}

interface ObjectRequest {
  method: string
  bucket: string
  /** Percent-encoded, with its leading slash. */
  path: string
  /** Conditions. */
  headers: HeaderList
  /** The distribution that signs with an origin access control; undefined: it asks anonymously. */
  distributionArn: string | undefined
  signal: AbortSignal
}

export interface S3Origin {
  get(request: ObjectRequest): Promise<OriginAnswer>
}

/** What S3 does not say: moto lets every site read every object, and gives back headers of the upload. */
const motoOnly = [
  'access-control-allow-methods',
  'access-control-allow-origin',
  'server',
  'x-amz-content-sha256',
  'x-amz-sdk-checksum-algorithm',
  'x-amzn-requestid',
]

/** `bucket.s3.us-east-1.amazonaws.com` → `bucket` */
export function bucketOf(domainName: string): string {
  return /^(.+?)\.s3[.-].*$/.exec(domainName)?.[1] ?? domainName
}

/**
 * Reads objects of a private bucket as CloudFront does: under the bucket's policy as it is now, as the service principal
 * cloudfront.amazonaws.com. The store itself (moto) is asked with this environment's own key, and only after that.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
 */
export function createS3Origin(endpoint: string): S3Origin {
  const { hostname, port } = new URL(endpoint)

  function ask(method: string, path: string, headers: HeaderList, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({
        // moto may close a kept connection at any time
        agent: false,
        hostname,
        port,
        method,
        path,
        signal,
        headers: [...headers, ['Host', `${hostname}:${port}`], ['Authorization', unsigned('s3')]].flat(),
      })
      outgoing.once('response', resolve)
      outgoing.once('error', (error) =>
        reject(new UpstreamFailure('unreachable', `S3 does not answer: ${error.message}`)),
      )
      outgoing.end()
    })
  }

  async function fetchPolicy(
    bucket: string,
    signal: AbortSignal,
  ): Promise<PolicyDocument | 'NoSuchBucket' | undefined> {
    const answer = await ask('GET', `/${bucket}?policy`, [], signal)
    const body = await text(answer)
    if (answer.statusCode === 200) return JSON.parse(body) as PolicyDocument
    return body.includes('<Code>NoSuchBucket</Code>') ? 'NoSuchBucket' : undefined
  }

  async function get({ method, bucket, path, headers, distributionArn, signal }: ObjectRequest): Promise<OriginAnswer> {
    if (method !== 'GET' && method !== 'HEAD') {
      return failure(method, 405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
    }
    const policy = await fetchPolicy(bucket, signal)
    if (policy === 'NoSuchBucket') {
      return failure(method, 404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket })
    }
    const arn = `arn:aws:s3:::${bucket}`
    const key = decoded(path.slice(1))
    const { caller, context } = identityOf(distributionArn)
    const may = (action: string, resource: string) =>
      policy !== undefined && judge([policy], { action, resource, context }, caller).is === 'allowed'
    const denied = () => failure(method, 403, 'AccessDenied', 'Access Denied')
    if (!may('s3:GetObject', `${arn}/${key}`)) return denied()

    const answer = await ask(method, `/${bucket}${path}`, headers, signal)
    if (answer.statusCode === 404) {
      answer.resume()
      // who may not list the bucket may not learn that a key is missing
      if (!may('s3:ListBucket', arn)) return denied()
      return failure(method, 404, 'NoSuchKey', 'The specified key does not exist.', { Key: key })
    }
    return {
      status: answer.statusCode ?? 502,
      statusMessage: answer.statusMessage ?? '',
      headers: withHeader(without(answerHeaders(answer), ...motoOnly), 'Server', 'AmazonS3'),
      body: answer,
    }
  }

  return { get }
}

function identityOf(distributionArn: string | undefined): { caller: Caller } & Required<Pick<Need, 'context'>> {
  // S3's side of the connection is https: this distribution stands for its https side
  const context = { 'aws:SecureTransport': 'true' }
  if (!distributionArn) return { caller: { kind: 'Anonymous', name: '' }, context }
  return {
    caller: { kind: 'Service', name: 'cloudfront.amazonaws.com' },
    context: { ...context, 'aws:SourceArn': distributionArn, 'aws:SourceAccount': account },
  }
}

function failure(
  method: string,
  status: number,
  code: string,
  message: string,
  details: Record<string, string> = {},
): OriginAnswer {
  const requestId = randomBytes(8).toString('hex').toUpperCase()
  const elements = { Code: code, Message: message, ...details, RequestId: requestId, HostId: 'local' }
  const content = Object.entries(elements).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content.join('')}</Error>`)
  return {
    status,
    statusMessage: '',
    headers: [
      ['Content-Type', 'application/xml'],
      ['Server', 'AmazonS3'],
      ['x-amz-request-id', requestId],
      ...(method === 'HEAD' ? [] : [['Content-Length', String(body.length)] satisfies [string, string]]),
    ],
    body: Readable.from(method === 'HEAD' ? [] : [body]),
  }
}
