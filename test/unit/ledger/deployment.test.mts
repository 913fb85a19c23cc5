import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { personOf } from '../../../lib/ledger/deployment.mts'

describe('who deploys', () => {
  for (const [identity, local, env, expected] of [
    ['arn:aws:iam::123456789012:user/ana', false, { USER: 'root' }, 'ana'],
    ['arn:aws:sts::123456789012:assumed-role/Deploy/ana@example.com', false, {}, 'ana@example.com'],
    ['arn:aws:iam::123456789012:root', false, {}, 'root'],
    [
      'arn:aws:sts::123456789012:assumed-role/Deploy/GitHubActions',
      false,
      { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'ana' },
      'ana',
    ],
    [
      'arn:aws:sts::123456789012:assumed-role/Deploy/GitHubActions',
      false,
      { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'ana', GITHUB_TRIGGERING_ACTOR: 'ben' },
      'ben',
    ],
    ['arn:aws:sts::123456789012:assumed-role/Deploy/me', false, { GITHUB_ACTOR: 'ana' }, 'me'],
    ['arn:aws:sts::123456789012:assumed-role/Deploy/ci', false, { GITLAB_CI: 'true', GITLAB_USER_LOGIN: 'ana' }, 'ana'],
    [
      'arn:aws:sts::123456789012:assumed-role/Deploy/ci',
      false,
      { BUILDKITE: 'true', BUILDKITE_BUILD_CREATOR: 'Ana B' },
      'Ana B',
    ],
    ['arn:aws:sts::000000000000:user/moto', true, { USER: 'ana' }, 'ana'],
    ['arn:aws:sts::000000000000:user/moto', true, {}, 'moto'],
  ] as const) {
    it(`is ${expected} for ${identity.split(':').at(-1)}${local ? ', local,' : ''} with ${JSON.stringify(env)}`, () => {
      assert.equal(personOf(identity, local, env), expected)
    })
  }
})
