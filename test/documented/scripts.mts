import { backendFlags } from '../../lib/environment/arguments.mts'
import { files, read } from './documents.mts'

export interface Script {
  /** As it is typed: ./deploy/scale.mts. */
  name: string
  /** The comment below its first line, which --help prints. */
  manual: string
  flags: string[]
  /** What it takes besides the environment, in order. */
  words: string[]
}

/** Every script that can be run: the deployment's, and those of the local AWS. */
export const scripts: Script[] = files('deploy/*.mts', 'infrastructure/local/cli/*.mts')
  .map((file) => ({ name: `./${file}`, text: read(file) }))
  .filter(({ text }) => text.startsWith('#!'))
  .map(({ name, text }) => {
    const manual = /^\/\*\n([^]*?)\n \*\//m.exec(text)![1]!.replaceAll(/^ \* ?/gm, '')
    return { name, manual, ...parsed(text) }
  })

/** The flags and words that a script's text gives to its parser. */
function parsed(text: string): { flags: string[]; words: string[] } {
  const call = /parseArguments\(\s*(?:\[[^\]]*\]|\w+),\s*(\[[^\]]*\]|backendFlags)(?:,\s*(\[[^\]]*\]))?/.exec(text)
  if (call === null) {
    const options = [...text.matchAll(/(\w+): \{ type: '\w+'(?:, short: '(\w)')?/g)]
    return { flags: options.map(([, name, short]) => (short === undefined ? `--${name}` : `-${short}`)), words: [] }
  }
  const names = (list: string | undefined) => [...(list ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name!)
  const flags = call[1] === 'backendFlags' ? [...backendFlags] : names(call[1])
  return { flags: flags.map((name) => `--${name}`), words: names(call[2]) }
}

export interface Target {
  variables: string[]
  /** What it runs: ./deploy/scale.mts; undefined where that is none of our scripts. */
  script: string | undefined
}

/** Every target, those that the menu does not show included. */
export const targets: Record<string, Target> = Object.fromEntries(
  [...read('Makefile').matchAll(/^([a-z0-9-]+):.*\n((?:\t.*\n)*)/gm)].map(([, name, recipe]) => {
    const line = recipe!.replaceAll('$(LOCAL)', './infrastructure/local/cli')
    const variables = [...line.matchAll(/\$\((?:call one,|value )?([A-Z]+)\)/g)].map(([, variable]) => variable!)
    return [name!, { variables: [...new Set(variables)], script: /\.\/[\w/-]+\.mts/.exec(line)?.[0] }]
  }),
)

/** What each npm script of the root, or of a workspace, runs. */
export function npmScripts(workspace = '.'): Record<string, string> {
  return (JSON.parse(read(`${workspace}/package.json`)) as { scripts: Record<string, string> }).scripts
}
