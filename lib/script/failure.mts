/** How a rollout, or the whole run, ended, and the exit code that says so. */
export const exitCodes = {
  deployed: 0,
  failed: 1,
  'rolled back': 3,
  superseded: 4,
  'still running': 5,
  'not verified': 6,
} as const

/**
 * An expected failure: one fact, one remedy, one exit code. It is printed as two lines without a stack trace; anything
 * else that is thrown is a bug and prints its trace.
 *
 * Exit codes (a promise of ./deploy/*.mts and npm run): those above, 2 usage or environment, 130 Ctrl-C, 143 SIGTERM.
 */
export class Failure extends Error {
  readonly remedy: string
  readonly exitCode: number
  /** Lines that were printed already, for those who read only the end: Slack, the summary of a CI job. */
  readonly details: readonly string[]
  constructor(fact: string, remedy: string, exitCode = 1, details: readonly string[] = []) {
    super(fact)
    this.name = 'Failure'
    this.remedy = remedy
    this.exitCode = exitCode
    this.details = details
  }
}

/**
 * A question that nobody answered: AWS was too busy or out of reach, or does not accept the credentials any more. It says
 * nothing about what was asked: what observes a deployment must not take it for a verdict.
 */
export class Unanswered extends Failure {
  /** Whether it may be answered later, without anyone's help. */
  readonly isTransient: boolean
  constructor(fact: string, remedy: string, isTransient: boolean) {
    super(fact, remedy)
    this.name = 'Unanswered'
    this.isTransient = isTransient
  }
}

/** Whether it is Ctrl-C or SIGTERM. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Failure && error.exitCode > 128
}

/** Whether it is a Failure of the work itself: one that a remark, a retry or a default may answer. */
export function isExpected(error: unknown): error is Failure {
  return error instanceof Failure && !isInterruption(error)
}

/** What helps against an error that AWS, or the way to it, is known for. Matched in order against the error's text. */
const remedies: [RegExp, string][] = [
  [
    /unable to locate credentials|could not load credentials|CredentialsProviderError/i,
    'aws configure, or export AWS_PROFILE=<profile>',
  ],
  [/config profile .* could not be found/i, 'export AWS_PROFILE=<profile>; aws configure list-profiles lists yours'],
  [/expired|Error loading SSO Token/i, 'aws sso login, or renew the credentials in your shell'],
  [
    /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId/i,
    'the credentials in your shell are not valid there: aws configure, or export AWS_PROFILE=<profile>',
  ],
  [/AccessDenied|not authorized to perform/i, 'ask for that permission, or use the credentials of the deploy role'],
  [
    /ECONNREFUSED.*127\.0\.0\.1|Could not connect to the endpoint URL: "?http:\/\/(127\.0\.0\.1|localhost)/i,
    'make local-up starts the AWS on this machine',
  ],
  [
    /[Cc]ould not connect|\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT)\b|[Tt]imed? ?out/,
    'check the network (proxy, VPN), then re-run the same command',
  ],
  [/Throttl|Rate exceeded|TooManyRequests/i, 'AWS asks to slow down: re-run the same command in a minute'],
  [/command not found/i, 'make check ENV=<environment> lists every missing tool and how to install it'],
]

/** How AWS, the aws CLI, the SDK and Node say that there is no answer now. */
const transient = [
  /Throttl|Rate exceeded|TooManyRequests|RequestLimitExceeded|SlowDown|reached max retries/,
  /InternalFailure|InternalError|InternalServerError|ServiceUnavailable|Service Unavailable|RequestTimeout\b/,
  /Connection was closed|Connection reset|Could not connect|[Tt]imed? ?out|socket hang up/,
  /\b(ECONNRESET|ECONNREFUSED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)\b/,
]
const credentials = /ExpiredToken|token .*expired|Error loading SSO Token|Token has expired/i

/**
 * The failure of a question to AWS, with the remedy that helps: Unanswered where that is all that is known.
 * @param errorText what the error said, its name included
 */
export function answerFailure(fact: string, errorText: string): Failure {
  const remedy = remedyFor(errorText)
  if (credentials.test(errorText)) return new Unanswered(fact, remedy, false)
  return transient.some((pattern) => pattern.test(errorText))
    ? new Unanswered(fact, remedy, true)
    : new Failure(fact, remedy)
}

export const resume = 're-run the same command; it picks up where it stopped'

export function remedyFor(errorText: string): string {
  return remedies.find(([pattern]) => pattern.test(errorText))?.[1] ?? `fix that, then ${resume}`
}
