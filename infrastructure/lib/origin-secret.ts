import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import type { Configuration } from './configuration.ts'
import { encryptionKey } from './encryption-key.ts'

/**
 * What CloudFront shows the load balancer, so that nobody gets past the CDN. Secrets Manager makes it up; the template
 * only refers to it, and CloudFormation looks it up when it changes CloudFront or the listener. Who may read those two
 * (`cloudfront:GetDistribution`, `GetDistributionConfig` and `ListDistributions`, `elasticloadbalancing:DescribeRules`) can
 * read it there.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html
 */
export class OriginSecret extends Construct {
  readonly header = 'X-Origin-Verify'
  /** The reference, not the secret. */
  readonly value: string

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id)
    const key = encryptionKey(this, configuration)
    const secret = new Secret(this, 'Secret', {
      description: 'What CloudFront shows the load balancer of the Live Quiz',
      ...(key && { encryptionKey: key }),
      // the listener compares without case, and takes * and ? for wildcards
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    })
    this.value = secret.secretValue.unsafeUnwrap()

    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'CloudFront and the listener have to change together, which a rotation cannot; who learns it gets past the CDN, and no further',
    })
  }
}
