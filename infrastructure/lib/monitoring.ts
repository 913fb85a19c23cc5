import { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Stack, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { Rule, RuleTargetInput, EventField } from 'aws-cdk-lib/aws-events'
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { alarmProps, alarms } from './alarms.ts'
import type { Configuration } from './configuration.ts'
import { dashboardRows } from './dashboard.ts'
import { encryptionKey } from './encryption-key.ts'
import type { Watched } from './metrics.ts'

type Seen = Omit<Watched, 'errorsInLogs' | 'edge'> & { logGroup: ILogGroup }

/** Alarms, failed deployments and tasks that died, each an email, and a dashboard. Staging and production only. */
export class Monitoring extends Construct {
  /** Those that make ECS undo a deployment. */
  readonly deploymentAlarms: Alarm[] = []

  constructor(scope: Construct, id: string, configuration: Configuration, { logGroup, ...seen }: Seen) {
    super(scope, id)
    const { names, alertEmail, domain, inUsEast1 } = configuration
    const watched: Watched = {
      ...seen,
      errorsInLogs: new MetricFilter(this, 'ErrorsInLogs', {
        logGroup,
        filterPattern: FilterPattern.stringValue('$.level', '=', 'error'),
        metricNamespace: 'LiveQuiz',
        metricName: `${names.prefix}-log-errors`,
      }),
      edge: inUsEast1 ? { distribution: seen.distribution, certificateArn: domain?.certificateArn } : undefined,
    }
    const key = encryptionKey(this, configuration)
    const topic = new Topic(this, 'Alarms', {
      topicName: `${names.prefix}-alarms`,
      displayName: `Live Quiz ${names.environment}`,
      enforceSSL: true,
      ...(key && { masterKey: key }),
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

    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
    new Rule(this, 'FailedDeployments', {
      ruleName: `${names.prefix}-failed-deployments`,
      description: 'A deployment of the service failed',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Deployment State Change'],
        resources: [
          Stack.of(this).formatArn({
            service: 'ecs',
            resource: 'service',
            resourceName: `${names.cluster}/${names.service}`,
          }),
        ],
        detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
      targets: [
        new SnsTopic(topic, {
          message: RuleTargetInput.fromText(
            `A deployment of ${names.service} in ${names.cluster} failed: ${EventField.fromPath('$.detail.reason')}`,
          ),
        }),
      ],
    })

    // a task that runs out of memory is killed (137), and logs nothing. One that ECS stops has another stopCode:
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
    new Rule(this, 'StoppedTasks', {
      ruleName: `${names.prefix}-stopped-tasks`,
      description: 'A task of the service stopped by itself',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: {
          clusterArn: [Stack.of(this).formatArn({ service: 'ecs', resource: 'cluster', resourceName: names.cluster })],
          group: [`service:${names.service}`],
          lastStatus: ['STOPPED'],
          stopCode: ['EssentialContainerExited'],
        },
      },
      targets: [
        new SnsTopic(topic, {
          message: RuleTargetInput.fromText(
            `A task of ${names.service} in ${names.cluster} stopped by itself: ${EventField.fromPath('$.detail.stoppedReason')}, exit code ${EventField.fromPath('$.detail.containers[0].exitCode')} ${EventField.fromPath('$.detail.containers[0].reason')}`,
          ),
        }),
      ],
    })

    const email = new SnsAction(topic)
    for (const [name, watch] of Object.entries(alarms(watched))) {
      const alarmDescription = `${watch.means} What to do: docs/RUNBOOK.md#${name}`
      const alarm = new Alarm(this, name, {
        alarmName: `${names.prefix}-${name}`,
        ...alarmProps(watch),
        alarmDescription,
      })
      alarm.addAlarmAction(email)
      alarm.addOkAction(email)
      if (watch.failsDeployment) this.deploymentAlarms.push(alarm)
    }
    new Dashboard(this, 'Dashboard', { dashboardName: names.prefix, widgets: dashboardRows(watched) })
  }
}
