import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { annotation, ciRunUrl, isCi, mayBeCi } from '../../../lib/script/surroundings.mts'
import { root } from '../../../lib/script/files.mts'

describe('the URL of a run', () => {
  const github = {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'org/quiz',
    GITHUB_RUN_ID: '42',
  }
  for (const [ci, env, url] of [
    ['GitHub', { ...github, GITHUB_RUN_ATTEMPT: '2' }, 'https://github.com/org/quiz/actions/runs/42/attempts/2'],
    ['a shell that has variables of one', { ...github, GITHUB_ACTIONS: undefined }, ''],
  ] as const) {
    it(`is known in ${ci}`, () => assert.equal(ciRunUrl(env), url))
  }
})

for (const [CI, sure, maybe] of [
  ['true', true, true],
  ['1', false, true],
  ['woodpecker', false, true],
  ['false', false, false],
  ['False', false, false],
  ['no', false, false],
  ['off', false, false],
  ['0', false, false],
  ['', false, false],
  [undefined, false, false],
] as const) {
  it(`CI=${CI} is ${sure ? 'a CI' : maybe ? 'perhaps a CI: no one is asked, nothing counts as confirmed' : 'no CI'}`, () => {
    assert.deepEqual([isCi({ CI }), mayBeCi({ CI })], [sure, maybe])
  })
}

it('an annotation is one line, whatever it says', () => {
  assert.equal(annotation('error', '100 %\nremedy: a', 'a: b, c'), '::error title=a%3A b%2C c::100 %25%0Aremedy: a')
})

/** A script on GitHub Actions, and what the runner has from it. */
describe('a script on GitHub Actions', () => {
  const directory = mkdtempSync(join(tmpdir(), 'live-quiz-ci-'))
  after(() => rmSync(directory, { recursive: true }))
  const [output, summary] = ['output', 'summary'].map((name) => join(directory, name))

  function run(code: string) {
    rmSync(output!, { force: true })
    rmSync(summary!, { force: true })
    const modules = ['surroundings', 'job-page', 'narration']
    const [s, p, n] = modules.map((name) => `'${root}/lib/script/${name}.mts';`)
    const imports = `import * as s from ${s} import * as p from ${p} import * as n from ${n}`
    return spawnSync(process.execPath, ['--import', join(root, 'lib/script/loader.mjs'), '--input-type=module'], {
      input: imports + code,
      encoding: 'utf8',
      env: { ...process.env, GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary },
    })
  }

  it('makes a warning and a failure annotations, and what ended unseen a warning', () => {
    const { stderr } = run("n.say('warning: slow'); n.sayFailure('a', 'b'); n.sayFailure('c', 'd', 'warning')")
    assert.equal(stderr, '::warning::slow\n::error::a%0Aremedy: b\n::warning::c%0Aremedy: d\n')
  })

  it('gives the runner no command that a build or a task prints', () => {
    const { stderr } = run("n.sayDetail('  ::add-mask::a\\n##[error]b\\na::b')")
    assert.equal(stderr, '  : :add-mask::a\n## [error]b\na::b\n')
  })

  it('has a secret hidden, and keeps stdout for data', () => {
    const { stdout, stderr } = run("s.hideFromLog('hunter2')")
    assert.deepEqual([stdout, stderr], ['', '::add-mask::hunter2\n'])
  })

  it('gives outputs, and a page that ends with why it failed and how to undo what it did', () => {
    run(`p.giveOutputs({ verdict: 'rolled back', site: '' }); p.addToPage('### production\\n')
      n.offerUndo('make rollback REV=11'); p.writePage(n.undoCommands, { title: 'no title', lines: ['error: a', '\`\`\`'] })`)
    assert.equal(readFileSync(output!, 'utf8'), 'verdict=rolled back\nsite=\n')
    const page = readFileSync(summary!, 'utf8')
    assert.match(page, /^### production\n[^]*````text\nerror: a\n```\n````\n[^]*Undo with:[^]*make rollback REV=11\n/)
    assert.doesNotMatch(page, /no title/)
  })

  it('that was refused has a page all the same', () => {
    run("p.writePage([], { title: 'backend.mts staging', lines: ['error: no credentials'] })")
    assert.match(readFileSync(summary!, 'utf8'), /^### backend\.mts staging\n[^]*error: no credentials/)
  })
})
