import { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Stack, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { alarmProps, alarms } from './alarms.ts'
import type { Configuration } from './configuration.ts'
import { dashboardRows } from './dashboard.ts'
import type { Watched } from './metrics.ts'

/** Alarms that end in an email, and a dashboard. Staging and production only. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { names, alertEmail }: Configuration, watched: Watched) {
    super(scope, id)
    const topic = new Topic(this, 'Alarms', {
      topicName: `${names.prefix}-alarms`,
      displayName: `Live Quiz ${names.environment}`,
      enforceSSL: true,
    })
    // our own policy (enforceSSL) replaces the one that lets the account's alarms publish
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    if (alertEmail === '') {
      Validations.of(this).addWarning(
        'live-quiz:no-alert-email',
        `the alarms of ${names.environment} notify no one: set ALERT_EMAIL in env/.env.${names.environment}`,
      )
    } else {
      topic.addSubscription(new EmailSubscription(alertEmail))
    }

    const email = new SnsAction(topic)
    for (const [name, watch] of Object.entries(alarms(watched))) {
      const alarm = new Alarm(this, name, { alarmName: `${names.prefix}-${name}`, ...alarmProps(watch) })
      alarm.addAlarmAction(email)
      alarm.addOkAction(email)
    }
    new Dashboard(this, 'Dashboard', { dashboardName: names.prefix, widgets: dashboardRows(watched) })
  }
}
