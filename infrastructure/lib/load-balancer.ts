import {
  ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { Duration, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { healthyThreshold, idleTimeoutSeconds } from '../../lib/environment/fixed-values.mts'
import { taskPort } from '../../lib/service/task-definition.mts'
import type { Configuration } from './configuration.ts'
import { fixLogicalId } from './fixed-logical-id.ts'
import type { Network } from './network.ts'

/** The way to the tasks. The ECS service registers its tasks here; the stack does not know it. */
export class LoadBalancer extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer
  readonly targetGroup: ApplicationTargetGroup
  readonly listener: ApplicationListener

  constructor(scope: Construct, id: string, configuration: Configuration, network: Network) {
    super(scope, id)
    const { names, deregistrationDelaySeconds, healthCheckIntervalSeconds, privateLoadBalancer, keepsLogs } =
      configuration
    this.loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: network.vpc,
      loadBalancerName: names.prefix,
      internetFacing: !privateLoadBalancer,
      ...(privateLoadBalancer && { vpcSubnets: { subnets: network.taskSubnets } }),
      securityGroup: network.loadBalancerSecurityGroup,
      // HEARTBEAT_SECONDS of the backend must stay below it, or it closes idle WebSockets
      idleTimeout: Duration.seconds(idleTimeoutSeconds),
      dropInvalidHeaderFields: true,
    })
    this.targetGroup = new ApplicationTargetGroup(this, 'TargetGroup', {
      vpc: network.vpc,
      targetGroupName: `${names.prefix}-tasks`,
      // a target group that no service of this stack uses gets no type of its own, and `awsvpc` tasks are addresses
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: taskPort,
      deregistrationDelay: Duration.seconds(deregistrationDelaySeconds),
      // WebSockets live long: with round robin, a task that joins later would stay nearly empty
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      healthCheck: {
        path: '/health',
        healthyHttpCodes: '200',
        interval: Duration.seconds(healthCheckIntervalSeconds),
        // must be less than the interval
        timeout: Duration.seconds(Math.min(5, healthCheckIntervalSeconds - 1)),
        healthyThresholdCount: healthyThreshold,
        unhealthyThresholdCount: 3,
      },
    })
    this.listener = new ApplicationListener(this, 'Listener', {
      loadBalancer: this.loadBalancer,
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      open: false,
      // of a public one, the rules decide (cdn-only.ts): the last of them leaves nothing to it
      defaultTargetGroups: [this.targetGroup],
    })
    fixLogicalId(this.loadBalancer, 'LoadBalancer')
    fixLogicalId(this.targetGroup, 'TargetGroup')
    fixLogicalId(this.listener, 'Listener')

    if (!keepsLogs) {
      // said, since they once may have been on: FLOW_LOGS brings them to development
      this.loadBalancer.setAttribute('access_logs.s3.enabled', 'false')
      Validations.of(this.loadBalancer).acknowledge({
        id: 'AwsSolutions-ELB2',
        reason: 'Only its developers use it; access logs are for staging and production',
      })
    }
  }
}
