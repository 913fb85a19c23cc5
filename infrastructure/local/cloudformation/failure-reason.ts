import { randomUUID } from 'node:crypto'
import { AwsError } from '../gateway/room.ts'

/** A failure whose text is CloudFormation's own: shown as it is. */
export class ResourceFailure extends Error {}

/** What an SDK exception and an AwsError have in common. */
interface ServiceError extends Error {
  code?: string
  status?: number
  $metadata?: { httpStatusCode?: number; requestId?: string }
}

/** https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html */
const handlerErrorCodes: [RegExp, string][] = [
  [/AlreadyExist|AlreadyOwned|ResourceExists|Duplicate/, 'AlreadyExists'],
  [/NotFound|NoSuch|DoesNotExist/, 'NotFound'],
  [/Throttl|TooManyRequests|SlowDown/, 'Throttling'],
  [/AccessDenied|Unauthorized|UnrecognizedClient|InvalidClientToken/, 'AccessDenied'],
  [/LimitExceeded/, 'ServiceLimitExceeded'],
  [/InUse|Conflict|DependencyViolation|NotEmpty/, 'ResourceConflict'],
  [/Validation|Invalid|Malformed|MissingParameter/, 'InvalidRequest'],
  [/Timeout|ECONN|ServiceUnavailable/, 'ServiceInternalError'],
]

/** The ResourceStatusReason of a failed event, as AWS's resource handlers write it: cdk reads the HandlerErrorCode from it. */
export function failureReason(error: unknown, type: string): string {
  if (error instanceof ResourceFailure) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code, status, $metadata } = error as ServiceError
  if (!(error instanceof AwsError) && $metadata === undefined && code === undefined) {
    // a bug of ours: its stack belongs in the log
    console.error(error)
    return `Internal Failure: ${error.message}`
  }
  const origin = [
    `Service: ${type.split('::')[1]}`,
    `Status Code: ${status ?? $metadata?.httpStatusCode ?? 400}`,
    `Request ID: ${$metadata?.requestId ?? randomUUID()}`,
  ]
  const message = `${error.message} (${origin.join(', ')})`
  return `Resource handler returned message: "${message}" (RequestToken: ${randomUUID()}, HandlerErrorCode: ${handlerErrorCode(error)})`
}

/** Deleting what is not there any more counts as deleted. */
export function isAlreadyGone(error: unknown): boolean {
  return error instanceof Error && handlerErrorCode(error) === 'NotFound'
}

function handlerErrorCode(error: ServiceError): string {
  const name = error.code ?? error.name
  return handlerErrorCodes.find(([pattern]) => pattern.test(name))?.[1] ?? 'GeneralServiceException'
}
