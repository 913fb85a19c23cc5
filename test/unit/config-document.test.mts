import assert from 'node:assert/strict'
import { it } from 'node:test'
import { keys } from '../../lib/environment/keys.mts'
import { code, documents, files, read } from '../documented/documents.mts'

it('documents every key with its reader, default, form and meaning, and no other', () => {
  const rows = read('docs/DEPLOYMENT_CONFIG.md')
    .split('\n')
    .filter((line) => /^\| `[A-Z]/.test(line))
  const expected = Object.entries(keys).map(
    ([name, key]) =>
      `| \`${name}\` | ${key.reader} | ${key.default === '' ? 'empty' : `\`${key.default}\``} | ${key.form} | ${key.meaning} |`,
  )
  assert.deepEqual(rows, expected)
})

it('shows no setting with a comment behind it, which the toolkit refuses', () => {
  const lines = documents.flatMap((document) =>
    read(document)
      .split('\n')
      .map((line) => `${document}: ${line}`),
  )
  const settings = lines.filter((line) => (/: (?:# )?([A-Z_]+)=/.exec(line)?.[1] ?? '') in keys)
  assert.ok(settings.length > 8, 'the documents were not read')
  assert.deepEqual(
    settings.filter((line) => / #/.test(line.replace(': # ', ': '))),
    [],
  )
})

/** Variables that other programs set, and nobody types: the system, make, npm, cdk, a CI, the local AWS for its shell. */
const setByOthers =
  /^(PATH|TERM|TMPDIR|USER|SHELL|MAKE\w+|npm_\w+|INIT_CWD|SIGHUP_IGNORED|CDK_DEFAULT_\w+|AWS_ENDPOINT_URL|GITHUB_(SERVER_URL|RUN_ID|RUN_ATTEMPT))$/

it('documents every environment variable that the toolkit and the local AWS read', () => {
  const variables = files('deploy/*.mts', 'lib/*.mts', 'infrastructure/*.ts', 'infrastructure/*.mts')
    .filter((file) => !/\/test\/|\/testing\.ts$/.test(file))
    .flatMap((file) => variablesOf(read(file)))
  assert.ok(variables.length > 30, 'the code was not read')
  const isDocumented = (name: string) => code.some(({ line }) => new RegExp(`\\b${name}\\b`).test(line))
  assert.deepEqual(
    [...new Set(variables)].filter((name) => !setByOthers.test(name) && !isDocumented(name)),
    [],
  )
})

it('lists every variable of the local AWS in the manual of what starts it', () => {
  const variables = variablesOf(read('infrastructure/local/settings.ts')).filter((name) =>
    name.startsWith('LOCAL_AWS_'),
  )
  assert.ok(variables.length >= 4, 'the settings were not read')
  const [manual = ''] = /\/\*[^]*?\*\//.exec(read('infrastructure/local/cli/up.mts')) ?? []
  assert.deepEqual(
    variables.filter((name) => !manual.includes(name)),
    [],
  )
})

/** `env['NAME']`, `env.NAME` and `const { NAME } = env`, where it is read. */
function variablesOf(text: string): string[] {
  const single = [...text.matchAll(/\benv(?:\['(\w+)'\]|\.(\w+)\b)(?! (?:\?\?)?= )/g)].map(
    ([, quoted, plain]) => quoted ?? plain!,
  )
  const lists = [...text.matchAll(/\{([^{}]*)\} = (?:process\.)?env\b/g)].map(([, list]) => list!)
  return [...single, ...lists.flatMap((list) => list.match(/\b[A-Z][A-Z_]+\b/g) ?? [])]
}
