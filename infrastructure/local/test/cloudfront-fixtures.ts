import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { provideVirtualenvOnce, python } from '../cli/virtualenv.mts'
import { createCloudFront, type CloudFrontOptions } from '../cloudfront/room.ts'
import { unsigned } from '../gateway/keys.ts'
import { startMoto } from '../moto.ts'
import { accessKeyId } from '../settings.ts'

export const stack = { stackName: 'Test', stackId: 'arn:aws:cloudformation:stack/Test', tags: {} }

/** Run when the file's tests are done, last one first. */
const closing: (() => Promise<unknown> | void)[] = []

after(async () => {
  for (const close of closing.toReversed()) await close()
})

export const managed = {
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  allViewerExceptHost: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
}

export const invalidationTime = 150

/** A CloudFront, and how CloudFormation makes things in it. */
export function openCloudFront(s3Endpoint = 'http://127.0.0.1:9', others: Partial<CloudFrontOptions> = {}) {
  const cloudFront = createCloudFront({
    s3Endpoint,
    firstPort: 14_930,
    timings: { invalidation: invalidationTime },
    ...others,
  })
  closing.push(cloudFront.close)
  const create = async (type: string, properties: Record<string, unknown>) =>
    cloudFront.resourceTypes[`AWS::CloudFront::${type}`]!.create({ ...stack, logicalId: type, properties })
  const call = async (action: string, input: Record<string, unknown>) => {
    const reply = { status: 200, headers: {} }
    return (await cloudFront.room.actions[action]!(input, { action, accessKeyId, requestId: '', reply })) as Record<
      string,
      Record<string, unknown>
    >
  }
  return {
    ...cloudFront,
    create,
    call,
    /** A distribution in front of a server at `host:port`, with a default behavior, and others by their patterns. */
    distributeServer: async (
      domainName: string,
      behavior: Record<string, unknown> = {},
      byPath: Record<string, unknown>[] = [],
    ) => {
      const usual = { TargetOriginId: 'server', CachePolicyId: managed.cachingDisabled }
      const distribution = await create('Distribution', {
        DistributionConfig: {
          Enabled: true,
          Origins: [
            { Id: 'server', DomainName: domainName, CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } },
          ],
          DefaultCacheBehavior: { ...usual, ...behavior },
          ...(byPath.length > 0 ? { CacheBehaviors: byPath.map((each) => ({ ...usual, ...each })) } : {}),
        },
      })
      return { id: distribution.physicalId, url: `http://${String(distribution.attributes['DomainName'])}` }
    },
    /** A cache policy that keeps what the origin says, like the stack's own. */
    originDecides: async (name = 'origin-decides', parameters: Record<string, unknown> = {}) => {
      const policy = await create('CachePolicy', {
        CachePolicyConfig: {
          Name: name,
          MinTTL: 0,
          DefaultTTL: 0,
          MaxTTL: 31_536_000,
          ParametersInCacheKeyAndForwardedToOrigin: {
            CookiesConfig: { CookieBehavior: 'none' },
            EnableAcceptEncodingBrotli: true,
            EnableAcceptEncodingGzip: true,
            HeadersConfig: { HeaderBehavior: 'none' },
            QueryStringsConfig: { QueryStringBehavior: 'none' },
            ...parameters,
          },
        },
      })
      return policy.physicalId
    },
    /** Invalidates and waits until it is completed. */
    invalidate: async (id: string, ...paths: string[]) => {
      const batch = { Paths: { Quantity: String(paths.length), Items: { Path: paths } } }
      const reference = `r${process.hrtime.bigint()}`
      const created = await call('CreateInvalidation', { DistributionId: id, CallerReference: reference, ...batch })
      const invalidation = created['Invalidation']!
      for (let waited = 0; waited < 30_000; waited += 20) {
        const { Invalidation } = await call('GetInvalidation', { DistributionId: id, Id: invalidation['Id'] })
        if (Invalidation!['Status'] === 'Completed') return
        await sleep(20)
      }
      throw new Error('the invalidation was not completed within 30 s')
    },
  }
}

/** S3 by moto, as `make local-up` runs it. */
export async function openS3(port: number) {
  await provideVirtualenvOnce()
  const moto = await startMoto(python, port)
  closing.push(() => moto.close())
  const endpoint = `http://127.0.0.1:${port}`
  const put = async (path: string, body: string | Buffer = '', headers: Record<string, string> = {}) => {
    const given = { authorization: unsigned('s3'), ...headers }
    const answer = await fetch(`${endpoint}${path}`, { method: 'PUT', body, headers: given })
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`)
  }
  return {
    endpoint,
    createBucket: (bucket: string) => put(`/${bucket}`),
    putObject: (bucket: string, key: string, body: string | Buffer, headers: Record<string, string> = {}) =>
      put(`/${bucket}/${key}`, body, headers),
    putPolicy: (bucket: string, ...Statement: unknown[]) =>
      put(`/${bucket}?policy`, JSON.stringify({ Version: '2012-10-17', Statement })),
  }
}
