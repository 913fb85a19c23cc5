/** Whatever is given: a value that is taken as it looks, or one fact and one remedy. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { backendFlags, noteOf, parseArguments } from '../../../lib/environment/arguments.mts'
import { requireOneIdentity } from '../../../lib/environment/identity.mts'
import { keys } from '../../../lib/environment/keys.mts'
import { parseSettings } from '../../../lib/environment/settings.mts'
import { parsePromotionTarget } from '../../../lib/promotion/source.mts'
import { parseRevisionNumber } from '../../../lib/rollback/revision.mts'
import { Failure } from '../../../lib/script/failure.mts'
import { parseSince } from '../../../lib/service/logs.mts'
import { parseTaskCount } from '../../../lib/service/scale.mts'
import { parseReleaseId } from '../../../lib/site/release.mts'

/** Undefined where it is refused as it should be. */
function taken<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    for (const text of [error.message, error.remedy]) {
      assert.ok(text.length > 0 && text.length < 300, `${text.length} characters: ${text}`)
      assert.doesNotMatch(text, /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\n\s+at /u)
    }
    assert.ok([1, 2].includes(error.exitCode))
    return undefined
  }
}

/** What nobody means to type: controls, other scripts, quotes, flags, and a lot of it. */
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('"', "'", '`', '#', '\\', '$', ' ', '\t', '\r', '\n', '\x1b[2J', '=', 'n', '\u202e'),
  }),
  fc.constantFrom(
    '',
    '--force',
    '-',
    '--',
    '0',
    '-1',
    '1e3',
    '٣',
    'NaN',
    '__proto__',
    '\ud800',
    '../..',
    '$(id)',
    '%00',
  ),
  fc.string({ minLength: 1, maxLength: 3 }).map((text) => text.repeat(20_000)),
)
const run = (property: fc.IProperty<[string]> | fc.IProperty<[string, string]> | fc.IProperty<[string[]]>) =>
  fc.assert(property as fc.IProperty<unknown>, { numRuns: 300 })

describe('an odd value', () => {
  const name = fc.oneof(fc.constantFrom(...Object.keys(keys)), odd)

  it('of a setting is taken as it is written, or refused', () =>
    run(
      fc.property(name, odd, (key, value) => {
        const settings = taken(() => parseSettings(`${key}=${value}`, 'env/.env.staging'))
        // with a line break in it, the rest is a line of its own: the next test
        if (!settings || !Object.hasOwn(keys, key) || /[\r\n]/.test(value)) return
        const quoted = /^(['"])(.*)\1$/.exec(value.trim())?.[2]
        assert.equal(settings[key as keyof typeof settings], quoted ?? value.trim())
      }),
    ))

  it('between the lines of a settings file is a comment, a setting, or refused', () =>
    run(
      fc.property(odd, (text) => {
        const settings = taken(() => parseSettings(`LOG_LEVEL=warn\n${text}\nTASK_COUNT=7\n`, 'env/.env.staging'))
        if (settings) assert.deepEqual([settings.LOG_LEVEL, settings.TASK_COUNT], ['warn', '7'])
      }),
    ))

  it('on the command line is refused', () =>
    run(
      fc.property(fc.array(fc.oneof(odd, fc.constantFrom('staging', '--yes', '--force')), { maxLength: 4 }), (argv) => {
        const given = taken(() => parseArguments(argv, backendFlags, ['release'], {}))
        if (given) assert.equal(given.environment, 'staging')
      }),
    ))

  const parsers: Record<string, (text: string) => unknown> = {
    REV: parseRevisionNumber,
    RELEASE: parseReleaseId,
    COUNT: parseTaskCount,
    TO: (text) => parsePromotionTarget('staging', text),
    FROM: (text) => parseArguments([text, 'production'], [], ['to'], {}),
    since: (text) => parseSince(text),
    NOTE: (text) => noteOf({ NOTE: text }),
    AWS_PROFILE: (text) => requireOneIdentity({ AWS_PROFILE: text, AWS_ACCESS_KEY_ID: 'x' }),
    AWS_DEFAULT_PROFILE: (text) => requireOneIdentity({ AWS_DEFAULT_PROFILE: text, AWS_PROFILE: 'x' }),
  }
  for (const [variable, parse] of Object.entries(parsers)) {
    // as it arrives: an argument has passed parseArguments before
    const isArgument = !/^(NOTE|AWS_)/.test(variable)
    it(`of ${variable} is taken, or refused`, () =>
      run(
        fc.property(odd, (text) => {
          if (isArgument && !taken(() => parseArguments(['staging', text], [], ['word'], {}))) return
          taken(() => parse(text))
        }),
      ))
  }
})

describe('two flags that contradict each other', () => {
  it('are refused', () => {
    const both = () => parseArguments(['staging', '--force', '--wait-idle'], backendFlags, [], {})
    assert.throws(both, /--force and --wait-idle contradict each other/)
    const twice = () => parseArguments(['staging', '--since', '1h', '--since', '2h'], ['since'], [], {})
    assert.throws(twice, /--since is given twice/)
  })
})
