import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import type { Configuration } from './configuration.ts'
import { fixLogicalId } from './fixed-logical-id.ts'

/** The files of the site: private, and no version of them is lost for 90 days. CloudFormation names it, because bucket names are unique worldwide. */
export class SiteBucket extends Construct {
  readonly bucket: Bucket

  constructor(scope: Construct, id: string, { keepsLogs }: Configuration) {
    super(scope, id)
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    // staged releases are for the toolkit; a visitor sees only what is live
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'StagedReleasesAreNotPublic',
        effect: Effect.DENY,
        principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects('releases/*')],
      }),
    )
    fixLogicalId(this.bucket, 'SiteBucket')

    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: keepsLogs
        ? 'Visitors read it through CloudFront, whose access logs have them; the ledger has who deployed what'
        : 'Visitors read it through CloudFront; the ledger has who deployed what',
    })
  }
}
