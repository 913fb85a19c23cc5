import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFigures, isOver, latencies, voids } from '../../../bench/quiz/result.mts'

describe('the result of the quiz bench', () => {
  it('takes median and 99th percentile', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => 999 - index)
    const [p50, p99] = latencies('click', values, { p50: 150, p99: 300 })
    assert.deepEqual([p50!.measured, p99!.measured], [500, 990])
  })

  it('is over at the bound, and where nothing was measured', () => {
    const figure = { what: 'click', unit: 'ms', below: 300 } as const
    assert.equal(isOver({ ...figure, measured: 299.9 }), false)
    assert.equal(isOver({ ...figure, measured: 300 }), true)
    assert.ok(latencies('click', [], { p99: 300 }).every(isOver))
  })

  it('names each figure that is over its bound', () => {
    const text = formatFigures([
      { what: 'click', unit: 'ms', measured: 12.34, below: 300 },
      { what: 'join', unit: 'ms', measured: 1_234, below: 1_000, beside: 'others: 3,570' },
    ])
    assert.match(text, /^click +12 ms +< 300 ms +ok$/m)
    assert.match(text, /^join +1,234 ms +< 1,000 ms +OVER +others: 3,570$/m)
  })

  it('is void without a cgroup, with a late generator, or with fewer players', () => {
    assert.deepEqual(voids({ delay: 50, notHeld: undefined, players: 5_000 }), [])
    assert.equal(voids({ delay: 51, notHeld: undefined, players: 5_000 }).length, 1)
    assert.equal(voids({ delay: 0, notHeld: 'EACCES', players: 200 }).length, 2)
  })
})
