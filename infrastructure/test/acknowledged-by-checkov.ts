import type { Environment, Settings } from '../../lib/environment/environments.mts'

interface Acknowledged {
  /** Logical ids of the resources that checkov finds it at. */
  at: string[]
  /** Where; everywhere without it. */
  where?: (environment: Environment, settings: Settings) => boolean
  reason: string
}

const isProductionLike = (environment: Environment) => environment === 'staging' || environment === 'production'
const isForDevelopers = (environment: Environment) => !isProductionLike(environment)
const ownKey = 'AWS encrypts it with a key of its own; a key of yours costs money, and would only help against AWS'

/** What checkov finds and we leave as it is, by its rule. cdk-nag's are acknowledged at the constructs. */
export const acknowledged: Record<string, Acknowledged[]> = {
  CKV_AWS_2: [{ at: ['Listener'], reason: 'The load balancer has no name of ours, hence no certificate' }],
  CKV_AWS_103: [{ at: ['Listener'], reason: 'The same: without a certificate no TLS, and no version of it' }],
  CKV_AWS_18: [
    { at: ['SiteBucket'], reason: 'Visitors read it through CloudFront; the ledger has who deployed what' },
    { at: ['LogBucket'], where: isProductionLike, reason: 'A log of its deliveries would be a log of the log' },
  ],
  CKV_AWS_21: [{ at: ['LogBucket'], where: isProductionLike, reason: 'A log is written once, and expires' }],
  CKV_AWS_26: [{ at: ['MonitoringAlarms66989066'], where: isProductionLike, reason: 'Names of alarms are no secret' }],
  CKV_AWS_28: [
    {
      at: ['ApplicationTable', 'LedgerTable'],
      where: isForDevelopers,
      reason: 'Holds nothing that is worth restoring',
    },
  ],
  CKV_AWS_65: [{ at: ['Cluster'], where: isForDevelopers, reason: 'No dashboard there shows what it would measure' }],
  CKV_AWS_68: [{ at: ['Distribution'], reason: 'A web ACL costs money; add one when there is abuse to stop' }],
  CKV_AWS_86: [
    { at: ['Distribution'], where: isForDevelopers, reason: 'Only its developers use it' },
    {
      at: ['Distribution'],
      where: (environment, { AWS_REGION }) => isProductionLike(environment) && AWS_REGION === 'eu-south-1',
      reason: 'CloudFront delivers no standard logs to a bucket in that region',
    },
  ],
  CKV_AWS_91: [{ at: ['LoadBalancer'], where: isForDevelopers, reason: 'Only its developers use it' }],
  CKV_AWS_119: [{ at: ['ApplicationTable', 'LedgerTable'], reason: ownKey }],
  CKV_AWS_149: [
    { at: ['AdminSecret'], reason: ownKey },
    { at: ['OriginSecret9A421E71'], where: (_, { LOAD_BALANCER }) => LOAD_BALANCER === 'public', reason: ownKey },
  ],
  CKV_AWS_158: [{ at: ['LogGroup'], reason: ownKey }],
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
