/*
 * What CloudFormation may do (lib/access/execution.mts), and the role that looks for its drift (drift-permissions.mts), is
 * compared with what its handlers of our resource types call, as AWS publishes it in the schemas that cfn-lint has: the local
 * AWS enforces neither. Only actions are compared, not
 * the resources that they are allowed on. Slow: it synthesizes every template.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { before, test } from 'node:test'
import { driftPermissions } from '../../../lib/access/drift-permissions.mts'
import { cloudFormationPolicy } from '../../../lib/access/execution.mts'
import { unasked } from '../../../lib/stack/drift.mts'
import { templateOf, variants } from '../../test/synthesis.ts'
import { matchesText } from '../iam/wildcards.ts'
import { cfnLintPython, provideCfnLint } from './cfn-lint.ts'

/** Calls that a handler of our resource types may make, and that we do not allow, by the reason. */
const unneeded: Record<string, string[]> = {
  'no replica in another region': [
    'dynamodb:*TableReplica',
    'dynamodb:*Item',
    'dynamodb:Query',
    'dynamodb:Scan',
    'secretsmanager:*Regions*',
  ],
  'no table is imported from a bucket': [
    'dynamodb:ImportTable',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    's3:GetObjectMetadata',
  ],
  'no table streams to Kinesis, or has insights or a policy': [
    'dynamodb:*KinesisStreamingDestination',
    'dynamodb:*ResourcePolicy',
    'dynamodb:UpdateContributorInsights',
    'kinesis:*',
  ],
  'the policy of the key gives what is needed of it: docs/SETTINGS_THAT_COST.md': ['kms:*'],
  'no network of IPv6, VPN, Lattice, another tenancy or account': [
    'ec2:*SubnetCidrBlock',
    'ec2:*VpnGateway',
    'ec2:AcceptAddressTransfer',
    'ec2:CreateVpcEncryptionControl',
    'ec2:ModifyVpcTenancy',
    'vpc-lattice:*',
    'vpce:AllowMultiRegion',
  ],
  'AmazonVPCFullAccess makes flow logs without it': ['autoscaling:DescribeTags'],
  'CloudFrontFullAccess makes VPC origins without it': ['sts:AssumeRole'],
  'one distribution, without tenants and without a staging one': [
    'cloudfront:CreateConnectionGroup',
    'cloudfront:UpdateDistributionWithStagingConfig',
  ],
  'nobody signs in at the load balancer': ['cognito-idp:DescribeUserPoolClient'],
  'the settings of the account are not ours': ['ecs:PutAccountSetting*'],
  'flow logs go to a bucket and rules to a topic: neither takes a role': ['iam:PassRole'],
  'a role has its policies in itself, and keeps its boundary': [
    'iam:AttachRolePolicy',
    'iam:DeleteRolePermissionsBoundary',
    'iam:DetachRolePolicy',
  ],
  'a log group is delivered nowhere, and has no index, policy or protection from deletion': [
    'firehose:TagDeliveryStream',
    'logs:*IndexPolicy',
    'logs:*ResourcePolicy',
    'logs:PutBearerTokenAuthentication',
    'logs:PutLogGroupDeletionProtection',
    's3:REST.PUT.OBJECT',
  ],
  'no bucket has analytics, metrics, inventory, tiers, replicas, a website, acceleration, locks or metadata tables': [
    's3:*Analytics*',
    's3:*IntelligentTiering*',
    's3:*Inventory*',
    's3:*Metadata*Table*',
    's3:*Metrics*',
    's3:*Replication*',
    's3:DeleteBucketWebsite',
    's3:PutAccelerateConfiguration',
    's3:PutObjectLockConfiguration',
    's3tables:*',
  ],
  'S3 asks for the permission to put it': [
    's3:DeleteBucketCors',
    's3:DeleteBucketEncryption',
    's3:DeleteBucketLifecycle',
  ],
  'objects are not the stack’s': ['s3:DeleteObject', 's3:PutObjectAcl'],
  'a topic masks no data, and a subscription has nothing that changes': [
    'sns:PutDataProtectionPolicy',
    'sns:SetSubscriptionAttributes',
  ],
}

/** What we allow and no handler calls. */
const beyond: Record<string, string> = {
  'ssm:GetParameters': 'the template has the version of the bootstrap as a parameter',
  'wafv2:GetWebACL': 'CloudFront looks at the web ACL that it is given',
}

/** Types whose handlers name an action, by action. */
const needs = new Map<string, Set<string>>()
/** Actions of the handlers that read a type whose drift is asked for. */
const reads = new Set<string>()
const allowed = cloudFormationPolicy({ partition: 'aws', account: '123456789012' }).Statement.flatMap(
  ({ Action }) => Action,
)

before(async () => {
  await provideCfnLint()
  const templates = variants.map((variant) => templateOf(...variant).toJSON())
  const types = templates.flatMap(({ Resources }) => Object.values<{ Type: string }>(Resources).map(({ Type }) => Type))
  for (const [type, handlers] of Object.entries(handlersOf([...new Set(types)]))) {
    for (const action of unasked.has(type) ? [] : (handlers['read']?.permissions ?? [])) reads.add(action)
    for (const [handler, { permissions }] of Object.entries(handlers))
      // no stack lists: the IaC generator and Cloud Control API do
      for (const action of handler === 'list' ? [] : permissions)
        needs.set(action, (needs.get(action) ?? new Set()).add(type))
  }
})

type Handlers = Record<string, { permissions: string[] }>

function handlersOf(types: string[]): Record<string, Handlers> {
  const script = `
import json, sys
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as schemas
print(json.dumps({type: schemas.get_resource_schema("us-east-1", type).schema.get("handlers", {}) for type in sys.argv[1:]}))`
  const { stdout, stderr } = spawnSync(cfnLintPython, ['-c', script, ...types], { encoding: 'utf8' })
  assert.equal(stderr, '')
  return JSON.parse(stdout) as Record<string, Handlers>
}

const isAllowed = (action: string) => allowed.some((pattern) => matchesText(pattern, action))

test('each call of our resource types is allowed, or has a reason', () => {
  const patterns = Object.values(unneeded).flat()
  const missing = [...needs].filter(
    ([action]) => !isAllowed(action) && !patterns.some((pattern) => matchesText(pattern, action)),
  )
  assert.deepEqual(
    missing.map(([action, types]) => `${action}: ${[...types].join(', ')}`),
    [],
  )
})

test('each reason is about a call that is not allowed', () => {
  const refused = [...needs.keys()].filter((action) => !isAllowed(action))
  const patterns = Object.values(unneeded).flat()
  assert.deepEqual(
    patterns.filter((pattern) => !refused.some((action) => matchesText(pattern, action))),
    [],
  )
})

test('nothing is allowed that none of our resource types calls, but with a reason', () => {
  const called = [...needs.keys()]
  assert.deepEqual(
    allowed.filter((pattern) => !called.some((action) => matchesText(pattern, action))).toSorted(),
    Object.keys(beyond).toSorted(),
  )
})

test('the role that looks may read for drift what the handlers read, and no more', () => {
  // no rule has a target with a role, no cluster a key, and no endpoint is of VPC Lattice
  const needless = ['iam:PassRole', 'kms:DescribeKey', 'vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation']
  const given = Object.values(driftPermissions).flatMap(({ actions }): readonly string[] => actions)
  assert.deepEqual(
    given.filter((action) => !action.startsWith('cloudformation:')).toSorted(),
    [...reads].filter((action) => !needless.includes(action)).toSorted(),
  )
})
