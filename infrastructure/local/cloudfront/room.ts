import type { ResourceTypes } from '../cloudformation/resource-type.ts'
import type { Room } from '../gateway/room.ts'
import { listenFrom, type LoopbackServer } from '../http/loopback-server.ts'
import * as settings from '../settings.ts'
import { createActions, route } from './actions.ts'
import { createCache, type Cache } from './cache.ts'
import { createDistributionServer } from './distribution.ts'
import { createInvalidations } from './invalidations.ts'
import type { Distribution, CloudFrontModel } from './model.ts'
import { managedCachePolicies } from './policies.ts'
import { createResourceTypes } from './resources.ts'
import { createS3Origin } from './s3-origin.ts'

export interface CloudFrontOptions {
  /** Where private buckets are read: `http://127.0.0.1:4567`. */
  s3Endpoint: string
  /** The loopback port of a load balancer inside a VPC; undefined when there is none. */
  portOf?: (loadBalancerArn: string) => number | undefined
  /** Each distribution gets the first free loopback port from here upward. */
  firstPort?: number
  /** Milliseconds. */
  timings?: { invalidation: number }
}

export interface CloudFront {
  room: Room
  resourceTypes: ResourceTypes
  summary: () => DistributionSummary[]
  /** Tags of a distribution, by its ARN; none for any other. */
  tagsOf: (arn: string) => Record<string, string>
  close: () => Promise<void>
}

/** A line of `make local-status`. */
export interface DistributionSummary {
  name: string
  url: string
  pointsTo: string
}

/** CloudFront: distributions that really serve, with one edge location each. */
export function createCloudFront({
  s3Endpoint,
  portOf = () => undefined,
  firstPort = settings.distributionPorts,
  timings = settings.timings,
}: CloudFrontOptions): CloudFront {
  const model: CloudFrontModel = {
    distributions: new Map(),
    originAccessControls: new Map(),
    functions: new Map(),
    cachePolicies: new Map(Object.entries(managedCachePolicies)),
    responseHeadersPolicies: new Map(),
    vpcOrigins: new Map(),
  }
  const s3 = createS3Origin(s3Endpoint)
  const invalidations = createInvalidations(timings.invalidation)
  const running = new Map<string, { server: LoopbackServer; cache: Cache }>()

  async function start(planned: Omit<Distribution, 'port' | 'domainName'>): Promise<Distribution> {
    const distribution = { ...planned, port: 0, domainName: '' }
    const cache = createCache()
    const server = await listenFrom(createDistributionServer({ distribution, model, cache, s3, portOf }), firstPort)
    running.set(distribution.id, { server, cache })
    return Object.assign(distribution, { port: server.port, domainName: `127.0.0.1:${server.port}` })
  }

  async function stop(distributionId: string): Promise<void> {
    const server = running.get(distributionId)?.server
    running.delete(distributionId)
    invalidations.forget(distributionId)
    await server?.close()
  }

  return {
    room: {
      signingName: 'cloudfront',
      protocol: 'rest-xml',
      namespace: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
      route,
      actions: createActions(model, invalidations, (id) => running.get(id)!.cache),
    },
    resourceTypes: createResourceTypes(model, { start, stop }, portOf),
    summary: () => [...model.distributions.values()].map(summarize),
    tagsOf: (wanted) => [...model.distributions.values()].find(({ arn }) => arn === wanted)?.tags ?? {},
    async close() {
      invalidations.close()
      await Promise.all([...running.keys()].map(stop))
    },
  }
}

function summarize({ id, domainName, config }: Distribution): DistributionSummary {
  const origins = config.Origins.map(({ DomainName }) => DomainName)
  return {
    name: `${id}${config.Comment ? ` (${config.Comment})` : ''}`,
    url: `http://${domainName}`,
    pointsTo: origins.join(', '),
  }
}
