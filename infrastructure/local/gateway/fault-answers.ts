import type { IncomingMessage } from 'node:http'
import { protocols } from './protocols.ts'
import { AwsError } from './room.ts'
import { renderXml } from './xml.ts'

/** The faults that are answers: code, message and status, as each family of services writes them. */
type Answered = 'throttle' | 'error' | 'expired-token'
type Wording = Record<Answered, [code: string, message: string, status: number]>

const internal = 'The request processing has failed because of an unknown error, exception or failure.'
const expired = 'The security token included in the request is expired'

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, and the like page of each service */
const json: Wording = {
  throttle: ['ThrottlingException', 'Rate exceeded', 400],
  error: ['InternalFailure', internal, 500],
  'expired-token': ['ExpiredTokenException', expired, 403],
}

/** CloudFormation, load balancing, IAM, STS, SNS, and CloudFront: their codes have no suffix. */
const query: Wording = {
  throttle: ['Throttling', 'Rate exceeded', 400],
  error: ['InternalFailure', internal, 500],
  'expired-token': ['ExpiredToken', expired, 403],
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const s3: Wording = {
  throttle: ['SlowDown', 'Please reduce your request rate.', 503],
  error: ['InternalError', 'We encountered an internal error. Please try again.', 500],
  'expired-token': ['ExpiredToken', 'The provided token has expired.', 400],
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const ec2: Wording = {
  throttle: ['RequestLimitExceeded', 'Request limit exceeded.', 503],
  error: ['InternalError', 'An internal error has occurred.', 500],
  'expired-token': ['RequestExpired', 'Request has expired.', 400],
}

export interface FaultAnswer {
  status: number
  error: string
  headers: Record<string, string>
  body: string | Buffer
}

/** The failure as the service that was called would put it on the wire. */
export function faultAnswer(kind: Answered, service: string, request: IncomingMessage, requestId: string): FaultAnswer {
  const isCbor = request.headers['smithy-protocol'] === 'rpc-v2-cbor'
  const isJson = isCbor || 'x-amz-target' in request.headers
  const wording = service === 's3' ? s3 : service === 'ec2' ? ec2 : isJson ? json : query
  const [code, message, status] = wording[kind]
  const failure = new AwsError(code, message, status)
  if (isCbor) {
    const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' }
    return { status, error: code, headers, body: cborTexts({ __type: code, message }) }
  }
  if (service === 's3' || service === 'ec2') {
    const fault = { Code: code, Message: message }
    const document =
      service === 's3'
        ? { Error: { ...fault, RequestId: requestId } }
        : { Response: { Errors: { Error: fault }, RequestID: requestId } }
    return { status, error: code, headers: { 'content-type': 'application/xml' }, body: renderXml(document, 'repeat') }
  }
  const reply = (isJson ? protocols.json : protocols.query).fail(failure, {}, request, requestId)
  return { ...reply, error: code }
}

/** A map of texts shorter than 256 bytes, which CloudWatch's clients speak: https://www.rfc-editor.org/rfc/rfc8949 */
function cborTexts(texts: Record<string, string>): Buffer {
  const pairs = Object.entries(texts)
  return Buffer.concat([Buffer.from([0xa0 + pairs.length]), ...pairs.flat().flatMap(cborText)])
}

function cborText(text: string): Buffer[] {
  return [Buffer.from([0x78, Buffer.byteLength(text)]), Buffer.from(text)]
}
