import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environments } from '../../lib/environment/environments.mts'
import { templateOf } from './synthesis.ts'

interface Resource {
  Type: string
  Properties: Record<string, unknown>
  DependsOn?: string | string[]
}

interface Rule {
  Priority: number
  Conditions: {
    PathPatternConfig?: { Values: string[] }
    HttpHeaderConfig?: { HttpHeaderName: string; Values: unknown[] }
  }[]
  Actions: { Type: string; TargetGroupArn?: unknown; FixedResponseConfig?: { StatusCode: string } }[]
}

for (const environment of environments) {
  const { Resources } = templateOf(environment).toJSON() as { Resources: Record<string, Resource> }
  const ofType = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type)
  const rules = ofType('AWS::ElasticLoadBalancingV2::ListenerRule')
    .map(([id, { Properties }]) => ({ id, ...(Properties as unknown as Rule) }))
    .toSorted((one, other) => one.Priority - other.Priority)
  const last = rules.at(-1)!

  test(`${environment}: anybody reaches /health and /, the CDN all, and nobody else anything`, () => {
    assert.deepEqual(
      rules.map(({ Conditions: [condition], Actions: [action] }) => [
        condition?.PathPatternConfig?.Values ?? condition?.HttpHeaderConfig?.HttpHeaderName,
        action?.FixedResponseConfig?.StatusCode ?? action?.TargetGroupArn,
      ]),
      [
        [['/health'], { Ref: 'TargetGroup' }],
        [['/'], { Ref: 'TargetGroup' }],
        ['X-Origin-Verify', { Ref: 'TargetGroup' }],
        [['/*'], '404'],
      ],
    )
    assert.ok(rules.every(({ Conditions, Actions }) => Conditions.length === 1 && Actions.length === 1))
  })

  test(`${environment}: the CDN shows what the listener asks for, and neither has it in the template`, () => {
    const [header] = rules.flatMap(({ Conditions }) => Conditions.flatMap((each) => each.HttpHeaderConfig ?? []))
    const [[, distribution]] = ofType('AWS::CloudFront::Distribution') as [[string, Resource]]
    const { Origins } = distribution.Properties['DistributionConfig'] as {
      Origins: { DomainName: unknown; OriginCustomHeaders?: unknown }[]
    }
    const sent = Origins.map(({ OriginCustomHeaders }) => OriginCustomHeaders).filter(Boolean)
    assert.deepEqual(sent, [[{ HeaderName: header?.HttpHeaderName, HeaderValue: header?.Values[0] }]])
    assert.match(
      JSON.stringify(header?.Values),
      /^\[\{"Fn::Join":\["",\["\{\{resolve:secretsmanager:",\{"Ref":"OriginSecret/,
    )
  })

  test(`${environment}: others are refused last, when nothing of the update can fail any more`, () => {
    const needs = (id: string, seen = new Set<string>()): Set<string> => {
      const { Properties, DependsOn = [] } = Resources[id]!
      const mentioned = [...JSON.stringify(Properties ?? {}).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^".]+)"/g)]
      for (const need of [...mentioned.map(([, name]) => name!), ...[DependsOn].flat()]) {
        if (!Resources[need] || seen.has(need)) continue
        seen.add(need)
        needs(need, seen)
      }
      return seen
    }
    const before = needs(last.id)
    const afterCdn = Object.keys(Resources).filter((id) => id !== last.id && needs(id).has('Distribution'))
    assert.ok(before.has('Distribution') && afterCdn.length > 0)
    assert.deepEqual(
      [...afterCdn, ...rules.slice(0, -1).map(({ id }) => id)].filter((id) => !before.has(id)),
      [],
    )
  })
}
