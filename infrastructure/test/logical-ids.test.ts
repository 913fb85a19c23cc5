import assert from 'node:assert/strict'
import { test } from 'node:test'
import { templateOf } from './synthesis.ts'

/*
 * Production as it was first deployed. A resource that moves to another construct gets another logical id, and
 * CloudFormation then makes a second one before it deletes the first: a name or an address range that is taken fails the
 * update. New resources need no line here; a line goes only with its resource.
 */
const deployed = {
  'AWS::CloudFront::CachePolicy': ['SiteOriginDecidesD9612F4A'],
  'AWS::CloudFront::Function': ['SiteSpaFallback29B5746E'],
  'AWS::CloudFront::OriginAccessControl': ['SiteDistributionOrigin1S3OriginAccessControl4F95283E'],
  'AWS::CloudFront::ResponseHeadersPolicy': ['SiteSecurityHeaders2B88159C'],
  'AWS::CloudWatch::Alarm': [
    'Monitoringapplicationtablethrottled865823C1',
    'MonitoringbackenderrorsF1E27992',
    'Monitoringcpuhigh6FB9ABAE',
    'Monitoringledgertablethrottled14692869',
    'Monitoringloadbalancererrors62DA6165',
    'Monitoringmemoryhigh751837D8',
    'Monitoringnohealthytask693FAE38',
    'MonitoringslowresponsesAF40E3B9',
    'Monitoringunhealthytask66CC1F28',
  ],
  'AWS::CloudWatch::Dashboard': ['MonitoringDashboard0C3675C6'],
  'AWS::EC2::EIP': ['NetworkVpcpublicSubnet1EIPC41EF705', 'NetworkVpcpublicSubnet2EIPFC8511D4'],
  'AWS::EC2::InternetGateway': ['NetworkVpcIGW6BEA7B02'],
  'AWS::EC2::NatGateway': ['NetworkVpcpublicSubnet1NATGateway939C8F7E', 'NetworkVpcpublicSubnet2NATGatewayCA65A467'],
  'AWS::EC2::Route': [
    'NetworkVpcpublicSubnet1DefaultRoute19622567',
    'NetworkVpcpublicSubnet2DefaultRouteF6C22611',
    'NetworkVpctasksSubnet1DefaultRoute9E35A4EB',
    'NetworkVpctasksSubnet2DefaultRoute38D47155',
  ],
  'AWS::EC2::RouteTable': [
    'NetworkVpcpublicSubnet1RouteTableDFE49ED6',
    'NetworkVpcpublicSubnet2RouteTable216E89B0',
    'NetworkVpctasksSubnet1RouteTable0671D766',
    'NetworkVpctasksSubnet2RouteTable3E28B113',
  ],
  'AWS::EC2::SecurityGroupEgress': [
    'NetworkLoadBalancerSecurityGrouptoLiveQuizEventStackNetworkTaskSecurityGroup097B2D7B3000BB46AB96',
  ],
  'AWS::EC2::SecurityGroupIngress': [
    'NetworkTaskSecurityGroupfromLiveQuizEventStackNetworkLoadBalancerSecurityGroupC2EB19E530006FA4864E',
  ],
  'AWS::EC2::Subnet': ['NetworkVpcpublicSubnet1Subnet00617657', 'NetworkVpcpublicSubnet2SubnetDCAA7C9A'],
  'AWS::EC2::SubnetRouteTableAssociation': [
    'NetworkVpcpublicSubnet1RouteTableAssociation203B743E',
    'NetworkVpcpublicSubnet2RouteTableAssociationA4B52C34',
    'NetworkVpctasksSubnet1RouteTableAssociation67593A0C',
    'NetworkVpctasksSubnet2RouteTableAssociationE30681A3',
  ],
  'AWS::EC2::VPCEndpoint': ['NetworkVpcDynamoDbCF49C09B', 'NetworkVpcS334FC449B'],
  'AWS::EC2::VPCGatewayAttachment': ['NetworkVpcVPCGW8F3799B5'],
  'AWS::S3::BucketPolicy': ['SiteFilesBucketPolicy9F503BE9'],
  'AWS::SNS::Topic': ['MonitoringAlarms66989066'],
}

for (const [type, logicalIds] of Object.entries(deployed)) {
  test(`${type} keeps its logical ids`, () => {
    const { Resources } = templateOf('production').toJSON()
    assert.deepEqual(
      logicalIds.filter((logicalId) => Resources[logicalId]?.Type !== type),
      [],
    )
  })
}
