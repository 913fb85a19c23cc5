import type { ParameterType } from '@aws-sdk/client-ssm'
import { physicalName } from '../physical-name.ts'
import type { ResourceRequest, ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { retag, tagsOf } from './tags.ts'

interface ParameterProperties {
  Name?: string
  Type: ParameterType
  Value: string | number
  Description?: string
}

export function ssmTypes({ ssm }: Clients): ResourceTypes {
  return {
    'AWS::SSM::Parameter': {
      knows: ['Description', 'Name', 'Tags', 'Type', 'Value'],
      nameProperty: 'Name',
      replacedBy: ['Name', 'Type'],
      taggable: true,
      async create(request) {
        const name = (request.properties as unknown as ParameterProperties).Name ?? physicalName(request)
        // without Overwrite, a parameter that exists is refused
        await ssm().putParameter({ ...parameterOf(request), Name: name, Tags: tagsOf(tagged(request)) })
        return stateOf(name, request)
      },
      async update(request, { physicalId }) {
        const client = ssm()
        await client.putParameter({ ...parameterOf(request), Name: physicalId, Overwrite: true })
        const parameter = { ResourceType: 'Parameter', ResourceId: physicalId } as const
        await retag(tagged(request), {
          existing: async () => (await client.listTagsForResource(parameter)).TagList,
          remove: (TagKeys) => client.removeTagsFromResource({ ...parameter, TagKeys }),
          add: (Tags) => client.addTagsToResource({ ...parameter, Tags }),
        })
        return stateOf(physicalId, request)
      },
      async delete({ physicalId }) {
        await ssm().deleteParameter({ Name: physicalId })
      },
    },
  }
}

/** An object of tags in a template, unlike everywhere else. */
function tagged(request: ResourceRequest): ResourceRequest {
  const own = Object.entries((request.properties['Tags'] ?? {}) as Record<string, string>)
  return { ...request, properties: { Tags: own.map(([Key, Value]) => ({ Key, Value })) } }
}

function parameterOf({ properties }: ResourceRequest) {
  const { Type, Value, Description } = properties as unknown as ParameterProperties
  return { Type, Value: String(Value), Description }
}

function stateOf(name: string, { properties }: ResourceRequest): ResourceState {
  const { Type, Value } = properties as unknown as ParameterProperties
  return { physicalId: name, attributes: { Type, Value: String(Value) } }
}
