import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codeMatches, judge, newcomer } from '../elb/health-checks.ts'
import type { CheckResult, Standing } from '../elb/health-checks.ts'
import type { Condition, Listener, ListenerAction, Rule } from '../elb/model.ts'
import { actionFor, redirectLocation, targetGroupFor } from '../elb/rules.ts'
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

function host(...Values: string[]): Condition {
  return { Field: 'host-header', HostHeaderConfig: { Values } }
}

describe('a listener', () => {
  const listener: Listener = {
    arn: 'listener',
    tags: {},
    loadBalancerArn: 'lb',
    port: 80,
    protocol: 'HTTP',
    defaultActions: [fixed('404')],
  }
  const rule = (priority: number, status: string, ...conditions: Condition[]): Rule => ({
    arn: `rule-${priority}`,
    tags: {},
    listenerArn: 'listener',
    priority,
    conditions,
    actions: [fixed(status)],
  })
  const rules = [
    rule(20, '220', path('/api/*', '/ws')),
    rule(10, '210', path('/api/special')),
    rule(30, '230', host('*.Example.com'), path('/only-there')),
    { ...rule(1, '299', path('*')), listenerArn: 'another' },
  ]
  const cases: [host: string, path: string, status: string][] = [
    ['x', '/', '404'],
    ['x', '/api/live', '220'],
    ['x', '/ws', '220'],
    ['x', '/api/special', '210'],
    ['www.example.com:8080', '/only-there', '230'],
    ['x', '/only-there', '404'],
  ]
  for (const [name, at, status] of cases) {
    it(`answers ${name}${at} with ${status}`, () => {
      const action = actionFor(listener, rules, { path: at, host: name })
      assert.equal(action.FixedResponseConfig?.StatusCode, status)
    })
  }
})

describe('a redirect', () => {
  const request = { path: '/a/b', query: 'q=1', host: 'site.test:4576', port: 4576 }
  const cases: [config: Omit<NonNullable<ListenerAction['RedirectConfig']>, 'StatusCode'>, location: string][] = [
    [{}, 'http://site.test:4576/a/b?q=1'],
    [{ Protocol: 'HTTPS', Port: '443' }, 'https://site.test/a/b?q=1'],
    [{ Host: 'www.#{host}', Path: '/new/#{path}', Query: '' }, 'http://www.site.test:4576/new/a/b'],
  ]
  for (const [config, location] of cases) {
    it(`of ${JSON.stringify(config)} goes to ${location}`, () => {
      assert.equal(redirectLocation({ StatusCode: 'HTTP_302', ...config }, request), location)
    })
  }
})

describe('a weighted forward', () => {
  const action: ListenerAction = {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: 'none', Weight: 0 },
        { TargetGroupArn: 'blue', Weight: 1 },
        { TargetGroupArn: 'green', Weight: '3' },
      ],
    },
  }
  for (const [random, arn] of [
    [0, 'blue'],
    [0.24, 'blue'],
    [0.25, 'green'],
    [0.99, 'green'],
  ] as const) {
    it(`at ${random} goes to ${arn}`, () => assert.equal(targetGroupFor(action, random), arn))
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
      .reduce((standing, result) => judge(standing, result === '+' ? { passed: true } : bad, thresholds), newcomer)
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
