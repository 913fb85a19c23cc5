import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { account, region } from '../../settings.ts'
import { physicalName, randomSuffix } from '../physical-name.ts'
import type { ResourceRequest, ResourceState, ResourceType, ResourceTypes } from '../resource-type.ts'
import { textOf } from './property-values.ts'

/**
 * Types that nothing here acts on: the stack remembers them, with identifiers as AWS gives them, and `limits` says so.
 * No other API of the local AWS knows them: `aws ec2 describe-vpcs` does not show a stack's VPC.
 */
export const recordedTypes: ResourceTypes = {
  'AWS::Budgets::Budget': recorded(
    ({ logicalId }) => ({ physicalId: `${logicalId}-${randomSuffix()}`, attributes: {} }),
    { replacedBy: ['NotificationsWithSubscribers'] },
  ),
  'AWS::CDK::Metadata': recorded(() => ({ physicalId: randomUUID(), attributes: {} })),

  'AWS::EC2::EIP': recorded(
    () => {
      // of the range that is set aside for documents
      const PublicIp = `203.0.113.${randomInt(1, 255)}`
      return { physicalId: PublicIp, attributes: { AllocationId: ec2Id('eipalloc'), PublicIp } }
    },
    { replacedBy: ['Domain'], taggable: true },
  ),
  'AWS::EC2::FlowLog': identified('fl', 'Id', {
    replacedBy: ['LogDestination', 'LogDestinationType', 'ResourceId', 'ResourceType', 'TrafficType'],
    taggable: true,
  }),
  'AWS::EC2::InternetGateway': identified('igw', 'InternetGatewayId', { taggable: true }),
  'AWS::EC2::NatGateway': identified('nat', 'NatGatewayId', {
    replacedBy: ['AllocationId', 'SubnetId'],
    taggable: true,
  }),
  'AWS::EC2::Route': recorded(
    ({ properties: { RouteTableId, DestinationCidrBlock } }) => ({
      physicalId: `${textOf(RouteTableId)}|${textOf(DestinationCidrBlock)}`,
      attributes: { CidrBlock: DestinationCidrBlock },
    }),
    { replacedBy: ['DestinationCidrBlock', 'RouteTableId'] },
  ),
  'AWS::EC2::RouteTable': identified('rtb', 'RouteTableId', { replacedBy: ['VpcId'], taggable: true }),
  'AWS::EC2::SecurityGroup': recorded(
    ({ properties: { VpcId } }) => {
      const GroupId = ec2Id('sg')
      return { physicalId: GroupId, attributes: { GroupId, Id: GroupId, VpcId } }
    },
    { nameProperty: 'GroupName', replacedBy: ['GroupDescription', 'GroupName', 'VpcId'], taggable: true },
  ),
  'AWS::EC2::SecurityGroupEgress': identified('sgr', 'Id', { replacedBy: ['DestinationSecurityGroupId', 'GroupId'] }),
  'AWS::EC2::SecurityGroupIngress': identified('sgr', 'Id', { replacedBy: ['GroupId', 'SourceSecurityGroupId'] }),
  'AWS::EC2::Subnet': recorded(
    ({ properties: { AvailabilityZone, CidrBlock, VpcId } }) => {
      const SubnetId = ec2Id('subnet')
      return { physicalId: SubnetId, attributes: { SubnetId, AvailabilityZone, CidrBlock, VpcId } }
    },
    { replacedBy: ['AvailabilityZone', 'CidrBlock', 'VpcId'], taggable: true },
  ),
  'AWS::EC2::SubnetRouteTableAssociation': identified('rtbassoc', 'Id', { replacedBy: ['RouteTableId', 'SubnetId'] }),
  'AWS::EC2::VPC': recorded(
    ({ properties: { CidrBlock } }) => {
      const VpcId = ec2Id('vpc')
      const defaults = { DefaultSecurityGroup: ec2Id('sg'), DefaultNetworkAcl: ec2Id('acl') }
      return { physicalId: VpcId, attributes: { VpcId, CidrBlock, ...defaults } }
    },
    { replacedBy: ['CidrBlock', 'InstanceTenancy'], taggable: true },
  ),
  'AWS::EC2::VPCEndpoint': recorded(
    () => {
      const Id = ec2Id('vpce')
      return { physicalId: Id, attributes: { Id, CreationTimestamp: new Date().toISOString() } }
    },
    { replacedBy: ['ServiceName', 'VpcEndpointType', 'VpcId'], taggable: true },
  ),
  'AWS::EC2::VPCGatewayAttachment': recorded(
    ({ properties: { VpcId } }) => ({
      physicalId: `IGW|${textOf(VpcId)}`,
      attributes: { AttachmentType: 'IGW' },
    }),
    { replacedBy: ['InternetGatewayId', 'VpcId'] },
  ),

  'AWS::Events::Rule': recorded(
    (request) => {
      const name = textOf(request.properties['Name'] ?? physicalName(request, 64))
      return { physicalId: name, attributes: { Arn: `arn:aws:events:${region}:${account}:rule/${name}` } }
    },
    { nameProperty: 'Name', replacedBy: ['Name', 'EventBusName'], taggable: true },
  ),

  'AWS::KMS::Key': recorded(() => {
    const KeyId = randomUUID()
    return { physicalId: KeyId, attributes: { KeyId, Arn: `arn:aws:kms:${region}:${account}:key/${KeyId}` } }
  }),
  'AWS::KMS::Alias': recorded(({ properties }) => ({ physicalId: textOf(properties['AliasName']), attributes: {} })),

  'AWS::Logs::MetricFilter': recorded(
    (request) => ({
      physicalId: textOf(request.properties['FilterName'] ?? physicalName(request, 512)),
      attributes: {},
    }),
    { nameProperty: 'FilterName', replacedBy: ['FilterName', 'LogGroupName'] },
  ),

  'AWS::Route53::RecordSet': recorded(({ properties: { Name } }) => ({ physicalId: textOf(Name), attributes: {} }), {
    replacedBy: ['HostedZoneId', 'HostedZoneName', 'Name'],
  }),
  'AWS::SNS::Subscription': recorded(
    ({ properties: { TopicArn } }) => {
      const Arn = `${textOf(TopicArn)}:${randomUUID()}`
      return { physicalId: Arn, attributes: { Arn } }
    },
    { replacedBy: ['Endpoint', 'Protocol', 'TopicArn'] },
  ),
  'AWS::SNS::Topic': recorded(
    (request) => {
      const TopicName = textOf(request.properties['TopicName'] ?? physicalName(request, 256))
      const TopicArn = `arn:aws:sns:${region}:${account}:${TopicName}`
      return { physicalId: TopicArn, attributes: { TopicArn, TopicName } }
    },
    { nameProperty: 'TopicName', replacedBy: ['TopicName'], taggable: true },
  ),
  'AWS::SNS::TopicPolicy': recorded(({ stackName, logicalId }) => ({
    physicalId: `${stackName}-${logicalId}-${randomSuffix()}`,
    attributes: {},
  })),
}

function recorded(
  create: (request: ResourceRequest) => ResourceState,
  changes: Pick<ResourceType, 'nameProperty' | 'replacedBy' | 'taggable'> = {},
): ResourceType {
  return {
    ...changes,
    create: async (request) => create(request),
    update: async (_, current) => current,
    delete: async () => {},
  }
}

/** A type of EC2 of which only the id is asked for: by Ref, and by this attribute. */
function identified(prefix: string, attribute: string, changes: Parameters<typeof recorded>[1]): ResourceType {
  return recorded(() => {
    const physicalId = ec2Id(prefix)
    return { physicalId, attributes: { [attribute]: physicalId } }
  }, changes)
}

/** Ids look like `subnet-0a1b2c3d4e5f60718`. */
function ec2Id(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`
}
