import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Template } from 'aws-cdk-lib/assertions'
import { App, type Stack } from 'aws-cdk-lib/core'
import { largestPolicy } from '../../lib/access/policies.mts'
import type { Settings } from '../../lib/environment/keys.mts'
import { readSettings } from '../../lib/environment/settings.mts'
import { addAccess } from '../lib/access.ts'
import { accessOf } from '../lib/access-configuration.ts'
import { templateOf } from './synthesis.ts'

const account = '123456789012'
const repository = { GITHUB_REPOSITORY: 'acme/quiz', GITHUB_OWNER_ID: '11', GITHUB_REPOSITORY_ID: '22' }

/** The templates of `make access ENV=production`, by stack. */
function templates(changed: Partial<Settings> = {}): Record<string, Template> {
  const app = new App({ builtinCloudFormationValidation: false })
  const settings = { ...readSettings('production'), AWS_ACCOUNT_ID: account, ...changed }
  addAccess(app, accessOf('production', settings, {}))
  const stacks = app.node.children as Stack[]
  return Object.fromEntries(stacks.map((stack) => [stack.stackName, Template.fromStack(stack)]))
}

interface Trust {
  Principal: object
  Condition: Record<string, Record<string, string | string[]>>
}

function trustOf(template: Template, RoleName: string): Trust {
  const [role] = Object.values(template.findResources('AWS::IAM::Role', { Properties: { RoleName } }))
  return role!['Properties'].AssumeRolePolicyDocument.Statement[0] as Trust
}

describe('make access', () => {
  const { LiveQuizAccess, 'LiveQuizAccess-github': github, 'LiveQuizAccess-production': roles } = templates(repository)

  for (const [RoleName, file, pattern] of [
    ['live-quiz-deploy', '.github/workflows/deploy-environment.yml', /role-duration-seconds: (\d+)/],
    ['live-quiz-deploy', '.github/workflows/rollback.yml', /role-duration-seconds: (\d+)/],
    ['live-quiz-recover', 'docs/PERMISSIONS.md', /role\/live-quiz-recover\n[^`]*duration_seconds = (\d+)/],
  ] as const)
    test(`lets ${RoleName} have its credentials for as long as ${file} asks`, () => {
      const [, asked] = pattern.exec(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'))!
      roles!.hasResourceProperties('AWS::IAM::Role', { RoleName, MaxSessionDuration: Number(asked) })
    })

  test('has no custom resource: no Lambda', () => {
    for (const template of [LiveQuizAccess!, github!, roles!])
      for (const { Type } of Object.values(template.toJSON().Resources as Record<string, { Type: string }>))
        assert.match(Type, /^AWS::IAM::(ManagedPolicy|Role|OIDCProvider)$/)
  })

  test('is deployed without a bucket: no template has more than 50 KiB', () => {
    for (const template of [LiveQuizAccess!, github!, roles!])
      assert.ok(JSON.stringify(template.toJSON(), undefined, 1).length < 51_200)
  })

  test('makes policies that IAM takes', () => {
    const policies = Object.values(LiveQuizAccess!.findResources('AWS::IAM::ManagedPolicy'))
    assert.equal(policies.length, 2)
    for (const { Properties } of policies) {
      const size = JSON.stringify(Properties.PolicyDocument).length
      assert.ok(size <= largestPolicy, `${Properties.ManagedPolicyName}: ${size}`)
    }
  })

  test('lets jobs of the environment deploy, named with and without ids', () => {
    const { Principal, Condition } = trustOf(roles!, 'live-quiz-deploy')
    assert.deepEqual(Principal, {
      Federated: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
    })
    assert.deepEqual(Condition, {
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': [
          'repo:acme/quiz:environment:production',
          'repo:acme@11/quiz@22:environment:production',
        ],
      },
    })
  })

  test('lets pull requests look', () => {
    const { Condition } = trustOf(roles!, 'live-quiz-look')
    const subjects = [Condition['StringEquals']?.['token.actions.githubusercontent.com:sub'] ?? []].flat()
    assert.ok(subjects.includes('repo:acme@11/quiz@22:pull_request'))
    assert.ok(!subjects.some((subject) => subject.includes('*')))
  })

  test('lets nobody break the glass without a second factor', () => {
    for (const role of ['live-quiz-recover', 'live-quiz-break-glass'])
      assert.deepEqual(trustOf(roles!, role).Condition, {
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      })
  })

  test('makes no second provider, and none without a repository', () => {
    assert.ok(!('LiveQuizAccess-github' in templates({ ...repository, GITHUB_OIDC_PROVIDER: 'existing' })))
    assert.ok(!('LiveQuizAccess-github' in templates()))
  })
})

test('every role of a bounded environment has the boundary, and no other has one', () => {
  const boundaries = (changed: Partial<Settings>) =>
    Object.values(templateOf('production', changed).findResources('AWS::IAM::Role')).map(({ Properties }) =>
      JSON.stringify(Properties.PermissionsBoundary ?? null),
    )
  for (const boundary of boundaries({ PERMISSIONS_BOUNDARY: 'live-quiz-boundary' }))
    assert.match(boundary, /:policy\/live-quiz-boundary"/)
  assert.deepEqual(new Set(boundaries({})), new Set(['null']))
})
