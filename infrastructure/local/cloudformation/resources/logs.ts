import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { account, region } from '../../settings.ts'
import { physicalName } from '../physical-name.ts'
import type { ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { made, motoType } from './moto-type.ts'
import { tagMapOf } from './tags.ts'
import { textOf } from './property-values.ts'

export function logsTypes({ logs }: Clients): ResourceTypes {
  return {
    'AWS::Logs::LogGroup': motoType({
      knows: ['LogGroupClass', 'LogGroupName', 'RetentionInDays', 'Tags'],
      nameProperty: 'LogGroupName',
      replacedBy: ['LogGroupName'],
      async create(request) {
        const client = logs()
        const name = textOf(request.properties['LogGroupName'] ?? physicalName(request, 512))
        const tags = tagMapOf(request)
        await client.createLogGroup({ logGroupName: name, ...(Object.keys(tags).length > 0 && { tags }) })
        await made(
          () => retain(client, name, request.properties['RetentionInDays']),
          () => client.deleteLogGroup({ logGroupName: name }),
        )
        return stateOf(name)
      },
      async update({ properties }, { physicalId }) {
        await retain(logs(), physicalId, properties['RetentionInDays'])
        return stateOf(physicalId)
      },
      async delete({ physicalId }) {
        await logs().deleteLogGroup({ logGroupName: physicalId })
      },
    }),
  }
}

async function retain(client: CloudWatchLogs, logGroupName: string, days: unknown): Promise<void> {
  if (days === undefined) await client.deleteRetentionPolicy({ logGroupName })
  else await client.putRetentionPolicy({ logGroupName, retentionInDays: Number(days) })
}

function stateOf(name: string): ResourceState {
  return { physicalId: name, attributes: { Arn: `arn:aws:logs:${region}:${account}:log-group:${name}:*` } }
}
