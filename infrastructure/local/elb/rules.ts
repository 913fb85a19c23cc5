import { type HeaderList, valueOf } from '../http/headers.ts'
import { matchesWildcard } from '../wildcard.ts'
import type { Condition, Listener, ListenerAction, ListenerRule } from './model.ts'

/** What the conditions of a rule look at. */
interface RequestHead {
  /** Without the query. */
  path: string
  headers: HeaderList
}

/**
 * The action for a request: that of the first matching rule by priority, else the listener's default.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 */
export function actionFor(listener: Listener, rules: Iterable<ListenerRule>, request: RequestHead): ListenerAction {
  const rule = [...rules]
    .filter(({ listenerArn }) => listenerArn === listener.arn)
    .toSorted((one, other) => one.priority - other.priority)
    .find(({ conditions }) => conditions.every((condition) => holds(condition, request)))
  return (rule?.actions ?? listener.defaultActions)[0]!
}

/** What a template may ask for and this load balancer cannot do: refused when the resource is created. */
export function unsupported(actions: ListenerAction[], conditions: Condition[] = []): string | undefined {
  if (actions.length > 1) return 'several actions in a rule'
  const action = actions.find(({ Type, TargetGroupArn }) =>
    Type === 'forward' ? TargetGroupArn === undefined : Type !== 'fixed-response',
  )
  if (action) return action.Type === 'forward' ? 'weighted target groups' : `actions of type ${action.Type}`
  const condition = conditions.find(({ Field }) => !['path-pattern', 'http-header'].includes(Field))
  return condition && `conditions on ${condition.Field}`
}

/** Paths are compared with their case, header values without. */
function holds({ Field, Values, PathPatternConfig, HttpHeaderConfig }: Condition, request: RequestHead): boolean {
  if (Field === 'path-pattern') {
    const patterns = PathPatternConfig?.Values ?? Values ?? []
    return patterns.some((pattern) => matchesWildcard(pattern, request.path))
  }
  const value = valueOf(request.headers, HttpHeaderConfig?.HttpHeaderName ?? '')?.toLowerCase()
  const patterns = HttpHeaderConfig?.Values ?? []
  return value !== undefined && patterns.some((pattern) => matchesWildcard(pattern.toLowerCase(), value))
}
