/** Every line of ours that a message or a document says to type leads somewhere: verb, target, variable and flag exist. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const makefile = read('Makefile')
const scriptsOf = (workspace: string) => JSON.parse(read(`${workspace}/package.json`)).scripts as Record<string, string>

function sourceFiles(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.m?ts$/.test(file) && !file.includes('node_modules'))
    .map((file) => `${directory}/${file}`)
}

const code = ['lib', 'deploy', 'infrastructure/bin', 'infrastructure/lib', 'infrastructure/local/cli'].flatMap(
  sourceFiles,
)
/** What the code says: its text without the comments, but with the manuals. */
const said = [...code, 'infrastructure/local/connection.ts', 'lib/script/start'].map((file) => {
  const text = read(file).replaceAll(/(?<=^|\s)\/\/ .*$/gm, '')
  return { file, text: file.startsWith('deploy/') ? text : text.replaceAll(/\/\*[\s\S]*?\*\//g, '') }
})

/** Every match in what is said, as `file: match`, unless it holds. */
function wrong(pattern: RegExp, holds: (match: RegExpExecArray) => boolean): string[] {
  let found = 0
  const bad = said.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      found++
      return holds(match) ? [] : [`${file}: ${match[0]}`]
    }),
  )
  assert.ok(found > 0, `nothing says ${pattern}: this test looks for something else than the code says`)
  return bad
}

const recipe = (target: string) => new RegExp(`^${target}:[^\n]*\n((?:\t.*\n?)*)`, 'm').exec(makefile)?.[1]
const script = (name: string) => (existsSync(join(root, 'deploy', `${name}.mts`)) ? read(`deploy/${name}.mts`) : '')
/** A script takes the flags that its manual has. */
const takes = (name: string, flags: string) =>
  [...flags.matchAll(/--[a-z][a-z-]*/g)].every(([flag]) => flag === '--help' || manual(name).includes(flag))
const manual = (name: string) => /\/\*[\s\S]*?\*\//.exec(script(name))?.[0] ?? ''

describe('a line to type', () => {
  it('with make has a target, which takes its variables', () =>
    assert.deepEqual(
      wrong(/\bmake ((?!takes\b|a\b)[a-z][a-z-]*)((?: [A-Z]+=[^\s'"`;,]+)*)/g, ([, target = '', given = '']) => {
        const body = recipe(target)
        const variables = [...given.matchAll(/([A-Z]+)=/g)].map(([, name]) => name!)
        return body !== undefined && variables.every((name) => new RegExp(`[(,]${name}\\)|\\b${name}=`).test(body))
      }),
      [],
    ))

  it('with npm run has a script', () =>
    assert.deepEqual(
      wrong(/\bnpm run ([a-z][\w:-]*)(?: --workspace ([\w-]+))?/g, ([, name = '', workspace]) => {
        return name in (workspace ? scriptsOf(workspace.replace('live-quiz-', '')) : scriptsOf('.'))
      }),
      [],
    ))

  it('with ./deploy/ has a file, which takes its flags', () =>
    assert.deepEqual(
      wrong(/\.\/deploy\/([a-z-]+)\.mts((?: [\w<>[\]|-]+)*)/g, ([, name = '', words = '']) => {
        return script(name) !== '' && takes(name, words)
      }),
      [],
    ))

  it('that is phrased for make, npm and the shell has a script, which takes its flags', () =>
    assert.deepEqual(
      wrong(/\binvocation\('([a-z-]+)'(?:, [\w.]+(?:, '([^']*)')?)?/g, ([, name = '', flags = '']) => {
        return script(name) !== '' && takes(name, flags)
      }),
      [],
    ))

  it('that sets something has a target with that variable', () =>
    assert.deepEqual(
      wrong(/\binvocationWith\(\s*'([a-z-]+)',[^']*'([A-Z]+)'/g, ([, target = '', name = '']) => {
        return recipe(target)?.includes(`call one,${name})`) ?? false
      }),
      [],
    ))

  it('that leads to a document leads to one that has that section', () =>
    assert.deepEqual(
      wrong(/\bdocs\/[A-Z_]+\.md(?:, "([^"]+)")?/g, ([match, section = '']) => {
        const document = match.split(',')[0]!
        return existsSync(join(root, document)) && (!section || new RegExp(`^#+ ${section}$`, 'm').test(read(document)))
      }),
      [],
    ))

  it('that is typed again with a flag has a flag that the script takes', () => {
    // who calls lib/ledger/guards.mts
    const callers: Record<string, string[]> = {
      '--force': ['all', 'backend', 'frontend', 'infrastructure', 'promote', 'rollback', 'rollback-release'],
      '--wait-idle': ['all', 'backend', 'promote', 'rollback', 'rollback-release'],
      '--yes': ['all', 'backend', 'frontend', 'infrastructure', 'promote', 'rollback', 'rollback-release'],
    }
    const typed = said.flatMap(({ file, text }) =>
      [...text.matchAll(/\bwithFlag\('(--[a-z-]+)'/g)].map(([line, flag = '']) => ({ file, line, flag })),
    )
    assert.ok(typed.length > 0)
    const wrongly = typed.filter(({ file, flag }) => {
      const own = /^deploy\/(.*)\.mts$/.exec(file)?.[1]
      const scripts = own ? [own] : file === 'lib/ledger/guards.mts' ? callers[flag]! : []
      return !scripts.every((name) => takes(name, flag))
    })
    assert.deepEqual(
      wrongly.map(({ file, line }) => `${file}: ${line}`),
      [],
    )
  })
})
