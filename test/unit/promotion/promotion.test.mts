import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { objectionToPromotion } from '../../../lib/ledger/guards.mts'
import { promotionLine } from '../../../lib/script/invocation.mts'
import { promotedTo } from '../../../lib/promotion/source.mts'
import { releaseTable } from '../../../lib/ledger/report.mts'
import type { ReleaseRecord } from '../../../lib/ledger/record.mts'
import { travelling } from '../../../lib/site/copy.mts'
import type { SiteFile } from '../../../lib/site/files.mts'

const file = (key: string, turn: SiteFile['turn'], cacheControl = 'c'): SiteFile => ({
  key,
  turn,
  cacheControl,
  contentType: 't',
  md5: key,
  size: 1,
})
const manifest = {
  release: 'r2',
  files: [file('assets/a.js', 'asset'), file('icon.svg', 'other'), file('index.html', 'entry')],
}
const object = (Key: string) => ({ Key, ETag: '"e"', Size: 1 })

describe('what travels from one bucket to another', () => {
  it('is everything where there is nothing', () => {
    const all = { assets: ['assets/a.js'], others: ['icon.svg', 'index.html'] }
    assert.deepEqual(travelling({ manifest, stored: [], live: undefined }), all)
  })

  it('is no asset that is there with these headers', () => {
    const stored = [object('assets/a.js')]
    assert.deepEqual(travelling({ manifest, stored, live: manifest }).assets, [])
    const live = { release: 'r1', files: [file('assets/a.js', 'asset', 'another')] }
    assert.deepEqual(travelling({ manifest, stored, live }).assets, ['assets/a.js'])
  })

  it('is no release that is there, complete: one without its manifest, or with a file missing, is not', () => {
    const files = [object('assets/a.js'), object('releases/r2/icon.svg'), object('releases/r2/index.html')]
    const complete = [...files, object('releases/r2/manifest.json')]
    assert.deepEqual(travelling({ manifest, stored: complete, live: manifest }), { assets: [], others: [] })
    assert.deepEqual(travelling({ manifest, stored: files, live: manifest }).others, ['icon.svg', 'index.html'])
    assert.deepEqual(travelling({ manifest, stored: complete.slice(1), live: manifest }).others.length, 2)
  })
})

describe('a promotion', () => {
  for (const [env, line] of [
    [{}, './deploy/promote.mts staging production'],
    [{ npm_lifecycle_event: 'promote', MAKELEVEL: '1' }, 'npm run promote staging production'],
    [{ MAKELEVEL: '1' }, 'make promote FROM=staging TO=production'],
  ] as const) {
    it(`is typed as ${line}`, () => assert.equal(promotionLine('staging', 'production', env), line))
  }

  it('goes from one environment to another, in any direction', () => {
    assert.equal(promotedTo('staging', 'production'), 'production')
    assert.equal(promotedTo('production', 'staging'), 'staging')
    for (const [from, to] of [
      ['staging', undefined],
      ['staging', 'staging'],
      ['staging', 'prod'],
    ] as const) {
      assert.throws(() => promotedTo(from, to), { exitCode: 2 })
    }
  })

  it('of what was built from a tree with changes meets an objection', () => {
    const promotion = { environment: 'staging', release: 'r1', sha: 's', dirty: true } as const
    assert.match(objectionToPromotion(promotion)?.message ?? '', /r1 of staging .*changes that no commit holds/)
    assert.equal(objectionToPromotion({ ...promotion, dirty: false }), undefined)
  })

  it('is told from other releases in the table', () => {
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
