import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { findProgram } from '../../../lib/script/children.mts'
import { root } from '../../../lib/script/files.mts'
import { probe } from '../../../lib/script/shell.mts'

const before = { ...process.env }

afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  Object.assign(process.env, before)
})

describe('a command', () => {
  it('prints any character, in any locale', async () => {
    Object.assign(process.env, { LC_ALL: 'en_US.ISO-8859-1', PYTHONIOENCODING: 'latin-1' })
    const { stdout, stderr } = await probe`python3 -c ${"print('Launch 🎉')"}`
    assert.deepEqual([stdout, stderr], ['Launch 🎉\n', ''])
  })

  it('answers in English', async () => {
    Object.assign(process.env, { LANG: 'de_DE.UTF-8', LANGUAGE: 'de' })
    const { stdout } = await probe`sh -c ${'echo "${LANG-} ${LANGUAGE-} $LC_ALL"'}`
    assert.equal(stdout, '  C.UTF-8\n')
  })

  it('works in this checkout, started by a hook of another', async () => {
    Object.assign(process.env, { GIT_DIR: '.', GIT_WORK_TREE: '/', GIT_INDEX_FILE: '/nonexistent' })
    const { stdout } = await probe`git rev-parse --show-toplevel`
    assert.equal(stdout.trim(), root)
  })

  it('builds for what it is asked, not for what NODE_ENV says', async () => {
    process.env['NODE_ENV'] = 'production'
    assert.equal((await probe`node -p process.env.NODE_ENV`).stdout, 'undefined\n')
    // npm ci installs what builds here, too
    assert.match((await probe({ env: { NODE_ENV: 'production' } })`npm config get include`).stdout, /^dev$/m)
  })

  it('does not inherit the webhook of Slack, which is a secret', async () => {
    process.env['SLACK_WEBHOOK_URL'] = 'https://hooks.example.com/secret'
    assert.doesNotMatch((await probe`env`).stdout, /hooks\.example\.com/)
  })

  it('is not disturbed by what the user’s bash does at its start', async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'bash '))
    context.after(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'env')
    writeFileSync(file, 'echo welcome\n')
    Object.assign(process.env, { BASH_ENV: file, SHELLOPTS: 'xtrace' })
    assert.deepEqual([(await probe`echo one`).stdout, (await probe`echo two`).stderr], ['one\n', ''])
  })

  it('is found by its name, through links', () => {
    assert.match(findProgram('sh') ?? '', /^\//)
    assert.equal(findProgram('no-such-program'), undefined)
  })
})
