import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { environments, isEnvironment, type Environment } from './environments.mts'
import { Failure } from '../script/failure.mts'
import { isMade, withFlag } from '../script/invocation.mts'

/** Flags that mean the same in every script that takes them. */
export const flags = {
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  redeploy: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  'wait-idle': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const

/** Of the scripts that build and deploy the backend. */
export const backendFlags = {
  redeploy: flags.redeploy,
  'dry-run': flags['dry-run'],
  force: flags.force,
  'wait-idle': flags['wait-idle'],
  yes: flags.yes,
} as const

type Flags = Record<string, { type: 'boolean'; default: boolean } | { type: 'string' }>
export type Given<F extends Flags> = { environment: Environment } & {
  [Name in keyof F]: F[Name]['type'] extends 'string' ? string | undefined : boolean
}

/**
 * The environment and flags of a command line, and after the environment what else is `named`, such as a release. Fails
 * (exit 2) naming the valid ones.
 */
export function parseArguments<F extends Flags, Name extends string = never>(
  argv: string[],
  accepted: F,
  named: Name[] = [],
  env = process.env,
): Given<F> & { [N in Name]?: string } {
  refuseSwallowed(argv, Object.keys(accepted), env)
  const { values, positionals } = parsed(argv, accepted)
  const [environment, ...others] = positionals
  const example = isMade(env)
    ? `, as in ${named.some((name) => name === 'to') ? 'FROM=staging TO=production' : 'ENV=staging'}`
    : ''
  const valid = `give one of ${environments.join(', ')}${example}`
  if (environment === undefined) throw new Failure('no environment was given', valid, 2)
  if (!isEnvironment(environment)) throw new Failure(`unknown environment: ${environment}`, valid, 2)
  const surplus = others[named.length]
  if (surplus !== undefined) throw new Failure(`unexpected argument: ${surplus}`, '--help shows the usage', 2)
  const rest = Object.fromEntries(others.map((value, index) => [named[index], value]))
  return { ...values, ...rest, environment } as Given<F> & { [N in Name]?: string }
}

function parsed(argv: string[], accepted: Flags) {
  try {
    return parseArgs({ args: argv, options: accepted, allowPositionals: true, strict: true })
  } catch (error) {
    // only the first sentence: the rest explains how to pass a positional that looks like a flag
    const [fact] = (error as Error).message.split('. ')
    throw new Failure(
      fact!.replace(/^U/, 'u'),
      `the flags are ${['--help', ...Object.keys(accepted).map((name) => `--${name}`)].join(', ')}`,
      2,
    )
  }
}

/** npm takes `--yes` of `npm run deploy:prod --yes` for its own, and a script that does not see it would do something else than was asked. */
function refuseSwallowed(argv: string[], accepted: string[], env: NodeJS.ProcessEnv): void {
  if (!env['npm_lifecycle_event']) return
  for (const name of new Set([...accepted, 'yes', 'force', 'json', 'dry-run'])) {
    const swallowed = env[`npm_config_${name.replaceAll('-', '_')}`]
    if (swallowed && swallowed !== 'false' && !argv.includes(`--${name}`)) {
      throw new Failure(`npm kept --${name} for itself; this script never saw it`, withFlag(`--${name}`, env), 2)
    }
  }
}

/** The manual of a script: its header comment. */
export function manual(file: string): string {
  const [, header] = /\/\*\*?\n([\s\S]*?)\n ?\*\//.exec(readFileSync(file, 'utf8')) ?? []
  return (header ?? '').replace(/^ \* ?/gm, '') + '\n'
}
