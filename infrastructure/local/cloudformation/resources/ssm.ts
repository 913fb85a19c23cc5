import type { ParameterType } from '@aws-sdk/client-ssm'
import { physicalName } from '../physical-name.ts'
import type { ResourceRequest, ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { motoType } from './moto-type.ts'
import { tagsOf } from './tags.ts'

interface ParameterProperties {
  Name?: string
  Type: ParameterType
  Value: string | number
  Description?: string
}

export function ssmTypes({ ssm }: Clients): ResourceTypes {
  return {
    'AWS::SSM::Parameter': motoType({
      knows: ['AllowedPattern', 'Description', 'Name', 'Tags', 'Tier', 'Type', 'Value'],
      nameProperty: 'Name',
      replacedBy: ['Name', 'Type'],
      async create(request) {
        const name = (request.properties as unknown as ParameterProperties).Name ?? physicalName(request)
        const { Value, ...parameter } = parameterOf(request)
        // tags cannot come with Overwrite; a parameter that exists is refused
        await ssm().putParameter({ ...parameter, Name: name, Value, Tags: tagList(request) })
        return stateOf(name, request)
      },
      async update(request, { physicalId }) {
        await ssm().putParameter({ ...parameterOf(request), Name: physicalId, Overwrite: true })
        return stateOf(physicalId, request)
      },
      async delete({ physicalId }) {
        await ssm().deleteParameter({ Name: physicalId })
      },
    }),
  }
}

/** An object of tags in a template, unlike everywhere else. */
function tagList(request: ResourceRequest) {
  const own = Object.entries((request.properties['Tags'] ?? {}) as Record<string, string>)
  return tagsOf({ ...request, properties: { Tags: own.map(([Key, Value]) => ({ Key, Value })) } })
}

function parameterOf({ properties }: ResourceRequest) {
  const { Type, Value, Description } = properties as unknown as ParameterProperties
  return { Type, Value: String(Value), Description }
}

function stateOf(name: string, { properties }: ResourceRequest): ResourceState {
  const { Type, Value } = properties as unknown as ParameterProperties
  return { physicalId: name, attributes: { Type, Value: String(Value) } }
}
