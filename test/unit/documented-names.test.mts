/*
 * Every command, flag, variable and exit code of the documents against the code, both ways. help.test.mts does the same
 * for --help, verbs.test.mts for scripts, and config-document.test.mts for the settings.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { code, documents, files, read } from '../documented/documents.mts'
import { meanings, verdictCodes } from '../documented/exit-codes.mts'
import { npmScripts, scripts, targets } from '../documented/scripts.mts'

interface Typed {
  /** Where it stands. */
  line: string
  /** Target, npm script or script. */
  name: string
  rest: string
}

/** The commands that begin so; `cd x && make y` is two. */
function typed(program: string): Typed[] {
  const assignments = String.raw`(?:[A-Z_]+=(?:"[^"]*"|'[^']*'|\S)* )*`
  const pattern = new RegExp(`^${assignments}${program}(?![\\w:-]*…)(.*)$`)
  return code.flatMap(({ document, line }) =>
    line.split(/ && |; | \| /).flatMap((part) => {
      const [, name, rest] = pattern.exec(part.trim()) ?? []
      return name === undefined ? [] : [{ line: `${document}: ${line}`, name, rest: rest! }]
    }),
  )
}
const made = typed('make (?:-s )?([a-z][a-z0-9-]*)')
const npm = typed(String.raw`npm run ([a-z][\w:-]*)`)
const run = typed(String.raw`(\./(?:deploy|infrastructure/local/cli)/[\w-]+\.mts)`)

const workspaces = ['.', 'backend', 'frontend', 'infrastructure', 'infrastructure/local']
const flags = [...new Set(scripts.flatMap((script) => script.flags))]
const commands = read('docs/DEPLOYMENT_COMMANDS.md')

/** The lines of what fails `isRight`. */
const wrong = (found: Typed[], isRight: (one: Typed) => boolean) =>
  found.filter((one) => !isRight(one)).map(({ line }) => line)

function takesItsFlags(script: string | undefined, rest: string): boolean {
  const known = scripts.find(({ name }) => name === script)?.flags
  // what -c runs has flags of its own
  const given = rest.replace(/-c ["'].*$/, '').match(/(?<![\w-])--[a-z][\w-]*/g) ?? []
  return known === undefined || given.every((flag) => flag === '--help' || known.includes(flag))
}

describe('what the documents name', () => {
  it('is read', () => assert.ok(made.length > 60 && npm.length > 40 && run.length > 25))

  it('is a make target, and its variables', () => {
    const isRight = ({ name, rest }: Typed) => {
      const given = [...rest.replaceAll(/"[^"]*"|'[^']*'/g, '').matchAll(/\b([A-Z]+)=/g)]
      return name in targets && given.every(([, variable]) => targets[name]!.variables.includes(variable!))
    }
    assert.deepEqual(wrong(made, isRight), [])
  })

  it('is an npm script', () => {
    assert.deepEqual(
      wrong(npm, ({ name }) => workspaces.some((workspace) => name in npmScripts(workspace))),
      [],
    )
  })

  it('is a script', () => {
    assert.deepEqual(
      wrong(run, ({ name }) => scripts.some((script) => script.name === name)),
      [],
    )
  })

  it('is a flag that the command takes', () => {
    assert.deepEqual(
      [
        ...wrong(made, ({ name, rest }) => takesItsFlags(targets[name]?.script, rest)),
        ...wrong(npm, ({ name, rest }) => takesItsFlags(npmScripts()[name]?.split(' ')[0], rest)),
        ...wrong(run, ({ name, rest }) => takesItsFlags(name, rest)),
      ],
      [],
    )
  })

  it('is a flag of ours, or of the program that is named', () => {
    const theirs = ['--help', '--rollback', '--provenance', '--no-rollback', '--force-new-deployment', '--no-wait']
    const known = [...flags, ...theirs, '--deregister-task-definition']
    const found = code.filter(({ line }) => /^--[a-z]/.test(line) && !known.includes(/^[\w-]+/.exec(line)![0]))
    assert.deepEqual(found, [])
  })

  it('is a variable or state that the code knows', () => {
    const sources = files('*.ts', '*.mts', '*.yml', '*Makefile', 'env/.env.*').map(read).join('\n')
    const named = code.flatMap(({ document, line }) =>
      (line.match(/(?<![\w/])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b(?!\.md)/g) ?? []).map((name) => `${document}: ${name}`),
    )
    const known = new Set(sources.match(/\b[A-Z][A-Z0-9_]+\b/g))
    assert.ok(named.length > 100, 'the documents were not read')
    assert.deepEqual(
      named.filter((name) => !known.has(name.split(': ')[1]!)),
      [],
    )
  })

  it('is an exit code with its meaning', () => {
    const found = documents.flatMap((document) => verdictCodes(read(document)))
    assert.ok(found.length > 15, 'the documents were not read')
    assert.deepEqual(
      found.filter((one) => one.code !== one.verdict),
      [],
    )
  })
})

describe('the documents name', () => {
  it('every make target', () => {
    assert.deepEqual(
      Object.keys(targets).filter((target) => target !== 'help' && !made.some(({ name }) => name === target)),
      [],
    )
  })

  it('every npm script', () => {
    const named = [...npm.map(({ name }) => name), ...(commands.includes('`npm test`') ? ['test'] : [])]
    assert.deepEqual(
      Object.keys(npmScripts()).filter((script) => !named.includes(script)),
      [],
    )
  })

  it('every flag of a deployment, in the table of flags', () => {
    const rows = (commands.match(/^\| `--[^|]+/gm) ?? []).flatMap((cell) => cell.match(/--[a-z-]+/g) ?? [])
    const own = scripts.filter(({ name }) => name.startsWith('./deploy/')).flatMap((script) => script.flags)
    assert.deepEqual(rows.toSorted(), [...new Set(own)].toSorted())
  })

  it('every variable of make', () => {
    const all = [...new Set(Object.values(targets).flatMap(({ variables }) => variables))]
    assert.deepEqual(
      all.filter((variable) => !code.some(({ line }) => line.includes(`${variable}=`))),
      [],
    )
  })

  it('every exit code', () => {
    const readme = read('README.md').replaceAll(/\s+/g, ' ')
    assert.deepEqual(
      Object.entries(meanings).filter(([meaning, number]) => !readme.includes(`${number} ${meaning}`)),
      [],
    )
    const thrown = files('deploy/*.mts', 'lib/*.mts')
      .flatMap((file) => [...read(file).matchAll(/new Failure\((?:[^()]|\([^()]*\))*?,\s+(\d+)(?:,|\))/g)])
      .map(([, number]) => Number(number))
    assert.ok(thrown.includes(2), 'the code was not read')
    assert.deepEqual(
      thrown.filter((number) => !Object.values(meanings).includes(number)),
      [],
    )
  })
})
