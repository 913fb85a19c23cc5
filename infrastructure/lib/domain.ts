import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { type Distribution, type DistributionProps, SecurityPolicyProtocol } from 'aws-cdk-lib/aws-cloudfront'
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53'
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets'
import { Construct } from 'constructs'
import type { SiteDomain } from './configuration.ts'

/** What makes a distribution answer to a name of its own, beside the one that CloudFront gives it. */
export function namedAs(
  scope: Construct,
  { name, certificateArn }: SiteDomain,
): Pick<DistributionProps, 'domainNames' | 'certificate' | 'minimumProtocolVersion'> {
  return {
    domainNames: [name],
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
  }
}

/** The records in Route 53, for IPv4 and IPv6. An alias, which a domain itself may have too: a CNAME it may not. */
export class DomainRecords extends Construct {
  constructor(scope: Construct, id: string, { name, hostedZoneId }: SiteDomain, distribution: Distribution) {
    super(scope, id)
    const aliasTarget = {
      dnsName: distribution.distributionDomainName,
      hostedZoneId: CloudFrontTarget.CLOUDFRONT_ZONE_ID,
    }
    for (const type of ['A', 'AAAA']) new CfnRecordSet(this, type, { hostedZoneId, name, type, aliasTarget })
  }
}
