import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { checkout, newRelease } from '../../../lib/environment/checkout.mts'
import { objectionTo, objectionToPromotion, stagingWarning } from '../../../lib/ledger/guards.mts'
import type { ComponentRecord, ReleaseRecord } from '../../../lib/ledger/record.mts'

const clean = { sha: '1a2b3c4d5e6f', dirty: false, ignored: '', pushed: true, branch: 'main', upstream: 'origin/main' }

describe('production takes', () => {
  it('a clean working tree at a pushed commit', () => {
    assert.equal(objectionTo(clean), undefined)
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
      'no commit that is ahead of its upstream',
      { pushed: false },
      /1a2b3c4 .*main is ahead of origin\/main/,
      /git push;/,
    ],
    [
      'no commit of a branch without upstream',
      { pushed: false, upstream: '' },
      /main has no upstream/,
      /--set-upstream origin main/,
    ],
    [
      'no commit that only this checkout has',
      { pushed: false, branch: '', upstream: '' },
      /no branch is checked out/,
      /^git push origin HEAD:refs/,
    ],
  ] as const) {
    it(what, () => {
      const failure = objectionTo({ ...clean, ...state })
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

  it('that was never pushed has no upstream', async () => {
    const { pushed, branch, upstream, dirty } = await checkout(false)
    assert.deepEqual({ pushed, branch, upstream, dirty }, { pushed: false, branch: 'main', upstream: '', dirty: false })
  })

  it('is pushed after a push, and not after the next commit', async () => {
    inWork('push', '-q', '--set-upstream', 'origin', 'main')
    assert.equal((await checkout(false)).pushed, true)
    inWork('commit', '-q', '--allow-empty', '-m', 'second')
    const { pushed, upstream } = await checkout(false)
    assert.deepEqual({ pushed, upstream }, { pushed: false, upstream: 'origin/main' })
  })

  it('of a tag counts as pushed only in CI: elsewhere the tag may be only here', async () => {
    inWork('tag', 'v1')
    assert.equal((await checkout(false)).pushed, false)
    assert.equal((await checkout(true)).pushed, true)
  })

  it('names a file that git ignores and that would be published, and no litter', async () => {
    mkdirSync(join(work, 'frontend/public'), { recursive: true })
    writeFileSync(join(work, '.git/info/exclude'), 'private.txt\n.DS_Store\nnode_modules/\n')
    for (const name of ['private.txt', '.DS_Store']) writeFileSync(join(work, 'frontend/public', name), '')
    const { dirty, ignored } = await checkout(false)
    assert.deepEqual({ dirty, ignored }, { dirty: false, ignored: 'frontend/public/private.txt' })
    assert.match(await newRelease(), /-dirty$/)
    rmSync(join(work, 'frontend/public/private.txt'))
    assert.doesNotMatch(await newRelease(), /-dirty$/)
  })

  it('with an uncommitted file is dirty', async () => {
    writeFileSync(join(work, 'new file'), '')
    assert.equal((await checkout(false)).dirty, true)
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
    const objection = objectionToPromotion({ ...promotion, dirty: true })
    assert.match(objection?.message ?? '', /r1 of staging .*uncommitted changes/)
  })

  it('is none for a release of a commit', () => {
    assert.equal(objectionToPromotion(promotion), undefined)
  })
})
