import { FlowLogDestination, type Vpc } from 'aws-cdk-lib/aws-ec2'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { fixLogicalId } from './fixed-logical-id.ts'

/** Folder of each kind of log. */
export const folders = { loadBalancer: 'load-balancer', cdn: 'cdn', vpc: 'vpc' } as const

/** Who asked for what, for 90 days: the access logs of the load balancer and of the CDN. */
export class LogBucket extends Construct {
  readonly bucket: Bucket

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // CloudFront adds an ACL for itself, and delivers nothing where there are none:
      // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      // with a key of KMS, the load balancer delivers nothing
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      // also of a creation that failed: the load balancer has put a file in, so the rollback could not delete it. It has a new
      // name each time
      removalPolicy: RemovalPolicy.RETAIN,
    })
    fixLogicalId(this.bucket, 'LogBucket')

    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds logs itself: a log of their delivery would be a log of the log',
    })
  }

  /**
   * The load balancer writes its access logs here. Not by `logAccessLogs`, which needs the region at synth, for the policy
   * of the older regions; this is the one for all.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
   */
  takeLogsOf(loadBalancer: ApplicationLoadBalancer): void {
    const { bucket } = this
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LoadBalancerWrites',
        principals: [new ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`${folders.loadBalancer}/AWSLogs/${Stack.of(this).account}/*`)],
      }),
    )
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true')
    loadBalancer.setAttribute('access_logs.s3.bucket', bucket.bucketName)
    loadBalancer.setAttribute('access_logs.s3.prefix', folders.loadBalancer)
    // it tries to write, and refuses a bucket where it may not
    loadBalancer.node.addDependency(bucket.policy!)
  }

  /** Every connection in the VPC, whether it was let through or not. */
  takeFlowLogsOf(vpc: Vpc): void {
    const flowLog = vpc.addFlowLog('FlowLog', { destination: FlowLogDestination.toS3(this.bucket, `${folders.vpc}/`) })
    flowLog.node.addDependency(this.bucket.policy!)
  }
}
