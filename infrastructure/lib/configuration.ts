import {
  type EnvironmentNames,
  environmentNames,
  hasAlarms,
  type Environment,
} from '../../lib/environment/environments.mts'
import type { Settings } from '../../lib/environment/keys.mts'

/** What the stack of one environment is built from: its names and the settings that are the stack's, as numbers. */
export interface Configuration {
  names: EnvironmentNames
  natGateways: number
  /** Undefined: the first two that CloudFormation lists. */
  availabilityZones: string[] | undefined
  logRetentionDays: number
  deregistrationDelaySeconds: number
  healthCheckIntervalSeconds: number
  /** The load balancer has no public address: only the CDN reaches it. */
  privateLoadBalancer: boolean
  /** Undefined: the site has only the name that CloudFront gives it. */
  domain: SiteDomain | undefined
  /** Empty: none. */
  webAclArn: string
  /** Empty: AWS's own keys encrypt. */
  kmsKeyArn: string
  /** Empty: no budget. */
  monthlyBudgetUsd: string
  /** Empty: the alarms notify no one. */
  alertEmail: string
  /** Where CloudFront and its certificates have their metrics: an alarm sees those of its own region only. */
  inUsEast1: boolean
  /** Staging and production: alarms, dashboard, point-in-time recovery. */
  productionLike: boolean
  /** A restored table that the tasks use instead of the stack's own; empty: none. */
  restoredTable: string
  /** Access logs are kept; where flow logs are, beside them. */
  keepsLogs: boolean
  flowLogs: boolean
  /** CloudFront delivers access logs to a bucket in the region of the environment. */
  deliversCdnLogs: boolean
  terminationProtection: boolean
  /** Name of the permissions boundary of every role; empty: none. */
  permissionsBoundary: string
}

export interface SiteDomain {
  name: string
  certificateArn: string
  /** Empty: its DNS is not in Route 53, or not ours. */
  hostedZoneId: string
}

/**
 * Regions to whose buckets CloudFront delivers no standard logs: those that an account opts in to.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html#access-logs-choosing-s3-bucket
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
const withoutCdnLogs = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
]

function domainOf({ SITE_DOMAIN, SITE_CERTIFICATE_ARN, HOSTED_ZONE_ID }: Settings): SiteDomain | undefined {
  if (SITE_DOMAIN === '') return undefined
  return { name: SITE_DOMAIN, certificateArn: SITE_CERTIFICATE_ARN, hostedZoneId: HOSTED_ZONE_ID }
}

export function configurationOf(environment: Environment, settings: Settings, restoredTable = ''): Configuration {
  const productionLike = hasAlarms(environment)
  const flowLogs = settings.FLOW_LOGS === 'on'
  return {
    names: environmentNames(environment),
    natGateways: Number(settings.NAT_GATEWAYS),
    availabilityZones: settings.AVAILABILITY_ZONES === '' ? undefined : settings.AVAILABILITY_ZONES.split(','),
    logRetentionDays: Number(settings.LOG_RETENTION_DAYS),
    deregistrationDelaySeconds: Number(settings.DEREGISTRATION_DELAY_SECONDS),
    healthCheckIntervalSeconds: Number(settings.HEALTH_CHECK_INTERVAL_SECONDS),
    privateLoadBalancer: settings.LOAD_BALANCER === 'private',
    domain: domainOf(settings),
    alertEmail: settings.ALERT_EMAIL,
    inUsEast1: settings.AWS_REGION === 'us-east-1',
    webAclArn: settings.WEB_ACL_ARN,
    kmsKeyArn: settings.KMS_KEY_ARN,
    monthlyBudgetUsd: settings.MONTHLY_BUDGET_USD,
    productionLike,
    restoredTable,
    keepsLogs: productionLike || flowLogs,
    flowLogs,
    deliversCdnLogs: !withoutCdnLogs.includes(settings.AWS_REGION),
    terminationProtection: environment === 'production',
    permissionsBoundary: settings.PERMISSIONS_BOUNDARY,
  }
}
