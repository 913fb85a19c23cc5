import {
  GatewayVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  type ISubnet,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { taskPort } from '../../lib/service/task-definition.mts'
import type { Configuration } from './configuration.ts'
import { fixLogicalId } from './fixed-logical-id.ts'

/** The VPC in two availability zones, and its security groups: who may connect to whom. */
export class Network extends Construct {
  readonly vpc: Vpc
  /** Private, with a way out through a NAT gateway. */
  readonly taskSubnets: ISubnet[]
  readonly loadBalancerSecurityGroup: SecurityGroup
  readonly taskSecurityGroup: SecurityGroup

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id)
    const { names, natGateways, availabilityZones, privateLoadBalancer, flowLogs } = configuration
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: names.prefix,
      ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
      ...(availabilityZones ? { availabilityZones } : { maxAzs: 2 }),
      natGateways,
      // this needs a Lambda-backed custom resource, and we do not use the default group
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'tasks', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      ],
      // free of charge; through a NAT gateway, the bytes of DynamoDB and of image layers cost money
      gatewayEndpoints: {
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
        S3: { service: GatewayVpcEndpointAwsService.S3 },
      },
    })
    this.taskSubnets = this.vpc.privateSubnets

    this.loadBalancerSecurityGroup = new SecurityGroup(this, 'LoadBalancerSecurityGroup', {
      vpc: this.vpc,
      securityGroupName: `${names.prefix}-load-balancer`,
      description: 'Internet to the load balancer',
      allowAllOutbound: false,
    })
    this.taskSecurityGroup = new SecurityGroup(this, 'TaskSecurityGroup', {
      vpc: this.vpc,
      securityGroupName: `${names.prefix}-tasks`,
      description: 'Load balancer to the tasks',
      allowAllOutbound: false,
    })
    this.taskSecurityGroup.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'AWS APIs and image layers')
    this.loadBalancerSecurityGroup.addIngressRule(Peer.anyIpv4(), Port.HTTP, 'Anyone')
    // both directions: the load balancer's group has no egress until it gets a rule
    this.taskSecurityGroup.connections.allowFrom(
      this.loadBalancerSecurityGroup,
      Port.tcp(taskPort),
      'Requests and health checks',
    )

    fixLogicalId(this.vpc, 'Vpc')
    this.taskSubnets.forEach((subnet, index) => fixLogicalId(subnet, `TaskSubnet${index + 1}`))
    fixLogicalId(this.loadBalancerSecurityGroup, 'LoadBalancerSecurityGroup')
    fixLogicalId(this.taskSecurityGroup, 'TaskSecurityGroup')

    if (!flowLogs) {
      Validations.of(this.vpc).acknowledge({
        id: 'AwsSolutions-VPC7',
        reason:
          'They cost by the gigabyte, and only the load balancer can be reached from outside; FLOW_LOGS=on keeps them',
      })
    }
    Validations.of(this.loadBalancerSecurityGroup).acknowledge({
      id: 'AwsSolutions-EC23',
      reason: privateLoadBalancer
        ? 'It has no public address; what CloudFront sends to a VPC origin does not come from the range of the VPC, and its prefix list has another id in each region'
        : 'The documented `curl http://ALB_URL/health` and `wscat -c ws://ALB_URL` reach the load balancer from anywhere',
    })
  }
}
