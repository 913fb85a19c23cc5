import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { RemovalPolicy, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import type { Configuration } from './configuration.ts'
import { encryptionKey } from './encryption-key.ts'
import { fixLogicalId } from './fixed-logical-id.ts'
import type { Network } from './network.ts'

/** Where tasks run and where their logs go. Task definitions and the service are the backend stage's. */
export class Compute extends Construct {
  readonly cluster: Cluster
  readonly logGroup: LogGroup

  constructor(scope: Construct, id: string, configuration: Configuration, network: Network) {
    super(scope, id)
    const { names, logRetentionDays } = configuration
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName: names.cluster,
      vpc: network.vpc,
      // said, since an account may turn them on for every cluster
      containerInsightsV2: ContainerInsights.DISABLED,
    })
    const key = encryptionKey(this, configuration)
    this.logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: names.logGroup,
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- it is the days, and the settings allow no others
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...(key && { encryptionKey: key }),
    })
    fixLogicalId(this.cluster, 'Cluster')
    fixLogicalId(this.logGroup, 'LogGroup')

    Validations.of(this.cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason:
        'Container Insights cost money by metric, and no alarm needs one that ECS and the load balancer do not have',
    })
  }
}
