/* What CloudFormation calls to make, change and delete our resources, by their kind: execution.mts says on which. */

export const lookingActions = [
  'billing:GetBillingViewData',
  'cloudwatch:DescribeAlarms',
  'ec2:Describe*',
  'ecs:DescribeClusters',
  'elasticloadbalancing:Describe*',
  'logs:Describe*',
  'route53:ListHostedZones',
  'secretsmanager:GetRandomPassword',
  // CloudFront looks at a web ACL that it is given
  'wafv2:GetWebACL',
]

export const networkActions = [
  'ec2:*Address',
  'ec2:*FlowLogs',
  'ec2:*InternetGateway',
  'ec2:*NatGateway',
  'ec2:*Route',
  'ec2:*RouteTable',
  'ec2:*SecurityGroup',
  'ec2:*Subnet',
  'ec2:*Tags',
  'ec2:AuthorizeSecurityGroup*',
  'ec2:CreateVpc',
  'ec2:CreateVpcEndpoint',
  'ec2:DeleteVpc',
  'ec2:DeleteVpcEndpoints',
  'ec2:ModifySubnetAttribute',
  'ec2:ModifyVpcAttribute',
  'ec2:ModifyVpcEndpoint',
  'ec2:ReplaceRouteTableAssociation',
  'ec2:RevokeSecurityGroup*',
  'ec2:UpdateSecurityGroupRuleDescriptions*',
  // of flow logs to a bucket
  'logs:*LogDelivery',
]

export const cdnActions = [
  'cloudfront:*Function',
  'cloudfront:*OriginAccessControl',
  'cloudfront:*Policy',
  'cloudfront:*Resource',
  'cloudfront:*VpcOrigin',
  'cloudfront:CreateDistribution*',
  'cloudfront:DeleteDistribution',
  'cloudfront:Get*',
  'cloudfront:UpdateDistribution',
]

export const domainActions = [
  'route53:ChangeResourceRecordSets',
  'route53:GetChange',
  'route53:GetHostedZone',
  'route53:ListResourceRecordSets',
]

export const loadBalancerActions = [
  'elasticloadbalancing:AddTags',
  'elasticloadbalancing:Create*',
  'elasticloadbalancing:Delete*',
  'elasticloadbalancing:DeregisterTargets',
  'elasticloadbalancing:Modify*',
  'elasticloadbalancing:RegisterTargets',
  'elasticloadbalancing:RemoveTags',
  'elasticloadbalancing:Set*',
]

/** What the backend's repositories (backend/src/db/repositories) call: the role of its tasks gives it, and the boundary allows it. */
export const taskTableActions = [
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
]

export const tableActions = [
  'dynamodb:*Resource',
  'dynamodb:CreateTable',
  'dynamodb:DeleteTable',
  'dynamodb:Describe*',
  'dynamodb:GetResourcePolicy',
  'dynamodb:UpdateContinuousBackups',
  'dynamodb:UpdateTable',
  'dynamodb:UpdateTimeToLive',
]

export const bucketActions = [
  's3:*Resource',
  's3:CreateBucket',
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  's3:Get*Configuration',
  's3:GetBucket*',
  's3:ListBucket',
  's3:PutBucket*',
  's3:PutEncryptionConfiguration',
  's3:PutLifecycleConfiguration',
]

export const logActions = [
  'logs:*DataProtectionPolicy',
  'logs:*KmsKey',
  'logs:*MetricFilter',
  'logs:*Resource',
  'logs:CreateLogGroup',
  'logs:DeleteLogGroup',
  'logs:DeleteRetentionPolicy',
  'logs:PutRetentionPolicy',
]

export const notificationActions = [
  'events:*Resource',
  'events:*Rule',
  'events:*Targets',
  'sns:*Resource',
  'sns:CreateTopic',
  'sns:DeleteTopic',
  'sns:GetDataProtectionPolicy',
  'sns:GetSubscriptionAttributes',
  'sns:GetTopicAttributes',
  'sns:ListSubscriptionsByTopic',
  'sns:SetTopicAttributes',
  'sns:Subscribe',
  'sns:Unsubscribe',
]

export const budgetActions = ['budgets:*Resource', 'budgets:ModifyBudget', 'budgets:ViewBudget']
