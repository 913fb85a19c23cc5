import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mismatch } from '../../lib/environment/account.mts'
import { addresses } from '../../lib/stack/addresses.mts'
import { parseArguments } from '../../lib/environment/arguments.mts'
import { environmentNames } from '../../lib/environment/environments.mts'
import { Failure } from '../../lib/script/failure.mts'
import { pinned } from '../../lib/image/image.mts'
import { invocation, typedAfresh, withFlag } from '../../lib/script/invocation.mts'
import { duration } from '../../lib/script/narration.mts'
import { releaseId } from '../../lib/environment/release.mts'
import { remedyFor } from '../../lib/script/remedies.mts'

describe('a command line', () => {
  const parse = (argv: string[], env = {}) => parseArguments(argv, ['yes', 'redeploy'], [], env)

  it('gives environment and flags, in any order', () => {
    assert.deepEqual({ ...parse(['--yes', 'staging']) }, { environment: 'staging', yes: true, redeploy: false })
  })

  const refused: [string[], Record<string, string>, fact: RegExp, remedy?: RegExp][] = [
    [[], {}, /no environment was given/],
    [['Production'], {}, /unknown environment: Production/],
    [[], { MAKELEVEL: '1' }, /no environment was given/, /, as in ENV=staging$/],
    [[], { MAKELEVEL: '1', npm_lifecycle_event: 'status' }, /no environment was given/, /, local$/],
    [['staging', '--yse'], {}, /unknown option '--yse'/],
    [['staging', '--yes=no'], {}, /--yes/],
    [['staging', 'production'], {}, /unexpected argument: production/],
    [['staging'], { npm_lifecycle_event: 'deploy:staging', npm_config_redeploy: 'true' }, /npm kept --redeploy/],
    [['staging', '--yes'], { npm_lifecycle_event: 'deploy:staging', npm_config_dry_run: 'true' }, /npm kept --dry-run/],
  ]
  for (const [argv, env, fact, remedy = /./] of refused) {
    it(`${JSON.stringify(argv)} ${Object.keys(env).join(' ')} is refused with exit code 2`, () => {
      assert.throws(
        () => parse(argv, env),
        (error) => {
          assert.ok(error instanceof Failure)
          assert.match(error.message, fact)
          assert.match(error.remedy, remedy)
          assert.equal(error.exitCode, 2)
          return true
        },
      )
    })
  }

  it('may carry a flag that npm has too, when it arrived', () => {
    const env = { npm_lifecycle_event: 'deploy:staging', npm_config_yes: 'true' }
    assert.equal(parse(['staging', '--yes'], env).yes, true)
  })
})

describe('a line to type', () => {
  const table: [Record<string, string>, string, string][] = [
    [{}, './deploy/backend.mts staging --yes', 'the same line with --yes'],
    [{ npm_lifecycle_event: 'deploy:prod' }, 'npm run deploy:backend staging -- --yes', 'npm run deploy:prod -- --yes'],
    [{ MAKELEVEL: '1' }, 'make deploy-backend ENV=staging ARGS=--yes', 'the same line with ARGS=--yes'],
  ]
  for (const [env, line, flag] of table) {
    it(`is ${line}`, () => {
      assert.equal(invocation('backend', 'staging', '--yes', env), line)
      assert.equal(withFlag('--yes', env, []), flag)
    })
  }
})

describe('an account', () => {
  const table: [string, string, boolean, RegExp | undefined][] = [
    ['123456789012', '123456789012', false, undefined],
    ['', '123456789012', false, undefined],
    ['123456789012', '999999999999', false, /of account 999999999999, and staging lives in 123456789012/],
    ['123456789012', '000000000000', true, undefined],
    ['123456789012', '123456789012', true, /lives in 000000000000/],
  ]
  for (const [configured, found, local, fact] of table) {
    it(`${found}, expected ${configured || 'nowhere'}${local ? ', on this machine’s AWS' : ''}: ${fact ? 'refused' : 'accepted'}`, () => {
      const failure = mismatch('staging', configured, found, local)
      if (fact) assert.match(failure?.message ?? '', fact)
      else assert.equal(failure, undefined)
    })
  }

  it('is never a real one for the environment local', () => {
    assert.match(mismatch('local', '', '000000000000', false)?.message ?? '', /this machine only/)
  })
})

describe('names and addresses', () => {
  it('are bare in production and carry the environment elsewhere', () => {
    assert.equal(environmentNames('production').stack, 'LiveQuizEventStack')
    assert.equal(environmentNames('staging').stack, 'LiveQuizEventStack-staging')
    assert.equal(environmentNames('production').family, 'websocket-task')
    assert.equal(environmentNames('development').cluster, 'live-quiz-cluster-development')
  })

  it('are https and wss for a distribution, http and ws for a load balancer', () => {
    assert.deepEqual(addresses({ DistributionDomainName: 'd1.cloudfront.net', LoadBalancerDnsName: 'alb.example' }), {
      site: 'https://d1.cloudfront.net',
      siteWebSocket: 'wss://d1.cloudfront.net/ws',
      loadBalancer: 'http://alb.example',
      loadBalancerWebSocket: 'ws://alb.example',
    })
  })

  it('are plain http on this machine', () => {
    const { site, siteWebSocket } = addresses({
      DistributionDomainName: '127.0.0.1:4626',
      LoadBalancerDnsName: '127.0.0.1:4576',
    })
    assert.deepEqual([site, siteWebSocket], ['http://127.0.0.1:4626', 'ws://127.0.0.1:4626/ws'])
  })

  it('name a release after time and commit, and a dirty tree as dirty', () => {
    const now = new Date('2026-11-23T10:15:00.123Z')
    assert.equal(releaseId(now, '12e4567', false), '20261123T101500Z-12e4567')
    assert.equal(releaseId(now, '0012345', true), '20261123T101500Z-0012345-dirty')
  })

  const references: [string, string | undefined][] = [
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com/live-quiz-backend@sha256:ab', 'sha256:ab'],
    ['127.0.0.1:4566/live-quiz-backend-local@sha256:ab', 'sha256:ab'],
    ['127.0.0.1:4566/live-quiz-backend-local:latest', undefined],
    ['live-quiz-backend', undefined],
  ]
  for (const [reference, digest] of references) {
    it(`${reference} is ${digest ? 'pinned' : 'not pinned'} by digest`, () => {
      assert.equal(pinned(reference)?.digest, digest)
    })
  }
})

describe('words', () => {
  it('tell a duration as people do', () => {
    assert.deepEqual([400, 42_000, 185_000].map(duration), ['0 s', '42 s', '3 min 5 s'])
  })

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
    ['something that nobody has seen yet', /run the same command again/],
  ]
  for (const [text, remedy] of remedies) {
    it(`know what helps against: ${text.slice(0, 50)}`, () => {
      assert.match(remedyFor(text), remedy)
    })
  }
})

describe('the npm line that was typed, with one more flag', () => {
  const npm = { npm_lifecycle_event: 'deploy:backend', npm_lifecycle_script: './deploy/backend.mts' }
  const table: [Record<string, string>, string[], string][] = [
    [npm, ['staging'], 'npm run deploy:backend staging -- --yes'],
    [npm, ['staging', '--note', 'a b', '--force'], "npm run deploy:backend staging -- --note 'a b' --force --yes"],
    [
      { npm_lifecycle_event: 'deploy:prod', npm_lifecycle_script: './deploy/all.mts production' },
      ['production', '--redeploy'],
      'npm run deploy:prod -- --redeploy --yes',
    ],
  ]
  for (const [env, argv, line] of table) it(line, () => assert.equal(withFlag('--yes', env, argv), line))
})

describe('a shell in which lines are typed afresh', () => {
  it('does not know what make and npm leave to their children, nor what was given to them', () => {
    const users = { PATH: '/bin', ARGS: 'of my own', NOTE: 'mine', npm_config_userconfig: '/etc/npmrc' }
    const left = {
      MAKELEVEL: '1',
      MFLAGS: '-s',
      MAKEOVERRIDES: '${-*-command-variables-*-}',
      npm_lifecycle_event: 'test',
    }
    assert.deepEqual(typedAfresh({ ...users, ...left, MAKEFLAGS: 's' }), users)
    const makeflags = String.raw`s -- REV=5 NOTE=a\ b ARGS=-c\ "x\ PATH=1"`
    assert.deepEqual(
      typedAfresh({ ...users, ...left, MAKEFLAGS: makeflags, REV: '5', NOTE: 'a b', ARGS: '-c "x PATH=1"' }),
      {
        PATH: '/bin',
        npm_config_userconfig: '/etc/npmrc',
      },
    )
    assert.deepEqual(typedAfresh({ ...users, ...left, MAKEFLAGS: ' -- ARGS=documented' }).ARGS, undefined)
  })
})
