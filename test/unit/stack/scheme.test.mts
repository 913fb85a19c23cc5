import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { schemeConflictFailure } from '../../../lib/stack/scheme.mts'

const names = {
  public: 'live-quiz-1.us-east-1.elb.amazonaws.com',
  private: 'internal-live-quiz-1.us-east-1.elb.amazonaws.com',
}

describe('LOAD_BALANCER', () => {
  for (const deployed of ['public', 'private'] as const) {
    const outputs = { LoadBalancerDnsName: names[deployed] }
    const other = deployed === 'public' ? 'private' : 'public'

    it(`stays ${deployed}`, () => {
      assert.equal(schemeConflictFailure({ environment: 'staging' }, { LOAD_BALANCER: deployed }, outputs), undefined)
    })

    it(`does not become ${other}: the reason, and both ways on`, () => {
      const conflict = schemeConflictFailure({ environment: 'staging' }, { LOAD_BALANCER: other }, outputs)
      assert.match(conflict!.message, new RegExp(`^LOAD_BALANCER=${other}, but staging was created with a ${deployed}`))
      assert.match(conflict!.remedy, new RegExp(`LOAD_BALANCER=${deployed} in env/.env.staging.*--data`))
    })
  }
})
