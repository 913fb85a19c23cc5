import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { environmentNames, environments } from '../../lib/environment/environments.mts'
import { createApp, only, templateOf, withDomain } from './synthesis.ts'

const watched = ['staging', 'production'] as const

for (const environment of environments.filter((name) => name === 'development' || name === 'local')) {
  test(`${environment} has neither alarms nor dashboard nor topic`, () => {
    for (const type of ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::SNS::Topic']) {
      templateOf(environment).resourceCountIs(type, 0)
    }
  })
}

for (const environment of watched) {
  const { prefix, cluster, service } = environmentNames(environment)
  const template = templateOf(environment)

  test(`${environment} alarms about tasks, errors, slowness, load and throttling`, () => {
    const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      (alarm) => (alarm as { Properties: { AlarmName: string } }).Properties.AlarmName,
    )
    assert.deepEqual(
      names.toSorted(),
      [
        'application-table-throttled',
        'backend-errors',
        'cpu-high',
        'ledger-table-throttled',
        'load-balancer-errors',
        'log-errors',
        'memory-high',
        'no-healthy-task',
        'site-errors',
        'slow-responses',
        'unhealthy-task',
      ].map((name) => `${prefix}-${name}`),
    )
  })

  test(`${environment}: each alarm and its end go to the topic`, () => {
    const topic = [{ Ref: Match.stringLikeRegexp('^MonitoringAlarms') }]
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: topic, OKActions: topic })
  })

  test(`${environment}: errors and slowness make ECS undo a deployment, within minutes`, () => {
    const alarmsById = template.findResources('AWS::CloudWatch::Alarm')
    const { Value } = template.toJSON().Outputs.DeploymentAlarmNames
    const [, parts] = Value['Fn::Join'] as [string, ({ Ref: string } | ',')[]]
    const alarms = parts.filter((part) => part !== ',').map(({ Ref }) => alarmsById[Ref]!['Properties'])
    assert.deepEqual(
      alarms.map(({ AlarmName, EvaluationPeriods, Period }) => [AlarmName, (EvaluationPeriods * Period) / 60]),
      [
        [`${prefix}-backend-errors`, 3],
        [`${prefix}-load-balancer-errors`, 3],
        [`${prefix}-slow-responses`, 3],
      ],
    )
  })

  test(`${environment}: a failed deployment of its service goes to the topic, and a line of the log that is an error counts`, () => {
    const Targets = [{ Arn: { Ref: Match.stringLikeRegexp('^MonitoringAlarms') } }]
    template.hasResourceProperties('AWS::Events::Rule', {
      Name: `${prefix}-failed-deployments`,
      EventPattern: {
        resources: [Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([`:service/${cluster}/${service}`])] })],
        detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
      Targets,
    })
    template.hasResourceProperties('AWS::Events::Rule', {
      Name: `${prefix}-stopped-tasks`,
      EventPattern: {
        'detail-type': ['ECS Task State Change'],
        detail: {
          clusterArn: [Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([`:cluster/${cluster}`])] })],
          group: [`service:${service}`],
          lastStatus: ['STOPPED'],
          stopCode: ['EssentialContainerExited'],
        },
      },
      Targets,
    })
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'sns:Publish', Principal: { Service: 'events.amazonaws.com' } }),
        ]),
      },
    })
    template.hasResourceProperties('AWS::Logs::MetricFilter', { FilterPattern: '{ $.level = "error" }' })
  })

  test(`${environment}: no task at all is an alarm, although there is no metric`, () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `${prefix}-no-healthy-task`,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    })
  })

  test(`${environment}: tasks that ECS replaces at once, and one that leaks, do not stay unseen`, () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `${prefix}-unhealthy-task`,
      EvaluationPeriods: 10,
      DatapointsToAlarm: 3,
    })
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `${prefix}-memory-high`,
      Statistic: 'Maximum',
    })
  })

  test(`${environment}: the service is watched by its name`, () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `${prefix}-cpu-high`,
      Dimensions: [
        { Name: 'ClusterName', Value: cluster },
        { Name: 'ServiceName', Value: service },
      ],
    })
  })

  test(`${environment}: the alarms of this account may publish to the topic`, () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    })
  })

  test(`${environment}: the dashboard reads the site's metrics in us-east-1`, () => {
    const body = JSON.stringify(only(template, 'AWS::CloudWatch::Dashboard')['DashboardBody'])
    assert.match(body, /AWS\/CloudFront[^\]]*us-east-1/)
  })

  test(`${environment}: ALERT_EMAIL gets the alarms`, () => {
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'oncall@example.com' })
  })
}

test('a restored table in use is watched instead of the stack’s own, and that stays in the stack', () => {
  const restored = 'live-quiz-application-restored-20261128T201500Z'
  const template = Template.fromStack(createApp('production', {}, undefined, restored).stack)
  const alarm = Object.values(template.findResources('AWS::CloudWatch::Alarm')).find(({ Properties }) =>
    Properties.AlarmName.endsWith('-application-table-throttled'),
  )
  for (const watching of [alarm, only(template, 'AWS::CloudWatch::Dashboard')]) {
    assert.match(JSON.stringify(watching), new RegExp(restored))
    assert.doesNotMatch(JSON.stringify(watching), /"Ref":"ApplicationTable"/)
  }
  const { Resources, Outputs } = template.toJSON()
  const own = templateOf('production').toJSON()
  assert.deepEqual(Object.keys(Resources), Object.keys(own.Resources))
  assert.deepEqual(
    [Outputs.WatchedTableName.Value, Outputs.ApplicationTableName],
    [restored, own.Outputs.ApplicationTableName],
  )
})

test('a domain has an alarm for its certificate, and outside us-east-1 neither CDN nor certificate has one', () => {
  const names = (settings: Parameters<typeof createApp>[1]) =>
    Object.values(templateOf('production', settings).findResources('AWS::CloudWatch::Alarm')).map((alarm) =>
      String(alarm['Properties'].AlarmName).replace('live-quiz-', ''),
    )
  assert.ok(names(withDomain).includes('certificate-expiry'))
  const elsewhere = names({ ...withDomain, AWS_REGION: 'eu-west-1' })
  assert.ok(elsewhere.includes('log-errors'))
  for (const name of ['certificate-expiry', 'site-errors']) assert.ok(!elsewhere.includes(name))
})

test('without ALERT_EMAIL there is a warning and no subscription', () => {
  const { app, stack } = createApp('production', { ALERT_EMAIL: '' })
  Template.fromStack(stack).resourceCountIs('AWS::SNS::Subscription', 0)
  const { messages } = app.synth().getStackByName(stack.stackName)
  assert.match(JSON.stringify(messages), /notify no one: set ALERT_EMAIL in env\/\.env\.production/)
})
