import type { SNS } from '@aws-sdk/client-sns'
import { AwsError } from '../../gateway/room.ts'
import { account, region } from '../../settings.ts'
import { physicalName, randomSuffix } from '../physical-name.ts'
import type { Properties, ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { motoType } from './moto-type.ts'
import { retag, tagsOf } from './tags.ts'
import { textOf } from './property-values.ts'

export function snsTypes({ sns }: Clients): ResourceTypes {
  return {
    'AWS::SNS::Topic': motoType({
      knows: ['DisplayName', 'KmsMasterKeyId', 'Tags', 'TopicName'],
      nameProperty: 'TopicName',
      replacedBy: ['TopicName'],
      taggable: true,
      async create(request) {
        const client = sns()
        const name = textOf(request.properties['TopicName'] ?? physicalName(request, 256))
        await refuseExisting(client, `arn:aws:sns:${region}:${account}:${name}`)
        const { TopicArn } = await client.createTopic({
          Name: name,
          Attributes: topicAttributes(request.properties),
          Tags: tagsOf(request),
        })
        return { physicalId: TopicArn!, attributes: { TopicArn, TopicName: name } }
      },
      async update(request, current) {
        const client = sns()
        const wanted = { DisplayName: '', KmsMasterKeyId: '', ...topicAttributes(request.properties) }
        for (const [AttributeName, AttributeValue] of Object.entries(wanted)) {
          await client.setTopicAttributes({ TopicArn: current.physicalId, AttributeName, AttributeValue })
        }
        const ResourceArn = current.physicalId
        await retag(request, {
          existing: async () => (await client.listTagsForResource({ ResourceArn })).Tags,
          remove: (TagKeys) => client.untagResource({ ResourceArn, TagKeys }),
          add: (Tags) => client.tagResource({ ResourceArn, Tags }),
        })
        return current
      },
      async delete({ physicalId }) {
        await sns().deleteTopic({ TopicArn: physicalId })
      },
    }),

    'AWS::SNS::TopicPolicy': motoType({
      knows: ['PolicyDocument', 'Topics'],
      create: async ({ properties, stackName, logicalId }) => ({
        ...(await putPolicy(sns(), properties)),
        physicalId: `${stackName}-${logicalId}-${randomSuffix()}`,
      }),
      async update({ properties }, current) {
        await putPolicy(sns(), properties)
        return current
      },
      // a topic cannot be without a policy: AWS lets the last one stand
      delete: async () => {},
    }),

    'AWS::SNS::Subscription': motoType({
      knows: ['Endpoint', 'FilterPolicy', 'Protocol', 'RawMessageDelivery', 'TopicArn'],
      async create({ properties }) {
        const { SubscriptionArn } = await sns().subscribe({
          TopicArn: textOf(properties['TopicArn']),
          Protocol: textOf(properties['Protocol']),
          Endpoint: textOf(properties['Endpoint']),
          Attributes: subscriptionAttributes(properties),
          ReturnSubscriptionArn: true,
        })
        return { physicalId: SubscriptionArn!, attributes: { Arn: SubscriptionArn } }
      },
      async delete({ physicalId }) {
        await sns().unsubscribe({ SubscriptionArn: physicalId })
      },
    }),
  }
}

/** CreateTopic of an existing name succeeds; CloudFormation does not take over what it did not make. */
async function refuseExisting(client: SNS, arn: string): Promise<void> {
  try {
    await client.getTopicAttributes({ TopicArn: arn })
  } catch {
    return
  }
  throw new AwsError('AlreadyExists', `${arn} already exists`)
}

function topicAttributes({ DisplayName, KmsMasterKeyId }: Properties): Record<string, string> {
  return {
    ...(DisplayName !== undefined && { DisplayName: textOf(DisplayName) }),
    ...(KmsMasterKeyId !== undefined && { KmsMasterKeyId: textOf(KmsMasterKeyId) }),
  }
}

function subscriptionAttributes({ FilterPolicy, RawMessageDelivery }: Properties): Record<string, string> {
  return {
    ...(FilterPolicy !== undefined && { FilterPolicy: JSON.stringify(FilterPolicy) }),
    ...(RawMessageDelivery !== undefined && { RawMessageDelivery: textOf(RawMessageDelivery) }),
  }
}

async function putPolicy(
  client: SNS,
  { PolicyDocument, Topics }: Properties,
): Promise<Pick<ResourceState, 'attributes'>> {
  const AttributeValue = JSON.stringify(PolicyDocument)
  await Promise.all(
    (Topics as string[]).map((TopicArn) =>
      client.setTopicAttributes({ TopicArn, AttributeName: 'Policy', AttributeValue }),
    ),
  )
  return { attributes: {} }
}
