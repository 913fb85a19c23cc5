import { stripVTControlCharacters } from 'node:util'

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
 * Exit codes (a promise of ./deploy/*.mts and npm run): those above, 2 usage or environment, 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP.
 */
export class Failure extends Error {
  readonly remedy: string
  readonly exitCode: number
  /** Lines that were printed already, for those who read only the end: Slack, the summary of a CI job. */
  readonly details: readonly string[]
  constructor(fact: string, remedy: string, exitCode = 1, details: readonly string[] = []) {
    super(printable(fact))
    this.name = 'Failure'
    this.remedy = printable(remedy)
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
  constructor(fact: string, remedy: string, { isTransient = true } = {}) {
    super(fact, remedy)
    this.name = 'Unanswered'
    this.isTransient = isTransient
  }
}

/** What a terminal obeys or hides, but the joiners of emoji. */
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

export function isPrintable(text: string): boolean {
  return text.search(unprintable) === -1
}

/** The text, with its line breaks, without what a terminal obeys or hides. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(unprintable, (one) => (one === '\n' ? one : '\ufffd'))
}

/** What was given, as a message shows it: on one line, and 80 characters of it at most. */
export function excerpt(given: string): string {
  // far more than 80, and few: it may be megabytes
  const line = printable(given.slice(0, 1000).replaceAll(/\s+/g, ' ')).trim()
  return line.length > 80 ? `${line.slice(0, 79).replace(/[\ud800-\udbff]$/, '')}…` : line
}

/** How a failure is told, everywhere: what ended before it was seen to its end is no error. */
export function levelOf({ exitCode }: Failure): 'error' | 'warning' {
  return exitCode === exitCodes['still running'] || exitCode > 128 ? 'warning' : 'error'
}

/** Whether a signal ended the run, or a reader that left. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Failure && error.exitCode > 128
}

const wrongClock = /Signature expired|Signature not yet current|RequestTimeTooSkewed|RequestExpired|RequestInTheFuture/i
const noMfaCode = /Enter MFA code|MFA token required/i
const noMfaSession = /multi-factor authentication, but no MFA/i

/**
 * What helps against an error that AWS, or the way to it, is known for; and the fact, where the error's own words say
 * something else. Matched in order against the error's text.
 */
const remedies: [RegExp, remedy: string, fact?: string][] = [
  [
    wrongClock,
    'date -u shows the clock of this machine; sudo timedatectl set-ntp true sets it, in WSL sudo hwclock --hctosys',
    'AWS refuses what this machine signs: its clock is wrong',
  ],
  [
    noMfaCode,
    'aws sts get-caller-identity asks for the code once; then re-run the same command in this terminal',
    'your profile needs an MFA code, and only aws itself can ask for it',
  ],
  [
    noMfaSession,
    'install version 2 of the AWS CLI (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html)',
    'version 1 of the AWS CLI keeps the session of your MFA code to itself',
  ],
  [
    /unable to locate credentials|could not load credentials|CredentialsProviderError/i,
    'aws configure, or export AWS_PROFILE=<profile>',
  ],
  [
    /Partial credentials found/i,
    'export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or unset both and export AWS_PROFILE=<profile>',
  ],
  [
    /CERTIFICATE_VERIFY_FAILED|SSL validation failed|self.signed certificate|certificate has expired|unable to \w+ .*certificate/i,
    'export AWS_CA_BUNDLE=<file with the certificates of your proxy>; date -u shows whether the clock is right',
  ],
  [/config profile .* could not be found/i, 'export AWS_PROFILE=<profile>; aws configure list-profiles lists yours'],
  [/expired|Error loading SSO Token/i, 'aws sso login, or renew the credentials in your shell'],
  [
    /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId/i,
    'the credentials in your shell are not valid there: aws configure, or export AWS_PROFILE=<profile>',
  ],
  [
    /AccessDenied|not authorized to perform/i,
    'docs/PERMISSIONS.md shows which role has that permission: use its credentials',
  ],
  [
    /ECONNREFUSED.*127\.0\.0\.1|Could not connect to the endpoint URL: "?http:\/\/(127\.0\.0\.1|localhost)/i,
    'make local-up starts the AWS on this machine',
  ],
  [
    /[Cc]ould not connect|Connection (was closed|reset)|\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET)\b|socket hang up|[Tt]imed? ?out/,
    'check the network (proxy, VPN), then re-run the same command',
  ],
  [
    /Throttl|Rate exceeded|TooManyRequests|SlowDown|RequestLimitExceeded/i,
    'AWS asks to slow down: re-run the same command in a minute',
  ],
  [
    /Internal(Failure|Error|ServerError)|Service ?Unavailable/,
    'AWS itself failed: re-run the same command in a minute; https://health.aws.amazon.com/health/status shows outages',
  ],
  [/command not found/i, 'make check ENV=<environment> lists every missing tool and how to install it'],
]

/** How AWS, the aws CLI, the SDK and Node say that there is no answer now. */
const transient = [
  /Throttl|Rate exceeded|TooManyRequests|RequestLimitExceeded|SlowDown|reached max retries/,
  /InternalFailure|InternalError|InternalServerError|ServiceUnavailable|Service Unavailable|RequestTimeout\b/,
  /Connection was closed|Connection reset|Could not connect|[Tt]imed? ?out|socket hang up/,
  /\b(ECONNRESET|ECONNREFUSED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)\b/,
]

/** How they say that there is no answer until someone does something about it: asking again is no use. */
const refused = [
  /ExpiredToken|token .*expired|Error loading SSO Token|Token has expired|Unable to locate credentials/i,
  /Could not load credentials|CredentialsProviderError|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId/i,
  /not authorized to perform: \w+:(Describe|Get|List|BatchGet)|AccessDenied\w*\) when calling the (Describe|Get|List)/,
  wrongClock,
  noMfaCode,
  noMfaSession,
]

/**
 * The failure of a question to AWS, with the remedy that helps: Unanswered where that is all that is known.
 * @param errorText what the error said, its name included
 */
export function answerFailure(fact: string, errorText: string): Failure {
  const [, , known = fact] = remedies.find(([pattern]) => pattern.test(errorText)) ?? []
  const remedy = remedyFor(errorText)
  const matches = (pattern: RegExp) => pattern.test(errorText)
  if (refused.some(matches)) return new Unanswered(known, remedy, { isTransient: false })
  return transient.some(matches) ? new Unanswered(known, remedy) : new Failure(known, remedy)
}

export const resume = 're-run the same command; it picks up where it stopped'

export function remedyFor(errorText: string): string {
  return remedies.find(([pattern]) => pattern.test(errorText))?.[1] ?? `fix that, then ${resume}`
}
