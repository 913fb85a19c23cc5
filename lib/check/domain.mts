import type { Settings } from '../environment/keys.mts'
import { invocation } from '../script/command-line.mts'
import { requestText } from '../script/asking.mts'
import { read } from '../script/shell.mts'
import type { Target } from '../environment/target.mts'
import { findFaultOfDomain, recordFor } from '../site/domain.mts'
import { releaseIn } from '../site/files.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { failed, passed, skipped, type CheckResult } from './finding.mts'

interface Certificate {
  Status: string
  SubjectAlternativeNames?: string[]
  /** Seconds since 1970, or ISO 8601: versions of aws differ. */
  NotAfter?: number | string
}

/** ACM renews 60 days before the end, where it still finds its DNS record: https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html */
const leastDays = 30

/** Whether the certificate of the site's domain is issued, for that name, and renewed. */
export async function checkCertificate({
  SITE_DOMAIN: domain,
  SITE_CERTIFICATE_ARN: arn,
}: Pick<Settings, 'SITE_DOMAIN' | 'SITE_CERTIFICATE_ARN'>): Promise<CheckResult> {
  // CloudFront takes certificates of that region only
  const described = await read<{ Certificate: Certificate }>({
    absent: /ResourceNotFoundException/,
  })`aws acm describe-certificate --certificate-arn ${arn} --region us-east-1`
  if (!described) return failed(`there is none: ${arn}`, 'aws acm list-certificates --region us-east-1')
  return faultOfCertificate(described.Certificate, domain, new Date()) ?? passed(`issued for ${domain}`)
}

/** What is wrong with a certificate; undefined when nothing is. */
export function faultOfCertificate(
  { Status, SubjectAlternativeNames = [], NotAfter }: Certificate,
  domain: string,
  now: Date,
): CheckResult | undefined {
  if (Status !== 'ISSUED') {
    return failed(`it is in ${Status}`, 'create the DNS records that aws acm describe-certificate shows, and wait')
  }
  const isFor = (name: string) => name === domain || name === domain.replace(/^[^.]+/, '*')
  if (!SubjectAlternativeNames.some(isFor)) {
    const names = SubjectAlternativeNames.join(', ')
    return failed(`it is for ${names}, not for ${domain}`, 'request one for SITE_DOMAIN, in us-east-1')
  }
  if (NotAfter === undefined) return undefined
  const end = typeof NotAfter === 'number' ? NotAfter * 1_000 : Date.parse(NotAfter)
  const days = Math.floor((end - now.getTime()) / 86_400_000)
  if (days >= leastDays) return undefined
  return failed(`it ends in ${days} days, and ACM has not renewed it`, 'see that its DNS validation record is there')
}

/** Whether the site's own name, which it has or is to get, leads to this CDN, and shows what it shows. */
export async function checkDomain(
  { environment, settings }: Pick<Target, 'environment' | 'settings'>,
  outputs: StackOutputs,
): Promise<CheckResult> {
  const { SITE_DOMAIN: wanted } = settings
  const { SiteDomainName: deployed = '' } = outputs
  if (wanted !== deployed) {
    const [now, then] = [deployed || 'no domain of its own', wanted || 'none']
    return failed(`the site has ${now}, and SITE_DOMAIN says ${then}`, invocation('infrastructure', environment))
  }
  const { site, cdn } = addresses(outputs)
  const release = releaseIn((await requestText(`${cdn}/`)).body)
  if (!release) return skipped('no site yet')
  const fault = await findFaultOfDomain(outputs, release)
  return fault === undefined ? passed(`${site} is release ${release}`) : failed(fault, recordFor(outputs))
}
