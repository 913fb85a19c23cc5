import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { environments } from '../../lib/environment/environments.mts'
import { templateOf, withCosts } from './synthesis.ts'

const template = templateOf('production', withCosts)
const key = withCosts.KMS_KEY_ARN

test('the CDN asks the web ACL', () => {
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: { WebACLId: withCosts.WEB_ACL_ARN },
  })
})

test('flow logs go to the bucket of the access logs, once they may', () => {
  template.hasResource('AWS::EC2::FlowLog', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^AccessLogsBucketPolicy')]),
    Properties: Match.objectLike({
      LogDestinationType: 's3',
      LogDestination: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['LogBucket', 'Arn'] }, '/vpc/']] },
      TrafficType: 'ALL',
    }),
  })
})

test('flow logs bring access logs to development, too', () => {
  const development = templateOf('development', { FLOW_LOGS: 'on' })
  development.resourceCountIs('AWS::EC2::FlowLog', 1)
  assert.match(JSON.stringify(development.toJSON()), /access_logs\.s3\.bucket/)
})

test('tables, secrets, logs and alarms are encrypted with the key', () => {
  template.allResourcesProperties('AWS::DynamoDB::Table', {
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key },
  })
  template.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: key })
  template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: key })
  template.allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: key })
})

test('the documented key policy lets EventBridge use the key, without a condition that SNS does not support', () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/SETTINGS_THAT_COST.md'), 'utf8')
  const statements: { Principal: object; Condition: object }[] = JSON.parse(/```json\n(.*?)```/s.exec(document)![1]!)
  const ofEvents = statements.filter(({ Principal }) => JSON.stringify(Principal).includes('events.amazonaws.com'))
  assert.equal(ofEvents.length, 1)
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  assert.doesNotMatch(JSON.stringify(ofEvents), /aws:Source/)
})

test('the recipient of the alarms hears of a budget that will be, or was, exceeded', () => {
  const subscribers = [{ Address: 'oncall@example.com', SubscriptionType: 'EMAIL' }]
  const notified = (NotificationType: string) => ({
    Notification: { NotificationType, ComparisonOperator: 'GREATER_THAN', Threshold: 100 },
    Subscribers: subscribers,
  })
  template.hasResourceProperties('AWS::Budgets::Budget', {
    Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 200, Unit: 'USD' } },
    NotificationsWithSubscribers: [notified('FORECASTED'), notified('ACTUAL')],
  })
})

test('without them, nothing of it is there', () => {
  const plain = JSON.stringify(templateOf('production').toJSON())
  assert.doesNotMatch(plain, /FlowLog|WebACL|KmsKey|KMSMaster|KmsMaster|Budget/)
  template.resourceCountIs('AWS::KMS::Key', 0)
})

test('no environment has Container Insights, whatever the account has', () => {
  for (const environment of environments) {
    templateOf(environment).hasResourceProperties('AWS::ECS::Cluster', {
      ClusterSettings: [{ Name: 'containerInsights', Value: 'disabled' }],
    })
    assert.doesNotMatch(JSON.stringify(templateOf(environment).toJSON()), /ContainerInsights/)
  }
})
