/*
 * Rules that make chosen calls fail as they do on AWS on a bad day: `make local-faults`. They are kept until they are
 * cleared or the local AWS stops.
 */
export const faultKinds = ['throttle', 'error', 'expired-token', 'drop', 'lost-answer', 'timeout', 'slow'] as const
export type FaultKind = (typeof faultKinds)[number]

export interface FaultRule {
  id: number
  kind: FaultKind
  /** As the call log names it; `*`: every service. */
  service: string
  /** As the call log names it, or as `aws` does (`update-service`); `*`: every action. */
  action: string
  /** Calls that pass before the first that fails. */
  after: number
  /** Calls that fail; null: all from then on. */
  count: number | null
  /** `slow`: the delay; `timeout`: when the connection is closed after all. */
  milliseconds: number
  /** Calls that it was asked about. */
  seen: number
}

interface FaultRules {
  list(): FaultRule[]
  /** Fails with a sentence for the user when the rule makes no sense. */
  add(rule: unknown): FaultRule
  /** All, or one. False: there is no such rule. */
  clear(id?: number): boolean
  /** Whether any rule is about the service, and so needs to know the action. */
  concern(service: string): boolean
  /** Counts the call, and returns the rule that makes it fail. */
  countCall(service: string, action: string): FaultRule | undefined
}

/** What the CLI calls a service, where its signature calls it something else. */
const signingNames: Record<string, string> = {
  elbv2: 'elasticloadbalancing',
  elb: 'elasticloadbalancing',
  cloudwatch: 'monitoring',
}

export function createFaultRules(): FaultRules {
  const rules = new Map<number, FaultRule>()
  let lastId = 0
  return {
    list: () => [...rules.values()],
    add(given) {
      const rule = { id: lastId + 1, ...checked(given), seen: 0 }
      lastId = rule.id
      rules.set(rule.id, rule)
      return rule
    },
    clear(id) {
      if (id !== undefined) return rules.delete(id)
      rules.clear()
      return true
    },
    concern: (service) => [...rules.values()].some((rule) => matches(rule.service, service)),
    countCall(service, action) {
      let applied: FaultRule | undefined
      for (const rule of rules.values()) {
        if (!matches(rule.service, service) || !matches(rule.action, action)) continue
        rule.seen += 1
        const turn = rule.seen - rule.after
        if (turn >= 1 && turn <= (rule.count ?? Infinity)) applied ??= rule
      }
      return applied
    },
  }
}

function checked(given: unknown): Omit<FaultRule, 'id' | 'seen'> {
  const { kind, service, action = '*', after = 0, count = 1, milliseconds } = (given ?? {}) as Partial<FaultRule>
  if (!faultKinds.includes(kind!)) throw new Error(`a fault is one of ${faultKinds.join(', ')}`)
  if (!service || typeof service !== 'string')
    throw new Error('a fault needs a service, as the call log names it, or *')
  if (typeof action !== 'string') throw new Error('an action is a name, or *')
  if (!isWhole(after, 0)) throw new Error('the calls that pass first are a whole number')
  if (count !== null && !isWhole(count, 1)) throw new Error('the calls to fail are a whole number from 1, or all')
  const time = milliseconds ?? (kind === 'slow' ? 5_000 : 300_000)
  if (!isWhole(time, 1) || time > 3_600_000) throw new Error('the time is in milliseconds, an hour at most')
  return { kind: kind!, service: signingNames[service] ?? service, action, after, count, milliseconds: time }
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least
}

function matches(pattern: string, name: string): boolean {
  return pattern === '*' || plain(pattern) === plain(name)
}

/** `describe-db-clusters` and `DescribeDBClusters` are one action. */
function plain(name: string): string {
  return name.replaceAll('-', '').toLowerCase()
}
