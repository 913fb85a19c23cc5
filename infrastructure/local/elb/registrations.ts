import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { milliseconds } from './attributes.ts'
import { check, standingAfter, initialStanding, type Standing } from './health-checks.ts'
import { loadBalancersUsing, targetGroupOf, type ElbModel, type TargetGroup } from './model.ts'
import type { TargetAddress, TargetHealth, Targets } from './targets.ts'

export interface ElbTimings {
  /** Caps in milliseconds; undefined: as the target group says. */
  healthCheckInterval?: number
  deregistrationDelay?: number
}

export interface Registrations extends Targets {
  /**
   * The target for the next request: the healthy ones in turn, or the one with the fewest requests. When none is
   * healthy, all of them ("fail open"); undefined when none is registered, draining ones not counted.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
   */
  next(targetGroup: TargetGroup): Registered | undefined
  /** The target group is gone: its targets are let go at once. */
  forget(targetGroupArn: string): void
  close(): void
}

/** A target in service. */
export interface Registered {
  target: TargetAddress
  /** Connections kept open towards it. */
  agent: Agent
  /** Counts a request as in flight until the returned function is called; `abort` is called if its time is over. */
  hold: (abort: () => void) => () => void
}

interface Entry extends Registered {
  standing: Standing
  registeredAt: number
  inFlight: Set<() => void>
  checking: AbortController
  draining: { drained: Promise<void>; finish: () => void; deadline: NodeJS.Timeout } | undefined
}

export function createRegistrations(model: ElbModel, timings: ElbTimings): Registrations {
  const groups = new Map<string, Map<string, Entry>>()
  const turns = new Map<string, number>()

  const entriesOf = (targetGroupArn: string) => groups.get(targetGroupArn) ?? new Map<string, Entry>()

  function register(targetGroupArn: string, target: TargetAddress): void {
    targetGroupOf(model, targetGroupArn)
    const entries = entriesOf(targetGroupArn)
    groups.set(targetGroupArn, entries)
    const known = entries.get(keyOf(target))
    if (known && !known.draining) return
    if (known) release(known)
    // what is in flight to a target that comes back stays counted
    const entry = Object.assign(known ?? newEntry(target), freshState())
    entries.set(keyOf(target), entry)
    void watch(targetGroupArn, entry)
  }

  function deregister(targetGroupArn: string, target: TargetAddress): Promise<void> {
    const entry = entriesOf(targetGroupArn).get(keyOf(target))
    if (!entry) return Promise.resolve()
    entry.draining ??= startDraining(targetGroupOf(model, targetGroupArn), entry)
    return entry.draining.drained
  }

  function startDraining(targetGroup: TargetGroup, entry: Entry): NonNullable<Entry['draining']> {
    entry.checking.abort()
    const { promise, resolve } = withResolvers()
    const own = milliseconds(targetGroup.attributes, 'deregistration_delay.timeout_seconds')
    // a target is shown as draining for the whole delay, even when it was drained at once
    const deadline = setTimeout(
      () => {
        entriesOf(targetGroup.arn).delete(keyOf(entry.target))
        for (const abort of entry.inFlight) abort()
        release(entry)
      },
      Math.min(own, timings.deregistrationDelay ?? own),
    )
    if (entry.inFlight.size === 0) resolve()
    return { drained: promise, finish: resolve, deadline }
  }

  function release(entry: Entry): void {
    entry.checking.abort()
    entry.agent.destroy()
    clearTimeout(entry.draining?.deadline)
    entry.draining?.finish()
  }

  async function watch(targetGroupArn: string, entry: Entry): Promise<void> {
    const { signal } = entry.checking
    while (!signal.aborted) {
      const targetGroup = model.targetGroups.get(targetGroupArn)
      if (!targetGroup) return
      const interval = targetGroup.healthCheck.intervalSeconds * 1_000
      const start = Date.now()
      const standing = await checkStanding(targetGroup, entry)
      if (signal.aborted) return
      entry.standing = standing
      const pause = Math.min(interval, timings.healthCheckInterval ?? interval) - (Date.now() - start)
      await sleep(Math.max(pause, 0), undefined, { signal }).catch(() => {})
    }
  }

  async function checkStanding({ arn, healthCheck }: TargetGroup, entry: Entry): Promise<Standing> {
    if (loadBalancersUsing(model, arn).length === 0) return initialStanding
    const result = await check(entry.target, healthCheck, entry.checking.signal)
    // a faster pace of checks must not shorten the time that a process has to start listening
    const startingTime = healthCheck.intervalSeconds * 1_000 * healthCheck.unhealthyThreshold
    const stillStarting =
      entry.standing.state === 'initial' &&
      !result.passed &&
      result.reason === 'Target.FailedHealthChecks' &&
      Date.now() - entry.registeredAt < startingTime
    return stillStarting ? entry.standing : standingAfter(entry.standing, result, healthCheck)
  }

  function next({ arn, attributes }: TargetGroup): Registered | undefined {
    const inService = [...entriesOf(arn).values()].filter(({ draining }) => !draining)
    const healthy = inService.filter(({ standing }) => standing.state === 'healthy')
    const pool = healthy.length > 0 ? healthy : inService
    const turn = (turns.get(arn) ?? 0) + 1
    turns.set(arn, turn)
    const inTurn = pool.map((_, index) => pool[(turn + index) % pool.length]!)
    if (attributes['load_balancing.algorithm.type'] !== 'least_outstanding_requests') return inTurn[0]
    return inTurn.toSorted((one, other) => one.inFlight.size - other.inFlight.size)[0]
  }

  function health(targetGroupArn: string): TargetHealth[] {
    targetGroupOf(model, targetGroupArn)
    const used = loadBalancersUsing(model, targetGroupArn).length > 0
    return [...entriesOf(targetGroupArn).values()].map((entry) => ({ ...entry.target, ...stateOf(entry, used) }))
  }

  function forget(targetGroupArn: string): void {
    for (const entry of entriesOf(targetGroupArn).values()) {
      for (const abort of entry.inFlight) abort()
      release(entry)
    }
    groups.delete(targetGroupArn)
    turns.delete(targetGroupArn)
  }

  return {
    register,
    deregister,
    targetType: (targetGroupArn) => targetGroupOf(model, targetGroupArn).targetType,
    health,
    next,
    forget,
    close: () => [...groups.keys()].forEach(forget),
  }
}

function newEntry(target: TargetAddress): Entry {
  const inFlight = new Set<() => void>()
  const entry: Entry = {
    target,
    inFlight,
    ...freshState(),
    hold(abort) {
      // a new function for each request: a Set takes the same one only once
      const held = () => abort()
      inFlight.add(held)
      return () => {
        inFlight.delete(held)
        if (inFlight.size === 0) entry.draining?.finish()
      }
    },
  }
  return entry
}

function freshState(): Pick<Entry, 'standing' | 'registeredAt' | 'agent' | 'checking' | 'draining'> {
  return {
    standing: initialStanding,
    registeredAt: Date.now(),
    agent: new Agent({ keepAlive: true }),
    checking: new AbortController(),
    draining: undefined,
  }
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
function stateOf({ draining, standing }: Entry, used: boolean): Pick<TargetHealth, 'state' | 'reason' | 'description'> {
  if (draining) {
    const reason = 'Target.DeregistrationInProgress'
    return { state: 'draining', reason, description: 'Target deregistration is in progress' }
  }
  if (!used) {
    const description = 'Target group is not configured to receive traffic from the load balancer'
    return { state: 'unused', reason: 'Target.NotInUse', description }
  }
  const { state, reason, description } = standing
  return { state, ...(reason !== undefined && { reason, description }) }
}

function keyOf({ id, port }: TargetAddress): string {
  return `${id}:${port}`
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
