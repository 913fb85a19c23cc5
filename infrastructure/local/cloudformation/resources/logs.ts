import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { account, region } from '../../settings.ts'
import { physicalName } from '../physical-name.ts'
import type { ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { finishOrRemove } from './several-calls.ts'
import { retag, tagMapOf } from './tags.ts'
import { textOf } from './property-values.ts'

export function logsTypes({ logs }: Clients): ResourceTypes {
  return {
    'AWS::Logs::LogGroup': {
      knows: ['KmsKeyId', 'LogGroupName', 'RetentionInDays', 'Tags'],
      nameProperty: 'LogGroupName',
      replacedBy: ['LogGroupName'],
      taggable: true,
      async create(request) {
        const client = logs()
        const name = textOf(request.properties['LogGroupName'] ?? physicalName(request, 512))
        const tags = tagMapOf(request)
        await client.createLogGroup({ logGroupName: name, ...(Object.keys(tags).length > 0 && { tags }) })
        await finishOrRemove(
          () => retain(client, name, request.properties['RetentionInDays']),
          () => client.deleteLogGroup({ logGroupName: name }),
        )
        return stateOf(name)
      },
      async update(request, { physicalId }) {
        const client = logs()
        await retain(client, physicalId, request.properties['RetentionInDays'])
        const resourceArn = arnOf(physicalId)
        await retag(request, {
          async existing() {
            const { tags } = await client.listTagsForResource({ resourceArn })
            return Object.keys(tags ?? {}).map((Key) => ({ Key }))
          },
          remove: (tagKeys) => client.untagResource({ resourceArn, tagKeys }),
          add: () => client.tagResource({ resourceArn, tags: tagMapOf(request) }),
        })
        return stateOf(physicalId)
      },
      async delete({ physicalId }) {
        await logs().deleteLogGroup({ logGroupName: physicalId })
      },
      async read({ physicalId }) {
        const { logGroups = [] } = await logs().describeLogGroups({ logGroupNamePrefix: physicalId })
        const group = logGroups.find(({ logGroupName }) => logGroupName === physicalId)
        return group && { RetentionInDays: group.retentionInDays }
      },
    },
  }
}

async function retain(client: CloudWatchLogs, logGroupName: string, days: unknown): Promise<void> {
  if (days === undefined) await client.deleteRetentionPolicy({ logGroupName })
  else await client.putRetentionPolicy({ logGroupName, retentionInDays: Number(days) })
}

function stateOf(name: string): ResourceState {
  return { physicalId: name, attributes: { Arn: `${arnOf(name)}:*` } }
}

function arnOf(name: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${name}`
}
