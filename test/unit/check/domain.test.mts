import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultOfCertificate } from '../../../lib/check/domain.mts'

const now = new Date('2026-11-28T00:00:00Z')
const good = { Status: 'ISSUED', SubjectAlternativeNames: ['quiz.example.com'], NotAfter: '2027-06-01T00:00:00Z' }

describe('the certificate of the site’s domain', () => {
  it('is good when it is issued for that name, or for its parent’s names, and renewed', () => {
    const wildcard = { ...good, SubjectAlternativeNames: ['example.com', '*.example.com'] }
    for (const certificate of [good, wildcard, { ...good, NotAfter: Date.parse(good.NotAfter) / 1_000 }]) {
      assert.equal(faultOfCertificate(certificate, 'quiz.example.com', now), undefined)
    }
  })

  for (const [what, change, fact] of [
    ['waits for its DNS record', { Status: 'PENDING_VALIDATION' }, /^it is in PENDING_VALIDATION$/],
    ['is for another name', { SubjectAlternativeNames: ['*.quiz.example.com'] }, /not for quiz\.example\.com$/],
    ['is not renewed', { NotAfter: '2026-12-08T00:00:00Z' }, /^it ends in 10 days/],
  ] as const) {
    it(`is not when it ${what}`, () => {
      const result = faultOfCertificate({ ...good, ...change } as typeof good, 'quiz.example.com', now)
      assert.equal(result?.status, 'FAIL')
      assert.match(result.detail, fact)
    })
  }
})
