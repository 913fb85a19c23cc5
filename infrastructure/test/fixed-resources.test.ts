import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environmentNames, environments } from '../../lib/environment/environments.mts'
import { templateOf } from './synthesis.ts'

/*
 * What a task definition or the service refers to. CloudFormation knows neither, so it would replace these under a
 * running service. A logical id or a name that changes here breaks every environment that is deployed: do not adapt this
 * table, keep the stack as it is.
 */
const referredTo = ({ prefix, cluster, logGroup }: ReturnType<typeof environmentNames>) => ({
  Cluster: ['AWS::ECS::Cluster', 'ClusterName', cluster],
  LogGroup: ['AWS::Logs::LogGroup', 'LogGroupName', logGroup],
  TargetGroup: ['AWS::ElasticLoadBalancingV2::TargetGroup', 'Name', `${prefix}-tasks`],
  LoadBalancer: ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'Name', prefix],
  TaskSecurityGroup: ['AWS::EC2::SecurityGroup', 'GroupName', `${prefix}-tasks`],
  LoadBalancerSecurityGroup: ['AWS::EC2::SecurityGroup', 'GroupName', `${prefix}-load-balancer`],
  TaskRole: ['AWS::IAM::Role', 'RoleName', `${prefix}-task`],
  TaskExecutionRole: ['AWS::IAM::Role', 'RoleName', `${prefix}-task-execution`],
  ApplicationTable: ['AWS::DynamoDB::Table', 'TableName', `${prefix}-application`],
  LedgerTable: ['AWS::DynamoDB::Table', 'TableName', `${prefix}-ledger`],
  AdminSecret: ['AWS::SecretsManager::Secret', 'Name', `${prefix}-admin-secret`],
})

/** These cannot have a name; what they are made of must not change either. */
const unnamed = {
  Vpc: ['AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }],
  TaskSubnet1: ['AWS::EC2::Subnet', { CidrBlock: '10.0.16.0/20', AvailabilityZone: zone(0) }],
  TaskSubnet2: ['AWS::EC2::Subnet', { CidrBlock: '10.0.32.0/20', AvailabilityZone: zone(1) }],
  Listener: ['AWS::ElasticLoadBalancingV2::Listener', { Port: 80, Protocol: 'HTTP' }],
  SiteBucket: ['AWS::S3::Bucket', {}],
  Distribution: ['AWS::CloudFront::Distribution', {}],
} as const

function zone(index: number) {
  return { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] }
}

for (const environment of environments) {
  const names = environmentNames(environment)

  test(`${environment}: what the service refers to has a fixed name and logical id`, () => {
    const { Resources } = templateOf(environment).toJSON()
    const found = Object.fromEntries(
      Object.entries(referredTo(names)).map(([logicalId, [, nameProperty]]) => {
        const resource = Resources[logicalId]
        return [logicalId, [resource?.Type, nameProperty, resource?.Properties[nameProperty!]]]
      }),
    )
    assert.deepEqual(found, referredTo(names))
  })

  test(`${environment}: an unnamed resource keeps its id and what would replace it`, () => {
    const { Resources } = templateOf(environment).toJSON()
    for (const [logicalId, [type, properties]] of Object.entries(unnamed)) {
      assert.equal(Resources[logicalId]?.Type, type, logicalId)
      for (const [name, value] of Object.entries(properties)) {
        assert.deepEqual(Resources[logicalId].Properties[name], value, `${logicalId}.${name}`)
      }
    }
  })

  test(`${environment}: names of load balancer and target group are valid`, () => {
    for (const name of [names.prefix, `${names.prefix}-tasks`]) assert.match(name, /^(?!internal-)[a-z0-9-]{1,32}$/)
  })
}
