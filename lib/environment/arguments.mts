import { parseArgs } from 'node:util'
import { isRunByMake, npmRun, withFlag } from '../script/command-line.mts'
import { excerpt, Failure, isPrintable } from '../script/failure.mts'
import { keepLog } from '../script/files.mts'
import { environments, isEnvironment, type Environment } from './environments.mts'

/** Every flag. One means the same in every script that takes it. */
const flags = {
  redeploy: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  'wait-idle': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  data: { type: 'boolean', default: false },
  confirm: { type: 'string' },
  all: { type: 'boolean', default: false },
  since: { type: 'string' },
  'no-follow': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

type Flag = keyof typeof flags

/** Of the scripts that build and deploy the backend. */
export const backendFlags = ['redeploy', 'dry-run', 'force', 'wait-idle', 'yes', 'verbose'] as const

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Rest}` ? `${Head}${Capitalize<Rest>}` : Name

/** The environment, each flag by its name in camel case, and the other words by the names that the script gives them. */
type Arguments<F extends Flag, Word extends string> = { environment: Environment } & {
  [Name in F as CamelCase<Name>]: (typeof flags)[Name]['type'] extends 'string' ? string | undefined : boolean
} & { [Name in Word]?: string }

/**
 * The environment and flags of a command line, and after the environment other words, such as a release. Fails (exit 2)
 * naming the valid ones. A script that takes --verbose may change something: from here on its log is kept, for the
 * environment that it changes, and NOTE must be what a record can hold.
 */
export function parseArguments<F extends Flag, Word extends string = never>(
  argv: string[],
  accepted: readonly F[],
  words: Word[] = [],
  env = process.env,
): Arguments<F, Word> {
  requireWords(argv)
  refuseSwallowed(argv, accepted, env)
  const { values, positionals } = readFlags(argv, accepted)
  if (values['force'] && values['wait-idle'])
    throw new Failure('--force and --wait-idle contradict each other', 'give one of them', 2)
  const mayChange = accepted.some((name) => name === 'verbose')
  if (mayChange) noteOf(env)
  const [environment, ...others] = positionals
  // promote: from one environment to another
  const to = words.findIndex((word) => word === 'to')
  const example = isRunByMake(env) ? `, as in ${to === -1 ? 'ENV=staging' : 'FROM=staging TO=production'}` : ''
  const valid = `give one of ${environments.join(', ')}${example}`
  if (environment === undefined) throw new Failure('no environment was given', valid, 2)
  if (!isEnvironment(environment)) throw new Failure(`unknown environment: ${environment}`, valid, 2)
  const surplus = others[words.length]
  if (surplus !== undefined) throw new Failure(`unexpected argument: ${surplus}`, '--help shows the usage', 2)
  const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  if (mayChange) keepLog(others[to] ?? environment)
  return {
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), value])),
    ...Object.fromEntries(others.map((value, index) => [words[index], value])),
    environment,
  } as Arguments<F, Word>
}

/** No argument is as long as this, not even the id of a release. */
const longest = 80

/** An argument is shown in messages: fails (exit 2) where it is none that anyone types. */
function requireWords(argv: string[]): void {
  const odd = argv.find((word) => word.length > longest || !isPrintable(word))
  if (odd === undefined) return
  const what = odd.length > longest ? `has ${odd.length} characters` : 'has a control character'
  throw new Failure(`an argument ${what}: ${excerpt(odd)}`, '--help shows the usage', 2)
}

/** The reason for a release, NOTE; undefined without one. Fails (exit 2) where it is not a line of text. */
export function noteOf(env = process.env): string | undefined {
  const note = env['NOTE']?.trim().replaceAll(/\s+/g, ' ') ?? ''
  if (note.length > 500 || !isPrintable(note)) {
    throw new Failure(`NOTE is not a line of text: "${excerpt(note)}"`, 'unset NOTE, or give at most 500 characters', 2)
  }
  return note || undefined
}

function readFlags(argv: string[], accepted: readonly Flag[]) {
  const options = Object.fromEntries(accepted.map((name) => [name, flags[name]]))
  try {
    const { values, positionals, tokens } = parseArgs({ args: argv, options, allowPositionals: true, tokens: true })
    const given = tokens.flatMap((token) => (token.kind === 'option' && token.value !== undefined ? [token.name] : []))
    const twice = given.find((name, index) => given.indexOf(name) < index)
    if (twice !== undefined) throw new Error(`--${twice} is given twice`)
    return { values, positionals }
  } catch (error) {
    // only the first sentence: the rest explains how to pass a positional that looks like a flag
    const [fact] = (error as Error).message.split(/\.\s/)
    const [, lacking] = /^Option '(--[\w-]+).*argument (?:is ambiguous|missing)$/.exec(fact!) ?? []
    throw new Failure(
      lacking ? `${lacking} needs a value` : excerpt(fact!.replace(/^U/, 'u')),
      `the flags are ${['--help', ...accepted.map((name) => `--${name}`)].join(', ')}`,
      2,
    )
  }
}

/**
 * npm takes `--yes` of `npm run deploy:prod --yes` for its own, and a script that does not see it would do something else
 * than was asked. `yes=true` in an `.npmrc` looks the same to a script.
 */
function refuseSwallowed(argv: string[], accepted: readonly Flag[], env: NodeJS.ProcessEnv): void {
  const script = env['npm_lifecycle_event']
  if (!script) return
  for (const name of new Set<Flag>([...accepted, 'yes', 'force', 'json', 'dry-run'])) {
    const swallowed = swallowedBy(name, env)
    if (swallowed === undefined || argv.includes(`--${name}`)) continue
    const takesValue = flags[name].type === 'string'
    // npm has handed on the value as a word
    const isApart = takesValue && swallowed === 'true'
    const again = !accepted.includes(name)
      ? `leave out --${name}, which this script does not take`
      : isApart
        ? `write -- before the flags: ${npmRun(env)} ${script} … -- --${name} <value>`
        : withFlag(takesValue ? `--${name} ${swallowed}` : `--${name}`, env)
    const option = name.replace(/^no-/, '')
    throw new Failure(
      `npm kept --${name} for itself: it stands before --, or in an .npmrc or a variable; this script never saw it`,
      `${again}; if an .npmrc has it: npm config delete ${option}; if a variable: unset npm_config_${option.replaceAll('-', '_')}`,
      2,
    )
  }
}

/** What npm made of a flag that it took for its own. Of `--no-follow` it makes a `follow` that is empty. */
function swallowedBy(name: Flag, env: NodeJS.ProcessEnv): string | undefined {
  const given = (option: string) => env[`npm_config_${option.replaceAll('-', '_')}`]
  if (name.startsWith('no-') && given(name.slice(3)) === '') return ''
  const value = given(name)
  return value && value !== 'false' ? value : undefined
}
