import type { EC2, ResourceType as Ec2ResourceType } from '@aws-sdk/client-ec2'
import type { ResourceRequest } from '../resource-type.ts'
import { retag, tagsOf } from './tags.ts'

/** How a creation says its tags; nothing when there are none. */
export function tagSpecifications(request: ResourceRequest, type: Ec2ResourceType) {
  const tags = tagsOf(request)
  return tags.length > 0 ? { TagSpecifications: [{ ResourceType: type, Tags: tags }] } : {}
}

export function retagEc2(client: EC2, id: string, request: ResourceRequest): Promise<void> {
  return retag(request, {
    existing: async () => (await client.describeTags({ Filters: [{ Name: 'resource-id', Values: [id] }] })).Tags,
    remove: (keys) => client.deleteTags({ Resources: [id], Tags: keys.map((Key) => ({ Key })) }),
    add: (Tags) => client.createTags({ Resources: [id], Tags }),
  })
}
