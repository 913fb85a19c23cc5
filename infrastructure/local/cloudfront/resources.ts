import { randomUUID } from 'node:crypto'
import type { ResourceState, ResourceType, ResourceTypes } from '../cloudformation/resource-type.ts'
import { tagMapOf } from '../cloudformation/resources/tags.ts'
import { AwsError } from '../gateway/room.ts'
import { checkConfig } from './config-check.ts'
import { configMembers, type DistributionConfig } from './config.ts'
import { checkCode } from './edge-function.ts'
import {
  cloudFrontArn,
  distributionOf,
  newId,
  type Distribution,
  type CloudFrontModel,
  type OriginAccessControl,
} from './model.ts'
import {
  type CachePolicyConfig,
  checkCachePolicy,
  headersPolicyMembers,
  type ResponseHeadersPolicyConfig,
} from './policies.ts'
import { vpcOriginType } from './vpc-origin.ts'

/** Starts and stops the data plane of a distribution. */
interface DistributionServers {
  /** Resolves with its loopback address filled in. */
  start(distribution: Omit<Distribution, 'port' | 'domainName'>): Promise<Distribution>
  stop(distributionId: string): Promise<void>
}

export function createResourceTypes(
  model: CloudFrontModel,
  servers: DistributionServers,
  portOf: (loadBalancerArn: string) => number | undefined,
): ResourceTypes {
  const isUsed = (id: string) =>
    [...model.distributions.values()].some(({ config }) => JSON.stringify(config).includes(id))
  return {
    'AWS::CloudFront::Distribution': distributionType(model, servers),
    'AWS::CloudFront::Function': functionType(model, isUsed),
    'AWS::CloudFront::OriginAccessControl': configType<OriginAccessControl>({
      kind: 'OriginAccessControl',
      known: model.originAccessControls,
      isUsed,
      newId,
    }),
    'AWS::CloudFront::CachePolicy': configType<CachePolicyConfig>({
      kind: 'CachePolicy',
      known: model.cachePolicies,
      isUsed,
      newId: randomUUID,
      check: checkCachePolicy,
    }),
    'AWS::CloudFront::ResponseHeadersPolicy': configType<ResponseHeadersPolicyConfig>({
      kind: 'ResponseHeadersPolicy',
      known: model.responseHeadersPolicies,
      isUsed,
      newId: randomUUID,
      members: headersPolicyMembers,
    }),
    'AWS::CloudFront::VpcOrigin': vpcOriginType(model, isUsed, portOf),
  }
}

function distributionType(model: CloudFrontModel, servers: DistributionServers): ResourceType {
  return {
    knows: ['Tags', ...configMembers.map((member) => `DistributionConfig.${member}`)],
    taggable: true,
    async create(request) {
      const config = request.properties['DistributionConfig'] as DistributionConfig
      checkConfig(config, model)
      const id = newId()
      const distribution = await servers.start({
        id,
        arn: cloudFrontArn(`distribution/${id}`),
        config,
        tags: tagMapOf(request),
        lastModified: new Date(),
      })
      model.distributions.set(id, distribution)
      return distributionState(distribution)
    },
    async update(request, { physicalId }) {
      const config = request.properties['DistributionConfig'] as DistributionConfig
      checkConfig(config, model, physicalId)
      // what is in the cache stays there, as on AWS
      const revision = { config, tags: tagMapOf(request), lastModified: new Date() }
      return distributionState(Object.assign(distributionOf(model, physicalId), revision))
    },
    async delete({ physicalId }) {
      if (!model.distributions.delete(physicalId)) return
      await servers.stop(physicalId)
    },
  }
}

function distributionState({ id, domainName }: Distribution): ResourceState {
  return { physicalId: id, attributes: { Id: id, DomainName: domainName } }
}

interface FunctionProperties {
  AutoPublish?: boolean | string
  FunctionCode: string
  Name: string
}

function functionType(model: CloudFrontModel, isUsed: (id: string) => boolean): ResourceType {
  const put = (arn: string, { Name, FunctionCode, AutoPublish }: FunctionProperties) => {
    checkCode(FunctionCode)
    const publishes = String(AutoPublish) === 'true'
    model.functions.set(arn, { name: Name, liveCode: publishes ? FunctionCode : model.functions.get(arn)?.liveCode })
    const Stage = publishes ? 'LIVE' : 'DEVELOPMENT'
    return { physicalId: arn, attributes: { FunctionARN: arn, 'FunctionMetadata.FunctionARN': arn, Stage } }
  }
  return {
    knows: ['AutoPublish', 'FunctionCode', 'FunctionConfig.Comment', 'FunctionConfig.Runtime', 'Name'],
    nameProperty: 'Name',
    replacedBy: ['Name'],
    async create({ properties }) {
      const wanted = properties as unknown as FunctionProperties
      const arn = cloudFrontArn(`function/${wanted.Name}`)
      if (model.functions.has(arn)) {
        throw new AwsError(
          'FunctionAlreadyExists',
          'A function with the same name already exists in this account.',
          409,
        )
      }
      return put(arn, wanted)
    },
    async update({ properties }, { physicalId }) {
      return put(physicalId, properties as unknown as FunctionProperties)
    },
    async delete({ physicalId }) {
      if (isUsed(physicalId)) throw inUse('Function', physicalId)
      model.functions.delete(physicalId)
    },
  }
}

interface ConfigTypeOptions<Config> {
  /** Also the name of the property that holds it: `<kind>Config`. */
  kind: string
  /** What of it is known; all unless given. */
  members?: readonly string[]
  known: Map<string, Config>
  isUsed: (id: string) => boolean
  newId: () => string
  check?: (config: Config) => void
}

/** A resource that is nothing but its configuration under an id. */
function configType<Config extends { Name: string }>(options: ConfigTypeOptions<Config>): ResourceType {
  const { kind, members, known, isUsed, check } = options
  const put = (id: string, properties: Record<string, unknown>) => {
    const config = properties[`${kind}Config`] as Config
    check?.(config)
    const taken = [...known].some(([otherId, { Name }]) => otherId !== id && Name === config.Name)
    if (taken) throw new AwsError(`${kind}AlreadyExists`, `The ${words(kind)} ${config.Name} already exists.`, 409)
    known.set(id, config)
    return { physicalId: id, attributes: { Id: id, LastModifiedTime: new Date().toISOString() } }
  }
  return {
    knows: members?.map((member) => `${kind}Config.${member}`) ?? [`${kind}Config`],
    create: async ({ properties }) => put(options.newId(), properties),
    update: async ({ properties }, { physicalId }) => put(physicalId, properties),
    async delete({ physicalId }) {
      if (isUsed(physicalId)) throw inUse(kind, physicalId)
      known.delete(physicalId)
    },
  }
}

function inUse(kind: string, id: string): AwsError {
  const message = `Cannot delete the ${words(kind)} ${id} because it is attached to a distribution.`
  return new AwsError(`${kind}InUse`, message, 409)
}

/** `CachePolicy` → `cache policy` */
function words(kind: string): string {
  return kind.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase()
}
