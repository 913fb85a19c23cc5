import type { AwsClients } from './aws-clients.ts'
import { currentServiceDeployment, failDeployment } from './deployment.ts'
import type { Service } from './model.ts'

/*
 * CloudWatch alarms that fail a deployment. An alarm that is on when the deployment begins switches the watch off for all of
 * it, so that a fix can be deployed while the alarm of the failure is on.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */

/** Of those alarms, which are in ALARM, and for how many milliseconds at most one looks back. */
export type AlarmStates = (names: string[]) => Promise<{ on: string[]; lookBack: number }>

interface Watch {
  alarmStates: AlarmStates
  bake: number | undefined
}

export function alarmStatesOf(clients: Pick<AwsClients, 'alarms'>): AlarmStates {
  return async (AlarmNames) => {
    const { MetricAlarms = [] } = await (await clients.alarms()).describeAlarms({ AlarmNames })
    return {
      on: MetricAlarms.filter(({ StateValue }) => StateValue === 'ALARM').map(({ AlarmName = '' }) => AlarmName),
      lookBack: Math.max(
        0,
        ...MetricAlarms.map(({ Period = 60, EvaluationPeriods = 1 }) => Period * EvaluationPeriods * 1000),
      ),
    }
  }
}

/** Whether alarms can still fail the deployment that is under way. */
export function isWatched(service: Service): boolean {
  const current = currentServiceDeployment(service)
  return current?.alarms.status === 'MONITORING' && ['PENDING', 'IN_PROGRESS'].includes(current.status)
}

/** Looks at the alarms of a deployment that is under way, and fails it when one is on. */
export async function watchAlarms(service: Service, { alarmStates, bake }: Watch): Promise<void> {
  if (!isWatched(service)) return
  const current = currentServiceDeployment(service)!
  const { on, lookBack } = await alarmStates(current.alarms.alarmNames)
  // a newer deployment may have begun meanwhile
  if (current !== currentServiceDeployment(service)) return
  if (current.status === 'PENDING') {
    current.bake.duration = Math.min(lookBack, bake ?? lookBack)
    if (on.length > 0) current.alarms.status = 'DISABLED'
  } else if (on.length > 0) {
    current.alarms.triggeredAlarmNames = on
    failDeployment(service, 'alarms')
  }
}

/** Whether the bake time is over: ECS continues to watch after the last old task has gone. */
export function mayComplete(service: Service, now: number): boolean {
  if (!isWatched(service)) return true
  const { bake } = currentServiceDeployment(service)!
  bake.since ??= now
  return now - bake.since >= bake.duration
}
