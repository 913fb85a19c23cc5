import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordedTypes } from '../cloudformation/resources/recorded.ts'

const topic = 'arn:aws:sns:us-east-1:000000000000:alarms'
const hex = '0[0-9a-f]{16}$'

/** Type, what a template says of it, what Ref gives, and the attributes that a template may ask for. */
const cases: [type: string, properties: Record<string, unknown>, physicalId: string, attributes: string[]][] = [
  ['Budgets::Budget', {}, '^Id-[A-Z0-9]{12}$', []],
  ['EC2::EIP', { Domain: 'vpc' }, '^203\\.0\\.113\\.\\d+$', ['AllocationId', 'PublicIp']],
  ['EC2::FlowLog', {}, `^fl-${hex}`, ['Id']],
  ['EC2::InternetGateway', {}, `^igw-${hex}`, ['InternetGatewayId']],
  ['EC2::NatGateway', {}, `^nat-${hex}`, ['NatGatewayId']],
  ['EC2::Route', { RouteTableId: 'rtb-1', DestinationCidrBlock: '0.0.0.0/0' }, '^rtb-1\\|0.0.0.0/0$', ['CidrBlock']],
  ['EC2::RouteTable', {}, `^rtb-${hex}`, ['RouteTableId']],
  ['EC2::SecurityGroup', { VpcId: 'vpc-1' }, `^sg-${hex}`, ['GroupId', 'Id', 'VpcId']],
  ['EC2::SecurityGroupEgress', {}, `^sgr-${hex}`, ['Id']],
  ['EC2::SecurityGroupIngress', {}, `^sgr-${hex}`, ['Id']],
  [
    'EC2::Subnet',
    { AvailabilityZone: 'us-east-1a', CidrBlock: '10.0.0.0/24', VpcId: 'vpc-1' },
    `^subnet-${hex}`,
    ['SubnetId', 'AvailabilityZone', 'CidrBlock', 'VpcId'],
  ],
  ['EC2::SubnetRouteTableAssociation', {}, `^rtbassoc-${hex}`, ['Id']],
  [
    'EC2::VPC',
    { CidrBlock: '10.0.0.0/16' },
    `^vpc-${hex}`,
    ['VpcId', 'CidrBlock', 'DefaultSecurityGroup', 'DefaultNetworkAcl'],
  ],
  ['EC2::VPCEndpoint', {}, `^vpce-${hex}`, ['Id', 'CreationTimestamp']],
  ['EC2::VPCGatewayAttachment', { VpcId: 'vpc-1' }, '^IGW\\|vpc-1$', ['AttachmentType']],
  ['Events::Rule', { Name: 'failed' }, '^failed$', ['Arn']],
  ['Logs::MetricFilter', { LogGroupName: 'a' }, '^Stack-Id-[A-Z0-9a-z]+$', []],
  ['SNS::Subscription', { TopicArn: topic }, `^${topic}:[0-9a-f-]{36}$`, ['Arn']],
  ['SNS::Topic', { TopicName: 'alarms' }, `^${topic}$`, ['TopicArn', 'TopicName']],
  ['SNS::TopicPolicy', {}, '^Stack-Id-[A-Z0-9]{12}$', []],
]

for (const [type, properties, physicalId, attributes] of cases) {
  test(`a recorded ${type} has an id and attributes, and keeps them through an update`, async () => {
    const recorded = recordedTypes[`AWS::${type}`]!
    const request = { logicalId: 'Id', stackName: 'Stack', stackId: 'arn:stack', properties, tags: {} }
    const created = await recorded.create(request)
    assert.match(created.physicalId, new RegExp(physicalId))
    assert.deepEqual(Object.keys(created.attributes), attributes)
    assert.ok(Object.values(created.attributes).every(Boolean), JSON.stringify(created.attributes))
    assert.deepEqual(await recorded.update!(request, created, properties), created)
  })
}
