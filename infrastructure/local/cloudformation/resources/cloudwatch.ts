import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch'
import { account, region } from '../../settings.ts'
import { physicalName } from '../physical-name.ts'
import type { Properties, ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { retag, tagsOf } from './tags.ts'
import { textOf } from './property-values.ts'

/** The template's names are the API's. */
const alarmProperties = [
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'AlarmName',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluationPeriods',
  'ExtendedStatistic',
  'MetricName',
  'Metrics',
  'Namespace',
  'OKActions',
  'Period',
  'Statistic',
  'Tags',
  'Threshold',
  'TreatMissingData',
  'Unit',
]

export function cloudWatchTypes({ cloudWatch }: Clients): ResourceTypes {
  return {
    'AWS::CloudWatch::Alarm': {
      knows: alarmProperties,
      nameProperty: 'AlarmName',
      replacedBy: ['AlarmName'],
      taggable: true,
      async create(request) {
        const name = textOf(request.properties['AlarmName'] ?? physicalName(request, 255))
        await cloudWatch().putMetricAlarm({ ...alarmInput(request.properties, name), Tags: tagsOf(request) })
        return alarmState(name)
      },
      async update(request, { physicalId }) {
        const client = cloudWatch()
        await client.putMetricAlarm(alarmInput(request.properties, physicalId))
        const ResourceARN = arnOf(physicalId)
        await retag(request, {
          existing: async () => (await client.listTagsForResource({ ResourceARN })).Tags,
          remove: (TagKeys) => client.untagResource({ ResourceARN, TagKeys }),
          add: (Tags) => client.tagResource({ ResourceARN, Tags }),
        })
        return alarmState(physicalId)
      },
      async delete({ physicalId }) {
        await cloudWatch().deleteAlarms({ AlarmNames: [physicalId] })
      },
      async read({ physicalId }) {
        const { MetricAlarms = [] } = await cloudWatch().describeAlarms({ AlarmNames: [physicalId] })
        const [alarm] = MetricAlarms
        if (!alarm) return undefined
        const { ActionsEnabled, AlarmActions, ComparisonOperator, EvaluationPeriods, OKActions, Threshold } = alarm
        return { ActionsEnabled, AlarmActions, ComparisonOperator, EvaluationPeriods, OKActions, Threshold }
      },
    },

    'AWS::CloudWatch::Dashboard': {
      knows: ['DashboardBody', 'DashboardName'],
      nameProperty: 'DashboardName',
      replacedBy: ['DashboardName'],
      async create(request) {
        const name = textOf(request.properties['DashboardName'] ?? physicalName(request, 255))
        const DashboardBody = textOf(request.properties['DashboardBody'])
        await cloudWatch().putDashboard({ DashboardName: name, DashboardBody })
        return { physicalId: name, attributes: {} }
      },
      async update({ properties }, current) {
        const DashboardBody = textOf(properties['DashboardBody'])
        await cloudWatch().putDashboard({ DashboardName: current.physicalId, DashboardBody })
        return current
      },
      async delete({ physicalId }) {
        await cloudWatch().deleteDashboards({ DashboardNames: [physicalId] })
      },
    },
  }
}

function alarmInput(properties: Properties, name: string): PutMetricAlarmCommandInput {
  const { Tags: _tags, ...alarm } = properties
  return { ...(alarm as unknown as PutMetricAlarmCommandInput), AlarmName: name }
}

function alarmState(name: string): ResourceState {
  return { physicalId: name, attributes: { Arn: arnOf(name) } }
}

function arnOf(alarm: string): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${alarm}`
}
