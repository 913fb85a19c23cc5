/** What helps against an error that AWS, or the way to it, is known for. Matched in order against the error's text. */
const known: [RegExp, string][] = [
  [
    /unable to locate credentials|could not load credentials|CredentialsProviderError/i,
    'aws configure, or export AWS_PROFILE=<profile>',
  ],
  [/config profile .* could not be found/i, 'export AWS_PROFILE=<profile>; aws configure list-profiles shows yours'],
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
    /could not connect|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|timed? ?out/i,
    'look at the network (proxy, VPN), then run it again',
  ],
  [/Throttl|Rate exceeded|TooManyRequests/i, 'AWS asks to slow down: run it again in a minute'],
  [/command not found/i, 'make check ENV=<environment> names every missing tool and how to get it'],
]

export function remedyFor(errorText: string): string {
  return (
    known.find(([pattern]) => pattern.test(errorText))?.[1] ??
    'mend that, then run the same command again: it goes on from what it finds'
  )
}
