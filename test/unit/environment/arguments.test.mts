import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseArguments } from '../../../lib/environment/arguments.mts'
import { Failure } from '../../../lib/script/failure.mts'
import { root } from '../../../lib/script/files.mts'

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
    [
      ['staging'],
      { npm_lifecycle_event: 'deploy:staging', npm_config_redeploy: 'true' },
      /npm kept --redeploy/,
      /^npm run deploy:staging .*-- --redeploy; if an \.npmrc has it: npm config delete redeploy; if a variable: unset npm_config_redeploy$/,
    ],
    [
      ['staging', '--yes'],
      { npm_lifecycle_event: 'deploy:staging', npm_config_yes: 'true', npm_config_dry_run: 'true' },
      /npm kept --dry-run for itself: it stands before --, or in an \.npmrc/,
      /^leave out --dry-run, which this script does not take; if an \.npmrc has it: npm config delete dry-run; if a variable: unset npm_config_dry_run$/,
    ],
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

  for (const words of [['--since', '-5m'], ['--since']]) {
    it(`says that --since needs a value: ${words.join(' ')}`, () =>
      assert.throws(() => parseArguments(['staging', ...words], ['since']), {
        exitCode: 2,
        message: '--since needs a value',
      }))
  }

  const swallowed: [words: string[], env: Record<string, string>, remedy: RegExp][] = [
    [
      [],
      { npm_config_follow: '' },
      / -- --no-follow; if an .npmrc has it: npm config delete follow; if a variable: unset npm_config_follow$/,
    ],
    [['2h'], { npm_config_since: 'true' }, /npm run logs … -- --since <value>;/],
    [
      ['2h'],
      { npm_config_since: 'true', INIT_CWD: `${root}/infrastructure` },
      /^write .*: npm --prefix \.\. run logs … --/,
    ],
    [[], { npm_config_since: '2h' }, / -- --since 2h;/],
  ]
  for (const [words, env, remedy] of swallowed) {
    it(`is refused where npm kept a flag of its own kind, as in ${JSON.stringify(env)}`, () => {
      assert.throws(
        () =>
          parseArguments(['staging', ...words], ['since', 'no-follow'], [], { npm_lifecycle_event: 'logs', ...env }),
        (error) => error instanceof Failure && error.exitCode === 2 && remedy.test(error.remedy),
      )
    })
  }
})
