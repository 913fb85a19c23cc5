import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CheckResult, codeMatches, standingAfter, initialStanding, type Standing } from '../elb/health-checks.ts'
import type { Condition, Listener, ListenerAction, ListenerRule } from '../elb/model.ts'
import { actionFor, unsupported } from '../elb/rules.ts'
import { endToEnd } from '../http/headers.ts'
import { matchesWildcard } from '../wildcard.ts'

describe('a wildcard pattern', () => {
  const cases: [pattern: string, text: string, matches: boolean][] = [
    ['/api/*', '/api/live', true],
    ['/api/*', '/api/', true],
    ['/api/*', '/api', false],
    ['/a?c', '/abc', true],
    ['/a?c', '/ac', false],
    ['*.png', '/img/a.png', true],
    ['*.png', '/img/apng', false],
    ['/(x)+', '/(x)+', true],
    ['/API', '/api', false],
    ['*', '', true],
    ['a*b', 'a\nb', true],
  ]
  for (const [pattern, text, matches] of cases) {
    it(`${pattern} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      assert.equal(matchesWildcard(pattern, text), matches)
    })
  }
})

function fixed(StatusCode: string): ListenerAction {
  return { Type: 'fixed-response', FixedResponseConfig: { StatusCode } }
}

function path(...Values: string[]): Condition {
  return { Field: 'path-pattern', PathPatternConfig: { Values } }
}

function header(HttpHeaderName: string, ...Values: string[]): Condition {
  return { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName, Values } }
}

describe('a listener', () => {
  const listener: Listener = {
    arn: 'listener',
    loadBalancerArn: 'lb',
    port: 80,
    defaultActions: [fixed('404')],
  }
  const rule = (priority: number, status: string, ...conditions: Condition[]): ListenerRule => ({
    arn: `rule-${priority}`,
    listenerArn: 'listener',
    priority,
    conditions,
    actions: [fixed(status)],
  })
  const rules = [
    rule(20, '220', path('/api/*', '/ws')),
    rule(10, '210', path('/api/special')),
    rule(30, '230', header('X-Secret', 'Open*', 'other'), path('/only-there')),
    { ...rule(1, '299', path('*')), listenerArn: 'another' },
  ]
  const cases: [secret: string | undefined, path: string, status: string][] = [
    [undefined, '/', '404'],
    [undefined, '/api/live', '220'],
    [undefined, '/ws', '220'],
    [undefined, '/api/special', '210'],
    ['open sesame', '/only-there', '230'],
    ['shut', '/only-there', '404'],
    [undefined, '/only-there', '404'],
  ]
  for (const [secret, at, status] of cases) {
    it(`answers ${at} ${secret ? `with x-secret: ${secret} ` : ''}with ${status}`, () => {
      const action = actionFor(listener, rules, { path: at, headers: secret ? [['x-secret', secret]] : [] })
      assert.equal(action.FixedResponseConfig?.StatusCode, status)
    })
  }
})

describe('a load balancer here', () => {
  const cases: [actions: ListenerAction[], conditions: Condition[], missing: string | undefined][] = [
    [[{ Type: 'forward', TargetGroupArn: 'a' }], [path('/'), header('X', 'y')], undefined],
    [[{ Type: 'redirect' }], [], 'actions of type redirect'],
    [[{ Type: 'forward' }], [], 'weighted target groups'],
    [[{ Type: 'authenticate-oidc' }, fixed('200')], [], 'several actions in a rule'],
    [[fixed('200')], [{ Field: 'host-header', Values: ['a'] }], 'conditions on host-header'],
  ]
  for (const [actions, conditions, missing] of cases) {
    it(missing ? `has no ${missing}` : 'forwards and answers by path and header', () =>
      assert.equal(unsupported(actions, conditions), missing),
    )
  }
})

describe('a matcher', () => {
  const cases: [matcher: string, code: number, matches: boolean][] = [
    ['200', 200, true],
    ['200', 204, false],
    ['200,204', 204, true],
    ['200-299', 250, true],
    ['200-299', 300, false],
  ]
  for (const [matcher, code, matches] of cases) {
    it(`${matcher} ${matches ? 'takes' : 'refuses'} ${code}`, () => assert.equal(codeMatches(matcher, code), matches))
  }
})

describe('the standing of a target', () => {
  const thresholds = { healthyThreshold: 3, unhealthyThreshold: 2 }
  const bad: CheckResult = { passed: false, reason: 'Target.Timeout', description: 'Request timed out' }
  const after = (results: string): Standing =>
    results
      .split('')
      .reduce(
        (standing, result) => standingAfter(standing, result === '+' ? { passed: true } : bad, thresholds),
        initialStanding,
      )
  const cases: [results: string, state: string][] = [
    ['', 'initial'],
    ['+', 'healthy'],
    ['-', 'initial'],
    ['--', 'unhealthy'],
    ['-+', 'healthy'],
    ['+-', 'healthy'],
    ['+-+-', 'healthy'],
    ['+--', 'unhealthy'],
    ['+--++', 'unhealthy'],
    ['+--++-++', 'unhealthy'],
    ['+--+++', 'healthy'],
  ]
  for (const [results, state] of cases) {
    it(`after ${results || 'no check'} is ${state}`, () => assert.equal(after(results).state, state))
  }
  it('keeps the reason of the failures until it is healthy again', () => {
    assert.equal(after('+--++').reason, 'Target.Timeout')
    assert.equal(after('+--+++').reason, undefined)
  })
})

describe('end-to-end headers', () => {
  it('are those that concern more than one connection', () => {
    const kept = endToEnd([
      ['Connection', 'close, X-Mine'],
      ['X-Mine', '1'],
      ['Transfer-Encoding', 'chunked'],
      ['Keep-Alive', 'timeout=5'],
      ['X-Other', '2'],
    ])
    assert.deepEqual(kept, [['X-Other', '2']])
  })
})
