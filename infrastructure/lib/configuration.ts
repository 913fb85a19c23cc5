import {
  type EnvironmentNames,
  environmentNames,
  type Environment,
  type Settings,
} from '../../lib/environment/environments.mts'

/** What the stack of one environment is built from: its names and the settings that are the stack's, as numbers. */
export interface Configuration {
  names: EnvironmentNames
  natGateways: number
  logRetentionDays: number
  deregistrationDelaySeconds: number
  healthCheckIntervalSeconds: number
  /** The load balancer has no public address: only the CDN reaches it. */
  privateLoadBalancer: boolean
  /** Undefined: the site has only the name that CloudFront gives it. */
  domain: SiteDomain | undefined
  /** Empty: the alarms notify no one. */
  alertEmail: string
  /** Staging and production: alarms, dashboard with Container Insights, point-in-time recovery. */
  productionLike: boolean
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

function domainOf({ SITE_DOMAIN, SITE_CERTIFICATE_ARN, HOSTED_ZONE_ID }: Settings): SiteDomain | undefined {
  if (SITE_DOMAIN === '') return undefined
  return { name: SITE_DOMAIN, certificateArn: SITE_CERTIFICATE_ARN, hostedZoneId: HOSTED_ZONE_ID }
}

export function configurationOf(environment: Environment, settings: Settings): Configuration {
  return {
    names: environmentNames(environment),
    natGateways: Number(settings.NAT_GATEWAYS),
    logRetentionDays: Number(settings.LOG_RETENTION_DAYS),
    deregistrationDelaySeconds: Number(settings.DEREGISTRATION_DELAY_SECONDS),
    healthCheckIntervalSeconds: Number(settings.HEALTH_CHECK_INTERVAL_SECONDS),
    privateLoadBalancer: settings.LOAD_BALANCER === 'private',
    domain: domainOf(settings),
    alertEmail: settings.ALERT_EMAIL,
    productionLike: environment === 'staging' || environment === 'production',
    terminationProtection: environment === 'production',
    permissionsBoundary: settings.PERMISSIONS_BOUNDARY,
  }
}
