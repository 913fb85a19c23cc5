import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { remedyFor } from '../../../lib/script/failure.mts'

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
    ['something new under the sun', /re-run the same command/],
  ]
  for (const [text, remedy] of remedies) {
    it(`against: ${text.slice(0, 50)}`, () => {
      assert.match(remedyFor(text), remedy)
    })
  }
})
