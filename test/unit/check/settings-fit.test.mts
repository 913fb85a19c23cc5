import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { backendStopSeconds, fitFindings } from '../../../lib/check/settings-fit.mts'
import { environments } from '../../../lib/environment/environments.mts'
import { readSettings } from '../../../lib/environment/settings.mts'
import { root } from '../../../lib/script/files.mts'

describe('the settings fit together', () => {
  for (const environment of environments) {
    it(`in env/.env.${environment}`, () => {
      const bad = fitFindings(readSettings(environment)).filter(({ status }) => status !== 'OK')
      assert.deepEqual(bad, [])
    })
  }

  it('or the finding names the one to change', () => {
    const settings = { ...readSettings('staging'), TASK_CPU: '512', TASK_MEMORY_MIB: '1536' }
    const bad = fitFindings(settings).filter(({ status }) => status === 'FAIL')
    assert.deepEqual(
      bad.map(({ name }) => name),
      ['task size'],
    )
    assert.match(bad[0]!.remedy ?? '', /1024 to 4096 MiB, in steps of 1024/)
  })

  it('with the time that the backend takes to stop', () => {
    const source = readFileSync(join(root, 'backend/src/index.ts'), 'utf8')
    assert.match(source, new RegExp(`const stopBudget = ${backendStopSeconds}_000$`, 'm'))
  })
})
