import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Scan } from '../../../lib/image/scan.mts'
import { waitForScan } from '../../../lib/promotion/scan.mts'

const underWay: Scan = { isComplete: false, isUnderWay: true, detail: 'IN_PROGRESS', critical: 0, high: 0 }
const complete: Scan = { isComplete: true, isUnderWay: false, detail: 'COMPLETE', critical: 2, high: 0 }

describe('the scan of an image', () => {
  it('is waited for while it is under way', async () => {
    const answers = [underWay, underWay, complete]
    const scan = await waitForScan(async () => answers.shift()!, { within: 60_000, every: 1 })
    assert.deepEqual(scan, complete)
  })

  it('is not waited for once the time is over', async () => {
    assert.deepEqual(await waitForScan(async () => underWay, { within: 0, every: 1 }), underWay)
  })
})
