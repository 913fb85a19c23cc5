import { AwsError, type Action, type Input, type Room } from '../gateway/room.ts'
import { endpoint } from '../settings.ts'
import { describeInvalidation, page, summarize } from './api-shapes.ts'
import type { Cache } from './cache.ts'
import type { Invalidations } from './invalidations.ts'
import { distributionOf, type CloudFrontModel } from './model.ts'

const version = '/2020-05-31'

/** Action by method and path below the API's version; a parenthesis is a parameter. */
const routes: { method: string; path: RegExp; action: string; parameters: string[] }[] = [
  { method: 'GET', path: /^\/distribution$/, action: 'ListDistributions', parameters: [] },
  {
    method: 'POST',
    path: /^\/distribution\/([^/]+)\/invalidation$/,
    action: 'CreateInvalidation',
    parameters: ['DistributionId'],
  },
  {
    method: 'GET',
    path: /^\/distribution\/([^/]+)\/invalidation$/,
    action: 'ListInvalidations',
    parameters: ['DistributionId'],
  },
  {
    method: 'GET',
    path: /^\/distribution\/([^/]+)\/invalidation\/([^/]+)$/,
    action: 'GetInvalidation',
    parameters: ['DistributionId', 'Id'],
  },
]

export const route: NonNullable<Room['route']> = (method, path) => {
  if (!path.startsWith(`${version}/`)) return undefined
  const below = path.slice(version.length).replace(/\/$/, '')
  const found = routes.find((each) => each.method === method && each.path.test(below))
  if (!found) return undefined
  const values = found.path.exec(below)!.slice(1).map(decodeURIComponent)
  const parameters = Object.fromEntries(found.parameters.map((name, index) => [name, values[index]!]))
  return { action: found.action, parameters }
}

/** The CloudFront API, as far as the toolkit, the CLI's waiter and the documents call it. */
export function createActions(
  model: CloudFrontModel,
  invalidations: Invalidations,
  cacheOf: (distributionId: string) => Cache,
): Record<string, Action> {
  return {
    ListDistributions: () => ({
      DistributionList: page('DistributionSummary', [...model.distributions.values()].map(summarize)),
    }),

    CreateInvalidation(input, { reply }) {
      const { id } = distributionOf(model, String(input['DistributionId']))
      const { paths, callerReference } = batchIn(input)
      const invalidation = invalidations.create(id, cacheOf(id), paths, callerReference)
      reply.status = 201
      reply.headers['Location'] = `${endpoint}${version}/distribution/${id}/invalidation/${invalidation.id}`
      return { Invalidation: describeInvalidation(invalidation) }
    },

    GetInvalidation(input) {
      const { id } = distributionOf(model, String(input['DistributionId']))
      return { Invalidation: describeInvalidation(invalidations.get(id, String(input['Id']))) }
    },

    ListInvalidations(input) {
      const { id } = distributionOf(model, String(input['DistributionId']))
      const summaries = invalidations
        .list(id)
        .map((each) => ({ Id: each.id, CreateTime: each.createTime, Status: each.status }))
      return { InvalidationList: page('InvalidationSummary', summaries) }
    },
  }
}

function batchIn(input: Input): { paths: string[]; callerReference: string } {
  const { Paths, CallerReference } = input as {
    Paths?: { Quantity?: string; Items?: { Path?: string | string[] } }
    CallerReference?: string
  }
  const paths = [Paths?.Items?.Path ?? []].flat()
  if (paths.length !== Number(Paths?.Quantity)) {
    throw new AwsError('InconsistentQuantities', "The value of Quantity and the size of Items don't match.")
  }
  if (!CallerReference) throw new AwsError('InvalidArgument', 'The parameter CallerReference is missing.')
  return { paths, callerReference: CallerReference }
}
