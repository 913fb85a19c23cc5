import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answerFailure, excerpt, Failure, remedyFor, Unanswered } from '../../../lib/script/failure.mts'

describe('the remedy', () => {
  const remedies: [string, RegExp][] = [
    ['Unable to locate credentials. You can configure credentials by running "aws configure".', /aws configure/],
    ['CredentialsProviderError Could not load credentials from any providers', /AWS_PROFILE/],
    ['Error loading SSO Token: Token for default does not exist', /aws sso login/],
    [
      'An error occurred (AccessDeniedException): User: x is not authorized to perform: ecr:CreateRepository',
      /permission/,
    ],
    ['Error connect ECONNREFUSED 127.0.0.1:4566', /make local-up/],
    ['getaddrinfo ENOTFOUND sts.us-east-1.amazonaws.com', /network/],
    ['An error occurred (ServiceNotFoundException) when calling the DescribeServices operation', /re-run the same/],
    ['Signature expired: 20261128T100000Z is now earlier than 20261128T104500Z', /^date -u/],
    ['An error occurred (RequestTimeTooSkewed): The difference between the request time and', /^date -u/],
    ['InvalidSignatureException Signature not yet current: 20261128T110000Z is still later', /^date -u/],
    ['Enter MFA code for arn:aws:iam::123456789012:mfa/ana: ', /^aws sts get-caller-identity/],
    ['Profile ana requires multi-factor authentication, but no MFA code callback was', /^install version 2/],
    ['SSL validation failed for https://x/ [SSL: CERTIFICATE_VERIFY_FAILED]', /AWS_CA_BUNDLE/],
    ['Error certificate has expired', /AWS_CA_BUNDLE/],
    ['An error occurred (SlowDown) when calling the ListObjectsV2 operation: Please reduce your', /slow down/],
    ['An error occurred (InternalError) when calling the ListObjectsV2 operation (reached max', /^AWS itself failed/],
    ['Connection was closed before we received a valid response from endpoint URL', /network/],
    ['something new under the sun', /re-run the same command/],
  ]
  for (const [text, remedy] of remedies) {
    it(`against: ${text.slice(0, 50)}`, () => {
      assert.match(remedyFor(text), remedy)
    })
  }
})

describe('a failed question to AWS', () => {
  const kinds: [string, 'transient' | 'credentials' | 'answer'][] = [
    ['An error occurred (ThrottlingException) when calling DescribeServices (reached max retries: 4): x', 'transient'],
    ['An error occurred (SlowDown) when calling the ListObjectsV2 operation: Please reduce your rate.', 'transient'],
    ['An error occurred (InternalFailure) when calling the GetCallerIdentity operation: x', 'transient'],
    ['Connection was closed before we received a valid response from endpoint URL: "http://x/".', 'transient'],
    ['Read timeout on endpoint URL: "https://x/"', 'transient'],
    ['Error getaddrinfo EAI_AGAIN sts.us-east-1.amazonaws.com', 'transient'],
    ['An error occurred (ExpiredTokenException): The security token included in the request is expired', 'credentials'],
    ['An error occurred (ExpiredToken) when calling the ListObjectsV2: The provided token has expired.', 'credentials'],
    ['An error occurred (SignatureDoesNotMatch) when calling x: Signature expired: 1 is now earlier', 'credentials'],
    ['An error occurred (InvalidClientTokenId) when calling x: The security token is invalid', 'credentials'],
    ['Unable to locate credentials. You can configure credentials by running "aws configure".', 'credentials'],
    ['User: x is not authorized to perform: elasticloadbalancing:DescribeTargetHealth', 'credentials'],
    ['An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied', 'credentials'],
    ['An error occurred (AccessDenied) when calling the PutObject operation: Access Denied', 'answer'],
    ['An error occurred (ServiceNotFoundException) when calling the DescribeServices operation', 'answer'],
    ['An error occurred (ValidationError): Stack with id x does not exist', 'answer'],
  ]
  for (const [text, kind] of kinds) {
    it(`is ${kind === 'answer' ? 'an answer' : `no answer (${kind})`}: ${text.slice(18, 50)}`, () => {
      const failure = answerFailure('fact', text)
      assert.equal(failure instanceof Unanswered, kind !== 'answer')
      if (failure instanceof Unanswered) assert.equal(failure.isTransient, kind === 'transient')
    })
  }
})

describe('what a message shows', () => {
  it('has no character that a terminal obeys or hides', () => {
    const { message, remedy } = new Failure('a\x1b[31mred\x1b[0m\u202eb\x07', 'x\u200by\n👩‍💻')
    assert.equal(message, 'ared\ufffdb\ufffd')
    assert.equal(remedy, 'x\ufffdy\n👩‍💻')
  })

  it('has 80 characters of what was given', () => {
    assert.equal(excerpt('x'.repeat(2_000_000)).length, 80)
    assert.equal(excerpt(`${'x'.repeat(78)}👩👩`), `${'x'.repeat(78)}…`)
    assert.equal(excerpt(' a\n\tb '), 'a b')
  })
})

describe('the fact', () => {
  it('is what is the matter, and not the prompt that nobody saw', () => {
    const failure = answerFailure('aws sts get-caller-identity: Enter MFA code for x:', 'Enter MFA code for x:')
    assert.match(failure.message, /^your profile needs an MFA code/)
  })
})
