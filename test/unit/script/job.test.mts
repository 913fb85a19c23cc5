import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../../lib/script/failure.mts'
import { currentJob, retryUntil, runWithin, pause, runTogether, runUninterrupted } from '../../../lib/script/job.mts'
import { probe } from '../../../lib/script/shell.mts'

describe('jobs side by side', () => {
  it('answer by name', async () => {
    const results = await runTogether({ a: async () => 1, b: async () => 'two' })
    assert.deepEqual(results, { a: 1, b: 'two' })
  })

  it('may run more commands at once than node lets listen without a warning', async () => {
    const warnings: Error[] = []
    const heard = (warning: Error) => void warnings.push(warning)
    process.on('warning', heard)
    await Promise.all(Array.from({ length: 12 }, () => probe`true`))
    process.off('warning', heard)
    assert.deepEqual(warnings, [])
  })

  it('stop the others, commands and waits, when one fails, and throw its failure', async () => {
    const started = Date.now()
    const work = {
      command: () => probe`sleep 30`,
      wait: () => pause(30_000),
      failing: async () => {
        await sleep(100)
        throw new Error('the first')
      },
    }
    await assert.rejects(runTogether(work), /the first/)
    assert.ok(Date.now() - started < 20_000)
  })

  it('stop a command that is only just starting, too', async () => {
    const started = Date.now()
    const work = {
      command: () => probe`sleep 30`,
      failing: async () => {
        throw new Error('the first')
      },
    }
    await assert.rejects(runTogether(work), /the first/)
    assert.ok(Date.now() - started < 20_000)
  })

  it('wait for the others to end before they throw, so that cleanup is over', async () => {
    let cleaned = false
    const work = {
      failing: async () => {
        throw new Error('the first')
      },
      tidy: async () => {
        try {
          await pause(30_000)
        } finally {
          await sleep(50)
          cleaned = true
        }
      },
    }
    await assert.rejects(runTogether(work))
    assert.ok(cleaned)
  })

  it('know their label, and only inside', async () => {
    const { label } = await runTogether({ label: async () => currentJob().label })
    assert.equal(label, 'label')
    assert.equal(currentJob().label, undefined)
  })
})

describe('limited work', () => {
  const tooLong = new Failure('too long', 'be quicker')

  it('ends with its command when the time is over', async () => {
    const started = Date.now()
    await assert.rejects(
      runWithin(500, tooLong, () => probe`sleep 300`),
      tooLong,
    )
    assert.ok(Date.now() - started < 10_000)
  })

  it('answers within its time, and then stops nothing', async () => {
    assert.equal(await runWithin(60_000, tooLong, async () => 'answer'), 'answer')
    assert.ok(!currentJob().signal.aborted)
  })
})

describe('runUninterrupted', () => {
  const work = (seconds: number) =>
    runUninterrupted({ atMost: 60_000, afterInterruption: 500 }, () => probe`sleep ${seconds}`)

  it('has its whole time while nothing interrupts it', async () => {
    assert.equal((await work(1)).exitCode, 0)
  })

  it('has little time once another job failed', async () => {
    const results: unknown[] = []
    const failing = async () => {
      throw new Error('failed')
    }
    await assert.rejects(runTogether({ work: () => work(30).catch((error) => results.push(error.message)), failing }))
    assert.deepEqual(results, ['it took longer than 0.5 s'])
  })
})

describe('retryUntil', () => {
  it('answers as soon as the attempt succeeds', async () => {
    let attempts = 0
    const answer = await retryUntil(
      async () => {
        if (++attempts < 3) throw new Error('not yet')
        return attempts
      },
      { within: 20_000, every: 1 },
    )
    assert.equal(answer, 3)
  })

  it('throws the last error when time is up', async () => {
    let attempts = 0
    const failing = async () => {
      throw new Error(`attempt ${++attempts}`)
    }
    await assert.rejects(retryUntil(failing, { within: 1_000, every: 400 }), /attempt [23]/)
  })
})
