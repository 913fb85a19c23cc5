import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stopReserve } from '../../../backend/src/services/drain/plan.ts'
import { fitFindings, stopReserveSeconds } from '../../../lib/check/settings-fit.mts'
import { environments } from '../../../lib/environment/environments.mts'
import { readSettings } from '../../../lib/environment/settings.mts'

describe('the settings fit together', () => {
  for (const environment of environments) {
    it(`in env/.env.${environment}`, () => {
      const bad = fitFindings(environment, readSettings(environment)).filter(({ status }) => status !== 'OK')
      assert.deepEqual(bad, [])
    })
  }

  it('or the finding names the one to change', () => {
    const settings = { ...readSettings('staging'), HEARTBEAT_SECONDS: '60' }
    const bad = fitFindings('staging', settings).filter(({ status }) => status === 'FAIL')
    assert.deepEqual(
      bad.map(({ name }) => name),
      ['heartbeat'],
    )
    assert.match(bad[0]!.remedy ?? '', /HEARTBEAT_SECONDS must be less than 60/)
  })

  it('with the players that the tasks carry, 2,500 on half a core', () => {
    const capacity = (changed: object) =>
      fitFindings('staging', { ...readSettings('staging'), TASK_CPU: '512', ...changed }).find(
        ({ name }) => name === 'capacity',
      )
    assert.equal(capacity({ TASK_COUNT: '2', MAX_PLAYERS: '5000' })?.status, 'OK')
    assert.equal(capacity({ TASK_COUNT: '2', MAX_PLAYERS: '5001' })?.status, 'FAIL')
    assert.match(capacity({ TASK_COUNT: '1', MAX_PLAYERS: '5000' })?.detail ?? '', /1 × 512 CPU units carry about 2500/)
  })

  it('with a repository that has both its ids, or none at all', () => {
    const repository = (changed: object) =>
      fitFindings('staging', { ...readSettings('staging'), ...changed }).find(({ name }) => name === 'repository')
        ?.status
    assert.equal(repository({}), 'OK')
    assert.equal(repository({ GITHUB_REPOSITORY: 'acme/quiz', GITHUB_OWNER_ID: '1', GITHUB_REPOSITORY_ID: '2' }), 'OK')
    assert.equal(repository({ GITHUB_REPOSITORY: 'acme/quiz', GITHUB_OWNER_ID: '1' }), 'FAIL')
  })

  it('with the minutes that alarms watch a deployment, where there are alarms', () => {
    const settings = { ...readSettings('staging'), ROLLOUT_TIMEOUT_SECONDS: '1' }
    const watched = environments.map((environment) => {
      const budget = fitFindings(environment, settings).find(({ name }) => name === 'wait budget')
      return [environment, /alarms (\d+)$/.exec(budget?.detail ?? '')?.[1]]
    })
    assert.deepEqual(Object.fromEntries(watched), { development: '0', staging: '180', production: '180', local: '0' })
  })

  it('with the time that the backend takes to stop', () => {
    assert.equal(stopReserveSeconds * 1_000, stopReserve)
  })
})
