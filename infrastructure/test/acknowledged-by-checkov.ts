import type { Environment } from '../../lib/environment/environments.mts'
import type { Settings } from '../../lib/environment/keys.mts'

type Where = (environment: Environment, settings: Settings) => boolean

interface Acknowledged {
  /** Logical ids of the resources that checkov finds it at. */
  at: string[]
  /** Where; everywhere without it. */
  where?: Where
  reason: string
}

const isProductionLike = (environment: Environment) => environment === 'staging' || environment === 'production'
const isForDevelopers = (environment: Environment) => !isProductionLike(environment)
const keepsLogs: Where = (environment, { FLOW_LOGS }) => isProductionLike(environment) || FLOW_LOGS === 'on'
const keepsNone: Where = (...given) => !keepsLogs(...given)
const withoutKey: Where = (_, { KMS_KEY_ARN }) => KMS_KEY_ARN === ''
const ownKey = 'AWS encrypts it with a key of its own; one of yours costs money, and KMS_KEY_ARN names it'

/** What checkov finds and we leave as it is, by its rule. cdk-nag's are acknowledged at the constructs. */
export const acknowledged: Record<string, Acknowledged[]> = {
  CKV_AWS_2: [{ at: ['Listener'], reason: 'The load balancer has no name of ours, hence no certificate' }],
  CKV_AWS_103: [{ at: ['Listener'], reason: 'The same: without a certificate no TLS, and no version of it' }],
  CKV_AWS_18: [
    { at: ['SiteBucket'], reason: 'Visitors read it through CloudFront; the ledger has who deployed what' },
    { at: ['LogBucket'], where: keepsLogs, reason: 'A log of its deliveries would be a log of the log' },
  ],
  CKV_AWS_21: [{ at: ['LogBucket'], where: keepsLogs, reason: 'A log is written once, and expires' }],
  CKV_AWS_26: [
    {
      at: ['MonitoringAlarms66989066'],
      where: (...given) => isProductionLike(given[0]) && withoutKey(...given),
      reason: 'Names of alarms are no secret',
    },
  ],
  CKV_AWS_28: [
    {
      at: ['ApplicationTable', 'LedgerTable'],
      where: isForDevelopers,
      reason: 'Holds nothing that is worth restoring',
    },
  ],
  CKV_AWS_65: [{ at: ['Cluster'], reason: 'Container Insights cost money by metric, and no alarm needs one of them' }],
  CKV_AWS_68: [
    {
      at: ['Distribution'],
      where: (_, { WEB_ACL_ARN }) => WEB_ACL_ARN === '',
      reason: 'A web ACL costs money, and its rules are for those who watch them; WEB_ACL_ARN names one',
    },
  ],
  CKV_AWS_86: [
    { at: ['Distribution'], where: keepsNone, reason: 'Only its developers use it' },
    {
      at: ['Distribution'],
      where: (environment, settings) => keepsLogs(environment, settings) && settings.AWS_REGION === 'eu-south-1',
      reason: 'CloudFront delivers no standard logs to a bucket in that region',
    },
  ],
  CKV_AWS_91: [{ at: ['LoadBalancer'], where: keepsNone, reason: 'Only its developers use it' }],
  CKV_AWS_119: [{ at: ['ApplicationTable', 'LedgerTable'], where: withoutKey, reason: ownKey }],
  CKV_AWS_149: [
    { at: ['AdminSecret'], where: withoutKey, reason: ownKey },
    {
      at: ['OriginSecret9A421E71'],
      where: (environment, settings) => withoutKey(environment, settings) && settings.LOAD_BALANCER === 'public',
      reason: ownKey,
    },
  ],
  CKV_AWS_158: [{ at: ['LogGroup'], where: withoutKey, reason: ownKey }],
  CKV_AWS_174: [
    {
      at: ['Distribution'],
      where: (_, { SITE_DOMAIN }) => SITE_DOMAIN === '',
      reason: 'The certificate of cloudfront.net does not let the TLS version be chosen',
    },
  ],
  CKV_AWS_260: [
    {
      at: ['LoadBalancerSecurityGroup'],
      reason: 'The documented `curl http://ALB_URL/health` works from anywhere; a private one has no public address',
    },
  ],
}
