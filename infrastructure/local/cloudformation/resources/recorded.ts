import { randomUUID } from 'node:crypto'
import { account, region } from '../../settings.ts'
import { physicalName } from '../physical-name.ts'
import type { ResourceRequest, ResourceState, ResourceType, ResourceTypes } from '../resource-type.ts'
import { textOf } from './property-values.ts'

/** Types that nothing here brings about: the stack remembers them, with identifiers, and `limits` says so. */
export const recordedTypes: ResourceTypes = {
  'AWS::CDK::Metadata': recorded(() => ({ physicalId: randomUUID(), attributes: {} })),
  'AWS::CloudFormation::WaitConditionHandle': recorded((request) => ({
    physicalId: physicalName(request),
    attributes: {},
  })),
  'AWS::KMS::Key': recorded(() => {
    const KeyId = randomUUID()
    return { physicalId: KeyId, attributes: { KeyId, Arn: `arn:aws:kms:${region}:${account}:key/${KeyId}` } }
  }),
  'AWS::KMS::Alias': recorded(({ properties }) => ({ physicalId: textOf(properties['AliasName']), attributes: {} })),
}

function recorded(create: (request: ResourceRequest) => ResourceState): ResourceType {
  return {
    create: async (request) => create(request),
    update: async (_, current) => current,
    delete: async () => {},
  }
}
