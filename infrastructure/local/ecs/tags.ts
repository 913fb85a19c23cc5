import { AwsError } from '../gateway/room.ts'
import type { Action } from '../gateway/room.ts'
import type { Tag } from './model.ts'
import type { Records } from './records.ts'

export function tagActions(records: Records): Record<string, Action> {
  const find = (arn: unknown): { tags: Tag[] } => {
    const all = [...records.clusters(), ...records.services(), ...records.tasks()]
    const found = all.find((resource) => resource.arn === arn) ?? records.findTaskDefinition(String(arn))
    if (!found) throw new AwsError('InvalidParameterException', 'The specified resource cannot be found.')
    return found
  }
  return {
    TagResource(input) {
      const resource = find(input['resourceArn'])
      const added = input['tags'] as Tag[]
      resource.tags = [...resource.tags.filter(({ key }) => !added.some((tag) => tag.key === key)), ...added]
      return {}
    },
    UntagResource(input) {
      const resource = find(input['resourceArn'])
      const keys = input['tagKeys'] as string[]
      resource.tags = resource.tags.filter(({ key }) => !keys.includes(key))
      return {}
    },
    ListTagsForResource: (input) => ({ tags: find(input['resourceArn']).tags }),
  }
}
