import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { environmentNames } from '../../lib/environment/environments.mts'
import { templateOf, withDomain } from './synthesis.ts'

const runbook = readFileSync(join(import.meta.dirname, '../../docs/RUNBOOK.md'), 'utf8')
// it has every alarm that an environment can have
const template = templateOf('production', withDomain)

test('docs/RUNBOOK.md has a section for each alarm, and for no other', () => {
  const [, alarmsOnwards = ''] = runbook.split('\n## Alarms\n')
  const headings = [...alarmsOnwards.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading!)
  const { prefix } = environmentNames('production')
  const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    (alarm) => (alarm as { Properties: { AlarmName: string } }).Properties.AlarmName,
  )
  assert.deepEqual(headings.map((heading) => `${prefix}-${heading}`).toSorted(), names.toSorted())
})

test('docs/RUNBOOK.md names topic and dashboard', () => {
  const named = ['AWS::SNS::Topic', 'AWS::CloudWatch::Dashboard'].map((type) => {
    const [resource] = Object.values(template.findResources(type))
    const { TopicName, DashboardName } = (resource as { Properties: Record<string, string> }).Properties
    return TopicName ?? DashboardName
  })
  for (const name of named) assert.ok(runbook.includes(`\`${name}\``), name)
})
