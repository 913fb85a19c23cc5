import { join, relative } from 'node:path'
import { root } from './files.mts'

/*
 * Lines that a person can type: how a command is written, and how this run was started, so that a remedy can be typed the
 * same way.
 */

/** Quoted for any POSIX shell, and only where it needs to be. */
export function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/** A value in the template of a command: one argument, or many. */
export type Piece = string | number | readonly string[]

/** The template on one line; an empty array leaves no gap. */
export function oneLine(pieces: TemplateStringsArray, values: Piece[]): [TemplateStringsArray, ...Piece[]] {
  const texts = ['']
  const kept: Piece[] = []
  pieces.forEach((piece, index) => {
    const text = piece.replace(/\s+/g, ' ')
    const before = texts.pop() ?? ''
    texts.push(before.endsWith(' ') ? before + text.trimStart() : before + text)
    const value = values[index]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return
    kept.push(value)
    texts.push('')
  })
  return [Object.assign(texts, { raw: texts }), ...kept]
}

/** The command as a shell reads it. */
export function commandLine(pieces: TemplateStringsArray, values: Piece[]): string {
  const [texts, ...kept] = oneLine(pieces, values)
  const tokens = kept.map((value) => (Array.isArray(value) ? value.map(quote).join(' ') : quote(String(value))))
  return String.raw({ raw: texts }, ...tokens)
}

/** Whether a text begins with a day of the calendar, such as 2026-02-28: JavaScript takes 2026-02-30 for 2 March. */
export function isDay(text: string): boolean {
  const [day = ''] = /^\d{4}-\d\d-\d\d/.exec(text) ?? []
  return !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
}

/** The command's name: its words before the first flag, without the variables that it is given. */
export function commandName(cmd: string): string {
  return cmd.replace(/^([A-Z_]+=\S* )+/, '').split(/ (?=-)/)[0]!
}

/** As it could be pasted in the root. */
export function fromRoot(cmd: string, cwd = root): string {
  return cwd === root ? cmd : `(cd ${quote(relative(root, cwd))} && ${cmd})`
}

/** Lines of a command that are shown: one that names a hundred files is in the log. */
const mostLines = 6

/**
 * `$ command`, in lines that can be pasted together: a flag stays with its value, an argument and a comment stay whole.
 * Where lines are left out, the paste is a syntax error and runs nothing.
 */
export function wrapped(command: string, width: number): string[] {
  const words = command.match(/# .*$|(?:'[^']*'|\\.|[^\s\\])+/g) ?? []
  const lines = ['$']
  for (const [index, word] of words.entries()) {
    const line = lines.at(-1)!
    const value = words[index + 1]
    const together = word.startsWith('-') && value !== undefined && !value.startsWith('-') ? `${word} ${value}` : word
    const fits = (text: string) => line.length + text.length + 3 <= width
    const isValue = words[index - 1]?.startsWith('-') && !word.startsWith('-') && fits(word)
    if (line === '$' || isValue || fits(together)) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(`  ${word}`)
  }
  const rest = lines.length - mostLines
  const shown = rest > 1 ? [...lines.slice(0, mostLines), `  (${rest} more lines are in the log)`] : lines
  return shown.map((line, index) => (index < shown.length - 1 ? `${line} \\` : line))
}

const stages = ['all', 'infrastructure', 'backend', 'frontend', 'local']

/** `npm run` for the root's scripts, from where the line was typed: in a workspace npm knows only those of the workspace. */
export function npmRun({ INIT_CWD: directory = root } = process.env): string {
  if (directory === root) return 'npm run'
  const way = relative(directory, root)
  return `npm --prefix ${quote(way.length < root.length ? way : root)} run`
}

/** The line that runs a script: `npm run deploy:backend -- staging --yes`, `make deploy-backend ENV=staging ARGS=--yes`, `./deploy/backend.mts staging --yes`. */
export function invocation(script: string, environment: string, flags = '', env = process.env): string {
  if (env['npm_lifecycle_event']) {
    const name = stages.includes(script) ? `deploy:${script}` : script
    return `${npmRun(env)} ${name} ${environment}${flags && ` -- ${flags}`}`
  }
  if (env['MAKELEVEL']) {
    const target = stages.includes(script) ? `deploy-${script}` : script
    return `make ${target} ENV=${environment}${flags && ` ARGS=${flags.includes(' ') ? `"${flags}"` : flags}`}`
  }
  return `./deploy/${script}.mts ${environment}${flags && ` ${flags}`}`
}

/** Whether a line of make is what was typed, and variables are what it takes. */
export function isRunByMake(env = process.env): boolean {
  return Boolean(env['MAKELEVEL']) && !env['npm_lifecycle_event']
}

/** The line that sets something to `what`: `make rollback ENV=staging REV=11`, `./deploy/rollback.mts staging 11`. */
export function invocationWith(
  script: string,
  environment: string,
  variable: 'REV' | 'RELEASE' | 'COUNT',
  what: string,
  env = process.env,
): string {
  return `${invocation(script, environment, '', env)} ${isRunByMake(env) ? `${variable}=` : ''}${what}`
}

/** The line that promotes: `npm run promote staging production`, `make promote FROM=staging TO=production`. */
export function promotionLine(from: string, to: string, env = process.env): string {
  if (env['npm_lifecycle_event']) return `${npmRun(env)} promote ${from} ${to}`
  return env['MAKELEVEL'] ? `make promote FROM=${from} TO=${to}` : `./deploy/promote.mts ${from} ${to}`
}

/** How to pass a flag to the very line that was typed. */
export function withFlag(flag: string, env = process.env, argv = process.argv.slice(2)): string {
  const script = env['npm_lifecycle_event']
  const first = argv.findIndex((word) => word.startsWith('-'))
  const words = first === -1 ? argv : argv.slice(0, first)
  const typed = argv.slice(words.length)
  const replaced = typed.filter((word, index) => isReplaced(flag, word, typed[index - 1]))
  const flags = [...typed.filter((word, index) => !isReplaced(flag, word, typed[index - 1])), ...flag.split(' ')]
  const all = flags.map(quote).join(' ')
  if (script) {
    // a script such as `./deploy/all.mts production` has its own words
    const own = env['npm_lifecycle_script']?.split(' ').length ?? 1
    const isOfRoot = env['npm_package_json'] === join(root, 'package.json')
    return [isOfRoot ? npmRun(env) : 'npm run', script, ...words.slice(own - 1).map(quote), '--', all].join(' ')
  }
  if (env['MAKELEVEL']) return `the same line with ARGS=${all.includes(' ') ? `"${all}"` : all}`
  return `the same line with ${flag}${replaced.length > 0 ? ` instead of ${replaced.map(quote).join(' ')}` : ''}`
}

/** Whether a word that was typed is the same flag, its value, or the flag that contradicts it. */
function isReplaced(flag: string, word: string, before: string | undefined): boolean {
  const [name, value] = flag.split(' ')
  const isValue = value !== undefined && before === name
  return isValue || word === name || word.startsWith(`${name}=`) || (name === '--force' && word === '--wait-idle')
}

/**
 * The environment without what make and npm add, for a shell in which new lines are typed: a make in there would take
 * `ARGS` of this line for its own.
 */
export function withoutMakeVariables(env = process.env): NodeJS.ProcessEnv {
  const assignments = env['MAKEFLAGS']?.split(/(?:^|\s)-- /)[1] ?? ''
  const given = [...assignments.matchAll(/(?:^|[^\\]\s)([A-Za-z_]\w*)=/g)].map(([, name]) => name!)
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(MAKE|MFLAGS|SIGHUP_IGNORED|npm_(?!config_))/.test(name) && !given.includes(name),
    ),
  )
}
