import { hasAlarms, type Environment } from '../environment/environments.mts'
import type { Settings } from '../environment/keys.mts'
import type { Place, Target } from '../environment/target.mts'
import { read } from '../script/shell.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { failed, passed, redeployStack, skipped, warned, type CheckResult, type Finding } from './finding.mts'

/** Whether someone is told when production is ill, and of what nobody hears in this region. */
export function recipientFindings(environment: Environment, { ALERT_EMAIL, AWS_REGION }: Settings): Finding[] {
  const ofEdge = {
    name: 'alarms of the CDN',
    ...warned(
      `there are none in ${AWS_REGION}, and none for the certificate: their metrics are in us-east-1`,
      'docs/RUNBOOK.md, "site-errors" and "certificate-expiry"',
    ),
  }
  const findings = hasAlarms(environment) && AWS_REGION !== 'us-east-1' ? [ofEdge] : []
  if (environment !== 'production') return findings
  return [
    ...findings,
    {
      name: 'alert email',
      ...(ALERT_EMAIL
        ? passed(`alarms go to ${ALERT_EMAIL}`)
        : failed('the alarms of production notify no one', `set ALERT_EMAIL in env/.env.${environment}`)),
    },
  ]
}

interface Subscription {
  Endpoint: string
  /** An ARN, or PendingConfirmation. */
  SubscriptionArn: string
}

/**
 * Whether the recipient of the alarms has said yes: until then SNS sends nothing else.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
export async function checkSubscription(
  { environment, names, settings, local }: Place & Pick<Target, 'settings' | 'local'>,
  { TargetGroupArn }: StackOutputs,
): Promise<CheckResult> {
  const { ALERT_EMAIL: email } = settings
  const [, partition, , region, account] = TargetGroupArn.split(':')
  const topic = `arn:${partition}:sns:${region}:${account}:${names.prefix}-alarms`
  const listed = await read<{ Subscriptions: Subscription[] }>({
    ifEmpty: { Subscriptions: [] },
    absent: /\(NotFound\w*\)/,
  })`aws sns list-subscriptions-by-topic --topic-arn ${topic}`
  if (!listed) {
    return local
      ? skipped('the local AWS sends no mail')
      : failed(`there is no topic ${topic}`, redeployStack(environment))
  }
  const ours = listed.Subscriptions.find(({ Endpoint }) => Endpoint === email)
  // SNS itself deletes one that nobody confirms within two days
  const subscribe = `aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint ${email}`
  if (!ours)
    return failed(`${email} is not subscribed to ${names.prefix}-alarms`, redeployStack(environment, subscribe))
  return ours.SubscriptionArn === 'PendingConfirmation'
    ? failed(
        `${email} has not confirmed the subscription, and gets no alarm`,
        `click the link in the mail from AWS; ask for another: ${subscribe}`,
      )
    : passed(`${email} has confirmed`)
}
