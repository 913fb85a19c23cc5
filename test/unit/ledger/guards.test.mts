import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { inspectCheckout, makeReleaseId, compareWithBranch } from '../../../lib/environment/checkout.mts'
import { stagingWarning } from '../../../lib/ledger/guards.mts'
import { objectionTo, objectionToPromotion } from '../../../lib/ledger/objections.mts'
import type { ComponentRecord, ReleaseRecord } from '../../../lib/ledger/record.mts'

const clean = { sha: '1a2b3c4d5e6f', dirty: false, ignored: '', standing: 'on it', branch: 'main' } as const

describe('production takes', () => {
  it('a clean working tree at a commit of its branch', () => {
    assert.equal(objectionTo(clean, 'main'), undefined)
  })

  for (const [what, state, fact, remedy] of [
    ['no tree with changes', { dirty: true }, /uncommitted changes/, /commit and push/],
    [
      'no file that git ignores',
      { ignored: 'frontend/public/a b.txt' },
      /git ignores frontend\/public\/a b.txt, and it would be published/,
      /git add --force 'frontend\/public\/a b.txt'/,
    ],
    [
      'no commit that was not pushed',
      { standing: 'not on it' },
      /commit 1a2b3c4 is not on origin\/main \(PRODUCTION_BRANCH\)/,
      /^git push origin main;/,
    ],
    [
      'no commit of a branch that was never pushed',
      { standing: 'not fetched' },
      /main was never pushed to origin/,
      /--set-upstream origin main/,
    ],
    [
      'no commit that is not merged, as of a pull request',
      { standing: 'not on it', branch: '' },
      /1a2b3c4 is not on origin\/main/,
      /^merge it into main/,
    ],
    [
      'no commit of which a shallow clone cannot tell',
      { standing: 'shallow clone', branch: '' },
      /it is not known whether commit 1a2b3c4 is on origin\/main .*shallow clone/,
      /git fetch --unshallow origin, in GitHub Actions fetch-depth: 0/,
    ],
    [
      'no commit of which a clone of something else cannot tell',
      { standing: 'not fetched', branch: '' },
      /it is not known whether .*has not fetched/,
      /git fetch origin main, in GitHub Actions fetch-depth: 0/,
    ],
  ] as const) {
    it(what, () => {
      const failure = objectionTo({ ...clean, ...state }, 'main')
      assert.match(failure?.message ?? '', fact)
      assert.match(failure?.remedy ?? '', remedy)
      assert.match(failure?.remedy ?? '', /--force/)
    })
  }
})

describe('a checkout', () => {
  const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
  const work = join(directory, 'work')
  const git = (...args: string[]) => execFileSync('git', args, { cwd: directory, stdio: 'pipe' })
  const inWork = (...args: string[]) => git('-C', work, '-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args)
  git('init', '-q', '--bare', '-b', 'main', 'remote.git')
  git('init', '-q', '-b', 'main', 'work')
  inWork('remote', 'add', 'origin', join(directory, 'remote.git'))
  inWork('commit', '-q', '--allow-empty', '-m', 'first')
  // the toolkit asks about its own checkout, whatever git's variables say
  const path = process.env['PATH']!
  writeFileSync(join(directory, 'git'), `#!/bin/sh\nPATH='${path}' exec git -C '${work}' "$@"\n`, { mode: 0o755 })
  before(() => void (process.env['PATH'] = `${directory}:${path}`))
  after(() => {
    process.env['PATH'] = path
    rmSync(directory, { recursive: true })
  })

  it('that was never pushed is on no branch of origin', async () => {
    const { standing, branch, dirty } = await inspectCheckout('main')
    assert.deepEqual({ standing, branch, dirty }, { standing: 'not fetched', branch: 'main', dirty: false })
  })

  it('is on it after a push, and not after the next commit', async () => {
    inWork('push', '-q', '--set-upstream', 'origin', 'main')
    assert.equal((await inspectCheckout('main')).standing, 'on it')
    inWork('commit', '-q', '--allow-empty', '-m', 'second')
    assert.equal((await inspectCheckout('main')).standing, 'not on it')
  })

  it('of a tag, of another branch or of the merge of a pull request is not on it', async () => {
    inWork('tag', 'v1')
    inWork('push', '-q', 'origin', 'HEAD:feature')
    // where actions/checkout keeps it
    inWork('update-ref', 'refs/remotes/pull/12/merge', 'HEAD')
    assert.equal((await inspectCheckout('main')).standing, 'not on it')
  })

  it('of an older commit of the branch is on it', async () => {
    assert.equal(await compareWithBranch('HEAD~1', 'main'), 'on it')
    assert.equal(await compareWithBranch('0123456789abcdef0123456789abcdef01234567', 'main'), 'not fetched')
  })

  it('that is shallow does not know about what is older', async () => {
    const first = inWork('rev-parse', 'origin/main').toString().trim()
    inWork('push', '-q', 'origin', 'main')
    inWork('update-ref', 'refs/heads/kept', first)
    writeFileSync(join(work, '.git/shallow'), inWork('rev-parse', 'HEAD').toString())
    assert.equal((await inspectCheckout('main')).standing, 'on it')
    assert.equal(await compareWithBranch(first, 'main'), 'shallow clone')
    rmSync(join(work, '.git/shallow'))
  })

  it('may name the account that its first deployment wrote down, and no other', async () => {
    const [file, other] = [join(work, 'env/.env.production'), join(work, 'env/.env.staging')]
    mkdirSync(join(work, 'env'))
    for (const settings of [file, other]) writeFileSync(settings, 'AWS_ACCOUNT_ID=\nTASK_COUNT=2\n')
    inWork('add', '.')
    inWork('commit', '-q', '-m', 'settings')
    for (const [text, dirty] of [
      ['AWS_ACCOUNT_ID=123456789012\nTASK_COUNT=2\n', false],
      ['TASK_COUNT=2\n', true],
      ['AWS_ACCOUNT_ID=123456789012\nTASK_COUNT=3\n', true],
      ['AWS_ACCOUNT_ID=123456789012\nTASK_COUNT=2\n---\n', true],
    ] as const) {
      writeFileSync(file, text)
      assert.equal((await inspectCheckout('main')).dirty, dirty, text)
    }
    writeFileSync(file, 'AWS_ACCOUNT_ID=123456789012\nTASK_COUNT=2\n')
    assert.doesNotMatch(await makeReleaseId(), /-dirty$/)
    inWork('add', '.')
    inWork('commit', '-q', '-m', 'account')
    writeFileSync(file, 'AWS_ACCOUNT_ID=210987654321\nTASK_COUNT=2\n')
    assert.equal((await inspectCheckout('main')).dirty, true)
    inWork('checkout', '-q', '--', '.')
    writeFileSync(other, 'AWS_ACCOUNT_ID=123456789012\n')
    assert.equal((await inspectCheckout('main')).dirty, true)
    inWork('checkout', '-q', '--', '.')
  })

  it('names a file that git ignores and that would be published, and no litter', async () => {
    mkdirSync(join(work, 'frontend/public'), { recursive: true })
    writeFileSync(join(work, '.git/info/exclude'), 'private.txt\n.DS_Store\nnode_modules/\n')
    for (const name of ['private.txt', '.DS_Store']) writeFileSync(join(work, 'frontend/public', name), '')
    const { dirty, ignored } = await inspectCheckout('main')
    assert.deepEqual({ dirty, ignored }, { dirty: false, ignored: 'frontend/public/private.txt' })
    assert.match(await makeReleaseId(), /-dirty$/)
    rmSync(join(work, 'frontend/public/private.txt'))
    assert.doesNotMatch(await makeReleaseId(), /-dirty$/)
  })

  for (const name of ['Übersicht.pdf', 'a "b" c.pdf']) {
    it(`names ${name} as git takes it, to be added`, async () => {
      writeFileSync(join(work, '.git/info/exclude'), '*.pdf\n')
      writeFileSync(join(work, 'frontend/public', name), '')
      assert.equal((await inspectCheckout('main')).ignored, `frontend/public/${name}`)
      rmSync(join(work, 'frontend/public', name))
    })
  }

  it('with an uncommitted file is dirty', async () => {
    writeFileSync(join(work, 'new file'), '')
    assert.equal((await inspectCheckout('main')).dirty, true)
  })
})

describe('staging', () => {
  const proven: ComponentRecord = { status: 'deployed', seconds: 1 }
  const record = (id: string, rest: Partial<ReleaseRecord>): ReleaseRecord => ({
    id,
    environment: 'staging',
    command: '',
    sha: 'a'.repeat(40),
    dirty: false,
    by: '',
    identity: '',
    host: '',
    startedAt: '',
    verdict: 'deployed',
    components: { backend: proven, frontend: proven },
    ...rest,
  })
  const sha = 'a'.repeat(40)

  it('that ran the commit gives no reason to warn', () => {
    assert.equal(stagingWarning([record('r1', {})], sha), undefined)
  })

  for (const [what, records, expected] of [
    ['has no release', [], /never ran commit aaaaaaa \(it has no release in the ledger\)/],
    ['ran another commit', [record('r1', { sha: 'b' })], /the last one there was r1/],
    ['ran it with changes', [record('r1', { dirty: true })], /no release/],
    ['ran only its backend', [record('r1', { components: { backend: proven } })], /no release/],
    [
      'failed to run it',
      [record('r1', { components: { backend: { ...proven, status: 'failed' }, frontend: proven } })],
      /no release/,
    ],
  ] as const) {
    it(`that ${what} is a reason to warn`, () => {
      assert.match(stagingWarning([...records], sha) ?? '', expected)
    })
  }
})

describe('the objection to a promotion', () => {
  const promotion = { environment: 'staging', release: 'r1', sha: 's', dirty: false } as const

  it('names a release that was built with uncommitted changes', () => {
    const objection = objectionToPromotion({ ...promotion, dirty: true }, 'on it', 'main')
    assert.match(objection?.message ?? '', /r1 of staging .*uncommitted changes/)
  })

  it('names a release of a commit that is not merged', () => {
    const objection = objectionToPromotion(promotion, 'not on it', 'main')
    assert.match(objection?.message ?? '', /commit s of release r1, which staging runs, is not on origin\/main/)
    assert.match(objection?.remedy ?? '', /^merge it into main and deploy staging again;/)
  })

  it('is none for a release of a commit of the branch', () => {
    assert.equal(objectionToPromotion(promotion, 'on it', 'main'), undefined)
  })
})
