import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answerFailure, remedyFor, Unanswered } from '../../../lib/script/failure.mts'

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
