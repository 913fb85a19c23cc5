import type { EC2, ResourceType as Ec2ResourceType } from '@aws-sdk/client-ec2'
import type { ResourceRequest } from '../resource-type.ts'
import { staleTags, tagsOf } from './tags.ts'

/** How a creation says its tags; nothing when there are none. */
export function tagSpecifications(request: ResourceRequest, type: Ec2ResourceType) {
  const tags = tagsOf(request)
  return tags.length > 0 ? { TagSpecifications: [{ ResourceType: type, Tags: tags }] } : {}
}

export async function retag(client: EC2, id: string, request: ResourceRequest): Promise<void> {
  const { Tags } = await client.describeTags({ Filters: [{ Name: 'resource-id', Values: [id] }] })
  const wanted = tagsOf(request)
  const stale = staleTags(Tags, wanted)
  if (stale.length > 0) await client.deleteTags({ Resources: [id], Tags: stale.map((Key) => ({ Key })) })
  if (wanted.length > 0) await client.createTags({ Resources: [id], Tags: wanted })
}
