import { arnsOf, scopeOf } from '../../../lib/access/arns.mts'
import { promotedFrom, rows } from '../../../lib/access/rows.mts'
import { rolesWith } from '../../../lib/access/policies.mts'

/** The table of docs/PERMISSIONS.md, with production's names: a line each. */
export function permissionTable(): string[] {
  const scope = scopeOf('production', promotedFrom.production, {
    partition: 'aws',
    account: '<account>',
    region: '<region>',
  })
  const arns = arnsOf(scope)
  return [
    '| statement | actions | on | why | verbs | roles |',
    '|---|---|---|---|---|---|',
    ...rows.map(([sid, { actions, on, when, why, verbs }]) => {
      const condition = when ? `, where ${conditionText(when(scope))}` : ''
      const cells = [
        `\`${sid}\``,
        codes(actions),
        codes(on(arns).map(withoutPlace)) + condition,
        why,
        [...verbs].toSorted().join(', '),
        rolesWith(sid).join(', '),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  ]
}

/** `arn:aws:ecs:<region>:<account>:service/…` → `ecs service/…`: the place is always the environment's own. */
function withoutPlace(arn: string): string {
  const [, , service, , , ...resource] = arn.split(':')
  return service === undefined ? arn : `${service} ${resource.join(':')}`
}

function conditionText(conditions: Record<string, Record<string, string>>): string {
  return Object.values(conditions)
    .flatMap((keys) => Object.entries(keys))
    .map(([key, value]) => `\`${key}\` is \`${value.startsWith('arn:') ? withoutPlace(value) : value}\``)
    .join(', ')
}

function codes(texts: readonly string[]): string {
  return texts.map((text) => `\`${text}\``).join(' ')
}
