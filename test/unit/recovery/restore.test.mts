import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { parseMoment, withApplicationTable } from '../../../lib/recovery/restore.mts'
import { tableInUse, type TaskDefinition } from '../../../lib/service/task-definition.mts'
import type { StackOutputs } from '../../../lib/stack/stack.mts'

const now = Date.parse('2026-11-28T21:00:00Z')

describe('the moment of a restore', () => {
  for (const [text, iso] of [
    ['2026-11-28T20:15:00Z', '2026-11-28T20:15:00.000Z'],
    ['2026-11-28T20:15Z', '2026-11-28T20:15:00.000Z'],
    ['2026-11-28T21:15:30+01:00', '2026-11-28T20:15:30.000Z'],
  ] as const) {
    it(`is ${iso} for ${text}`, () => assert.equal(parseMoment(text, now).toISOString(), iso))
  }

  for (const text of [
    undefined,
    '',
    'yesterday',
    '20:15',
    '2026-11-28',
    // of which time zone?
    '2026-11-28T20:15:00',
    '2026-11-28 20:15:00Z',
    '2026-11-28T20:15:00.5Z',
    '2026-11-31T20:15:00Z',
    '2026-02-30T20:15:00Z',
    '2026-13-01T20:15:00Z',
    '2026-11-28T25:15:00Z',
  ]) {
    it(`is refused where it is ${JSON.stringify(text)}, with one that could be typed`, () =>
      assert.throws(() => parseMoment(text, now), {
        name: 'Failure',
        exitCode: 2,
        remedy: 'give a moment with its time zone, such as 2026-11-28T20:00:00Z',
      }))
  }

  it('is refused where it is in the future', () =>
    assert.throws(() => parseMoment('2026-11-28T21:10:00Z', now), {
      exitCode: 2,
      message: '2026-11-28 21:10:00 UTC is in the future, by 10 min 0 s',
    }))
})

describe('the table in use', () => {
  const target = { names: environmentNames('staging') }
  const outputs = { ApplicationTableName: 'live-quiz-staging-application' } as StackOutputs
  const running = (table: string) => {
    const environment = ['PORT', 'APPLICATION_TABLE'].map((name) => ({ name, value: 'any' }))
    const definition = { containerDefinitions: [{ environment }] } as unknown as TaskDefinition
    return { taskDefinition: withApplicationTable(definition, table) }
  }

  it('is a restored one, once a revision that names it runs', () => {
    const restored = 'live-quiz-staging-application-restored-20261128T201500Z'
    assert.equal(tableInUse(target, outputs, running(restored)), restored)
  })

  for (const other of [
    'live-quiz-staging-application',
    'live-quiz-application-restored-20261128T201500Z',
    'other',
    '',
  ]) {
    it(`is the stack's where ${other || 'none'} is named`, () =>
      assert.equal(tableInUse(target, outputs, running(other)), 'live-quiz-staging-application'))
  }

  it("is the stack's where nothing runs", () =>
    assert.equal(tableInUse(target, outputs, undefined), 'live-quiz-staging-application'))
})
