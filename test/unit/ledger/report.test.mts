import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { releasePage, releaseTable, verdictOf } from '../../../lib/ledger/report.mts'
import type { ReleaseRecord } from '../../../lib/ledger/record.mts'

const release: ReleaseRecord = {
  id: '20261123T101502Z-1a2b3c4',
  environment: 'staging',
  command: 'make deploy-staging',
  sha: '1a2b3c4d5e6f',
  dirty: false,
  by: 'ana',
  identity: 'arn:aws:iam::123456789012:user/ana',
  host: 'laptop',
  startedAt: '2026-11-23T10:15:02.000Z',
  endedAt: '2026-11-23T10:19:05.000Z',
  verdict: 'deployed',
  note: 'fix the timer',
  components: {
    infrastructure: { status: 'unchanged', seconds: 20 },
    backend: {
      status: 'deployed',
      seconds: 183,
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:12',
      digest: 'sha256:new',
    },
  },
}

describe('the table of releases', () => {
  it('has one line each, with titles, revision, duration and note', () => {
    const rollback: ReleaseRecord = { ...release, id: 'r2', verdict: 'failed', rollbackOf: 'r1', components: {} }
    delete rollback.note
    assert.equal(
      releaseTable([release, rollback], undefined),
      `RELEASE                   VERDICT   COMPONENTS                            STARTED (UTC)     TOOK       BY             NOTE
20261123T101502Z-1a2b3c4  deployed  infrastructure unchanged, backend 12  2026-11-23 10:15  4 min 3 s  ana on laptop  fix the timer
r2                        failed    -; rollback                           2026-11-23 10:15  4 min 3 s  ana on laptop
`,
    )
  })
})

describe('a release that is under way', () => {
  const running: ReleaseRecord = { ...release, verdict: 'under way' }
  const lock = { holder: 'h', by: 'ana', host: 'laptop', pid: 1, command: 'c', since: '2026-11-23T10:15:02.000Z' }
  const inAMinute = new Date(Date.now() + 60_000).toISOString()
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString()
  for (const [expected, when, held] of [
    ['under way', 'it holds the lock', { ...lock, release: release.id, expiry: inAMinute }],
    ['abandoned', 'its lock has expired', { ...lock, release: release.id, expiry: anHourAgo }],
    ['abandoned', 'another run holds the lock', { ...lock, release: 'r9', expiry: inAMinute }],
    ['abandoned', 'there is no lock', undefined],
  ] as const) {
    it(`is ${expected} when ${when}`, () => {
      assert.equal(verdictOf(running, held), expected)
    })
  }
})

describe('the page of a release', () => {
  it('shows what is known about it and what it changed', () => {
    const page = releasePage(
      release,
      {
        before: '20261122T090000Z-0000000',
        commits: ['> 1a2b3c4 Fix the timer', '> 0f0f0f0 Wider buttons'],
        image: { from: 'sha256:old', to: 'sha256:new' },
        taskDefinition: [],
        files: ['index.html'],
      },
      undefined,
    )
    assert.equal(
      page,
      `release         20261123T101502Z-1a2b3c4
verdict         deployed
note            fix the timer
commit          1a2b3c4d5e6f
command         make deploy-staging
by              ana on laptop, arn:aws:iam::123456789012:user/ana
started         2026-11-23 10:15:02 UTC, took 4 min 3 s
infrastructure  unchanged, took 20 s
backend         deployed, took 3 min 3 s
                websocket-task-staging:12
                sha256:new

changed since 20261122T090000Z-0000000
commits         > 1a2b3c4 Fix the timer
                > 0f0f0f0 Wider buttons
image           sha256:old → sha256:new
task definition no change
site            index.html
`,
    )
  })

  it('says that commits are not in this checkout', () => {
    assert.match(releasePage(release, { before: 'r0' }, undefined), /commits +not in this checkout: try git fetch/)
  })

  it('says that there was none before it', () => {
    assert.match(releasePage(release, {}, undefined), /no earlier release is known\n$/)
  })
})

describe('the table of releases', () => {
  it('says where a promoted release comes from', () => {
    const components = { backend: { status: 'deployed', seconds: 1 } }
    const record = {
      id: 'r2',
      promotedFrom: { environment: 'staging', release: 'r1' },
      components,
      verdict: 'deployed',
      by: 'ana',
      host: 'laptop',
      startedAt: '',
    }
    assert.match(releaseTable([record as unknown as ReleaseRecord], undefined), /backend; from staging/)
  })
})
