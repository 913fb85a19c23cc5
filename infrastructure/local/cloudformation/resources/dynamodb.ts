import type { CreateTableCommandInput, DynamoDB } from '@aws-sdk/client-dynamodb'
import { isDeepStrictEqual } from 'node:util'
import { ResourceFailure } from '../failure-reason.ts'
import { physicalName } from '../physical-name.ts'
import type { ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { finishOrRemove, unless } from './several-calls.ts'
import { isTrue } from './property-values.ts'
import { retag, tagsOf } from './tags.ts'

/** The template's names are the API's, with few exceptions. */
interface TableProperties extends Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'BillingMode' | 'KeySchema'> {
  TableName?: string
  PointInTimeRecoverySpecification?: { PointInTimeRecoveryEnabled?: boolean }
  SSESpecification?: { SSEEnabled: boolean; SSEType?: 'KMS'; KMSMasterKeyId?: string }
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean }
}

export function dynamoDbTypes({ dynamoDb }: Clients): ResourceTypes {
  return {
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html */
    'AWS::DynamoDB::Table': {
      knows: [
        'AttributeDefinitions',
        'BillingMode',
        'KeySchema',
        'PointInTimeRecoverySpecification',
        'SSESpecification',
        'TableName',
        'Tags',
        'TimeToLiveSpecification',
      ],
      nameProperty: 'TableName',
      replacedBy: ['KeySchema', 'TableName'],
      taggable: true,
      async create(request) {
        const client = dynamoDb()
        const properties = request.properties as unknown as TableProperties
        const name = properties.TableName ?? physicalName(request, 255)
        await client.createTable({ ...tableInput(properties), TableName: name, Tags: tagsOf(request) })
        await finishOrRemove(
          () => configure(client, name, properties, {}),
          () => client.deleteTable({ TableName: name }),
        )
        return stateOf(client, name)
      },
      async update(request, { physicalId }, previous) {
        const client = dynamoDb()
        const properties = request.properties as unknown as TableProperties
        const before = previous as unknown as TableProperties
        requireOnDemand(properties)
        await configure(client, physicalId, properties, before)
        const state = await stateOf(client, physicalId)
        const ResourceArn = state.attributes['Arn'] as string
        await retag(request, {
          existing: async () => (await client.listTagsOfResource({ ResourceArn })).Tags,
          remove: (TagKeys) => client.untagResource({ ResourceArn, TagKeys }),
          add: (Tags) => client.tagResource({ ResourceArn, Tags }),
        })
        return state
      },
      async delete({ physicalId }) {
        await dynamoDb().deleteTable({ TableName: physicalId })
      },
      async read({ physicalId: TableName }) {
        const table = await unless('ResourceNotFoundException', dynamoDb().describeTable({ TableName }))
        if (!table) return undefined
        const [{ TimeToLiveDescription }, { ContinuousBackupsDescription }] = await Promise.all([
          dynamoDb().describeTimeToLive({ TableName }),
          dynamoDb().describeContinuousBackups({ TableName }),
        ])
        const { AttributeName, TimeToLiveStatus } = TimeToLiveDescription ?? {}
        const { PointInTimeRecoveryStatus } = ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {}
        return {
          BillingMode: table.Table?.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: PointInTimeRecoveryStatus === 'ENABLED' },
          TimeToLiveSpecification: { AttributeName, Enabled: TimeToLiveStatus === 'ENABLED' },
        }
      },
    },
  }
}

function tableInput(properties: TableProperties): Omit<CreateTableCommandInput, 'TableName'> {
  requireOnDemand(properties)
  const { AttributeDefinitions, BillingMode, KeySchema, SSESpecification } = properties
  return {
    AttributeDefinitions,
    BillingMode,
    KeySchema,
    ...(SSESpecification && { SSESpecification: { ...SSESpecification, Enabled: SSESpecification.SSEEnabled } }),
  }
}

function requireOnDemand({ BillingMode = 'PROVISIONED' }: TableProperties): void {
  if (BillingMode === 'PAY_PER_REQUEST') return
  throw new ResourceFailure(`the local AWS has no tables with the billing mode ${BillingMode}`)
}

/** What is not part of CreateTable. */
async function configure(
  client: DynamoDB,
  TableName: string,
  after: TableProperties,
  before: Partial<TableProperties>,
) {
  const ttl = after.TimeToLiveSpecification
  const ttlBefore = before.TimeToLiveSpecification
  const off = ttlBefore?.Enabled ? { ...ttlBefore, Enabled: false } : undefined
  if (!isDeepStrictEqual(ttl, ttlBefore)) {
    const specification = ttl ?? off
    if (specification) await client.updateTimeToLive({ TableName, TimeToLiveSpecification: specification })
  }
  const recovers = (of: Partial<TableProperties>): boolean =>
    isTrue(of.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled)
  if (recovers(after) === recovers(before)) return
  await client.updateContinuousBackups({
    TableName,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: recovers(after) },
  })
}

async function stateOf(client: DynamoDB, name: string): Promise<ResourceState> {
  const { Table } = await client.describeTable({ TableName: name })
  return { physicalId: name, attributes: { Arn: Table?.TableArn } }
}
