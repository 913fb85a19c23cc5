import { matchesWildcard } from '../wildcard.ts'
import type { Condition, Listener, ListenerAction, Rule } from './model.ts'

export interface RequestLine {
  /** Without the query. */
  path: string
  /** `example.com:80`; ports are not compared. */
  host: string
}

/**
 * The action for a request: that of the first matching rule by priority, else the listener's default.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 */
export function actionFor(listener: Listener, rules: Iterable<Rule>, request: RequestLine): ListenerAction {
  const rule = [...rules]
    .filter(({ listenerArn }) => listenerArn === listener.arn)
    .toSorted((one, other) => one.priority - other.priority)
    .find(({ conditions }) => conditions.every((condition) => holds(condition, request)))
  // actions before the last one only authenticate; the last one answers
  const actions = rule?.actions ?? listener.defaultActions
  return actions.toSorted((one, other) => Number(one.Order ?? 0) - Number(other.Order ?? 0)).at(-1)!
}

/** What a template may ask for and this load balancer cannot do; said when the resource is created, not when it matters. */
export function unsupported(actions: ListenerAction[], conditions: Condition[] = []): string | undefined {
  const action = actions.find(({ Type }) => !['forward', 'fixed-response', 'redirect'].includes(Type))
  if (action) return `actions of type ${action.Type}`
  const condition = conditions.find(({ Field }) => !['path-pattern', 'host-header'].includes(Field))
  return condition && `conditions on ${condition.Field}`
}

function holds(condition: Condition, { path, host }: RequestLine): boolean {
  if (condition.Field === 'path-pattern') {
    const patterns = condition.PathPatternConfig?.Values ?? condition.Values ?? []
    return patterns.some((pattern) => matchesWildcard(pattern, path))
  }
  const patterns = condition.HostHeaderConfig?.Values ?? condition.Values ?? []
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return patterns.some((pattern) => matchesWildcard(pattern.toLowerCase(), name))
}

/**
 * Where a redirect goes. `#{host}` and the others stand for the request's own; the port stays this listener's loopback
 * port unless the rule names one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#redirect-actions
 */
export function redirectLocation(
  config: NonNullable<ListenerAction['RedirectConfig']>,
  request: RequestLine & { query: string; port: number },
): string {
  const own: Record<string, string> = {
    protocol: 'http',
    host: request.host.replace(/:\d+$/, ''),
    port: String(request.port),
    path: request.path.replace(/^\//, ''),
    query: request.query,
  }
  const fill = (text: string) => text.replaceAll(/#\{(protocol|host|port|path|query)\}/g, (_, key: string) => own[key]!)
  const protocol = fill(config.Protocol ?? '#{protocol}').toLowerCase()
  const port = fill(config.Port ?? '#{port}')
  const standard = (protocol === 'https' && port === '443') || (protocol === 'http' && port === '80')
  const query = fill(config.Query ?? '#{query}')
  const path = fill(config.Path ?? '/#{path}')
  return `${protocol}://${fill(config.Host ?? '#{host}')}${standard ? '' : `:${port}`}${path}${query && `?${query}`}`
}

/** Picks a target group of a forward action by weight. `random` is in [0, 1). */
export function targetGroupFor(action: ListenerAction, random: number): string | undefined {
  const groups = action.ForwardConfig?.TargetGroups ?? []
  if (groups.length === 0) return action.TargetGroupArn
  const weights = groups.map(({ Weight }) => Number(Weight ?? 1))
  let left = random * weights.reduce((sum, weight) => sum + weight, 0)
  const index = weights.findIndex((weight) => (left -= weight) < 0)
  return groups[index]?.TargetGroupArn
}
