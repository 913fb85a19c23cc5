import type { IncomingMessage } from 'node:http'
import { failureAnswer, isJsonCall, type FailureAnswer } from './failure-answer.ts'
import { AwsError } from './room.ts'

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

/** The failure as the service that was called would put it on the wire. */
export function faultAnswer(
  kind: Answered,
  service: string,
  request: IncomingMessage,
  requestId: string,
): FailureAnswer {
  const wording = service === 's3' ? s3 : service === 'ec2' ? ec2 : isJsonCall(request) ? json : query
  const [code, message, status] = wording[kind]
  return failureAnswer(new AwsError(code, message, status), service, request, requestId)
}
