import type { ResourceTypes } from '../cloudformation/resource-type.ts'
import type { Room } from '../gateway/room.ts'
import { listenFrom, type LoopbackServer } from '../http/loopback-server.ts'
import * as settings from '../settings.ts'
import { tryAccessLogs } from './access-logs.ts'
import { createActions } from './actions.ts'
import { createModel, loadBalancersUsing, type LoadBalancer, type ElbModel } from './model.ts'
import { createProxy } from './proxy.ts'
import { createRegistrations, type ElbTimings } from './registrations.ts'
import { createResourceTypes } from './resources.ts'
import type { Targets } from './targets.ts'

interface ElbOptions {
  /** Each load balancer gets the first free loopback port from here upward. */
  firstPort?: number
  timings?: ElbTimings
  /** Where the buckets of access logs are. */
  s3Endpoint?: string
}

export interface Elb {
  room: Room
  resourceTypes: ResourceTypes
  targets: Targets
  /** The loopback port of a load balancer, whatever its name leads to; undefined when there is none. */
  portOf: (loadBalancerArn: string) => number | undefined
  summary: () => LoadBalancerSummary[]
  close: () => Promise<void>
}

/** A line of `make local-status`. */
interface LoadBalancerSummary {
  name: string
  url: string
  pointsTo: string
}

/** Elastic Load Balancing v2: application load balancers that really carry HTTP and WebSockets. */
export function createElb({
  firstPort = settings.loadBalancerPorts,
  timings = settings.timings,
  s3Endpoint = settings.motoEndpoint,
}: ElbOptions = {}): Elb {
  const model = createModel()
  const registrations = createRegistrations(model, timings)
  const servers = new Map<string, LoopbackServer>()

  async function start(planned: Omit<LoadBalancer, 'port' | 'dnsName'>): Promise<LoadBalancer> {
    const loadBalancer = { ...planned, port: 0, dnsName: '' }
    const server = await listenFrom(createProxy(loadBalancer, model, registrations), firstPort)
    Object.assign(loadBalancer, { port: server.port, dnsName: `127.0.0.1:${server.port}` })
    servers.set(loadBalancer.arn, server)
    return loadBalancer
  }

  async function stop(loadBalancerArn: string): Promise<void> {
    const server = servers.get(loadBalancerArn)
    servers.delete(loadBalancerArn)
    await server?.close()
  }

  return {
    room: {
      signingName: 'elasticloadbalancing',
      protocol: 'query',
      namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
      actions: createActions(model, registrations),
    },
    resourceTypes: createResourceTypes(model, registrations, {
      start,
      stop,
      tryAccessLogs: (attributes) => tryAccessLogs(s3Endpoint, attributes),
    }),
    targets: registrations,
    portOf: (loadBalancerArn) => model.loadBalancers.get(loadBalancerArn)?.port,
    summary: () => [...model.loadBalancers.values()].map((each) => summarize(model, registrations, each)),
    async close() {
      registrations.close()
      await Promise.all([...servers.keys()].map(stop))
    },
  }
}

function summarize(model: ElbModel, targets: Targets, { arn, name, port }: LoadBalancer): LoadBalancerSummary {
  const groups = [...model.targetGroups.values()].filter((group) => loadBalancersUsing(model, group.arn).includes(arn))
  const pointsTo = groups.map((group) => {
    const health = targets.health(group.arn)
    return `${group.name}: ${health.filter(({ state }) => state === 'healthy').length} of ${health.length} healthy`
  })
  return { name, url: `http://127.0.0.1:${port}`, pointsTo: pointsTo.join(', ') || 'nothing yet' }
}
