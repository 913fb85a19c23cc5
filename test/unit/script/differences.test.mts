import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { differenceLine, differences } from '../../../lib/script/differences.mts'

const definition = (cpu: string, environment: Record<string, string>, extra: object = {}) => ({
  cpu,
  containerDefinitions: [
    {
      name: 'web',
      environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      portMappings: [{ containerPort: 3000 }],
      ...extra,
    },
  ],
})

describe('differences', () => {
  for (const [what, before, after, expected] of [
    ['nothing', definition('256', { A: '1' }), definition('256', { A: '1' }), []],
    ['a value', definition('256', {}), definition('512', {}), ['cpu: 256 → 512']],
    [
      'a variable, by its name',
      definition('256', { A: '1', B: '2' }),
      definition('256', { B: '3', A: '1' }),
      ['containerDefinitions.web.environment.B: 2 → 3'],
    ],
    [
      'a variable that came and one that went',
      definition('256', { A: '1' }),
      definition('256', { B: '2' }),
      ['containerDefinitions.web.environment.A: 1 → (none)', 'containerDefinitions.web.environment.B: (none) → 2'],
    ],
    [
      'an item without a name, by its place',
      definition('256', {}),
      definition('256', {}, { portMappings: [{ containerPort: 3001 }] }),
      ['containerDefinitions.web.portMappings.0.containerPort: 3000 → 3001'],
    ],
  ] as const) {
    it(`show ${what}`, () => {
      assert.deepEqual(differences(before, after).map(differenceLine), expected)
    })
  }
})
