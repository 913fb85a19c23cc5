import { type Permission } from './permission.mts'

/** What promotion reads of its source, and what break-glass destroys. */
export const otherPermissions = {
  ReadSourceStack: {
    actions: ['cloudformation:DescribeStacks'],
    on: ({ source }) => (source ? [source.stack] : []),
    verbs: ['promote'],
    why: 'promotion: the bucket of the environment that is promoted',
  },
  ReadSourceImages: {
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    on: ({ source }) => (source ? [source.repository] : []),
    verbs: ['promote'],
    why: 'promotion: its image is copied as it is',
  },
  ReadSourceService: {
    actions: ['ecs:DescribeServices'],
    on: ({ source }) => (source ? [source.service] : []),
    verbs: ['promote'],
    why: 'promotion: what it runs is what is promoted',
  },
  ReadSourceSite: {
    actions: ['s3:GetObject'],
    on: ({ source }) => (source ? [source.siteFiles] : []),
    verbs: ['promote'],
    why: 'promotion: its site is copied as it is',
  },
  ListSourceSite: {
    actions: ['s3:ListBucket'],
    on: ({ source }) => (source ? [source.siteBucket] : []),
    verbs: ['promote'],
    why: 'promotion: whether its site is complete',
  },
  ReadSourceLedger: {
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    on: ({ source }) => (source ? [source.ledger] : []),
    verbs: ['promote', 'all', 'backend', 'frontend', 'infrastructure'],
    why: 'whether a release was verified there first',
  },
  ReadAdminSecret: {
    actions: ['secretsmanager:GetSecretValue'],
    on: ({ adminSecret }) => [adminSecret],
    verbs: ['admin-secret'],
    why: 'the password of the quiz’s administrator',
  },
  GenerateAdminSecret: {
    actions: ['secretsmanager:GetRandomPassword'],
    on: () => ['*'],
    verbs: ['rotate-admin-secret'],
    why: 'a new password; AWS has no narrower form',
  },
  StoreAdminSecret: {
    actions: ['secretsmanager:PutSecretValue'],
    on: ({ adminSecret }) => [adminSecret],
    verbs: ['rotate-admin-secret'],
    why: 'replaces the password of the quiz’s administrator; the old one cannot be read with it',
  },
  UnprotectStack: {
    actions: ['cloudformation:UpdateTerminationProtection'],
    on: ({ stack }) => [stack],
    verbs: ['destroy'],
    why: 'production’s stack refuses its deletion until this is lifted',
  },
  DeleteService: {
    actions: ['ecs:DeleteService'],
    on: ({ service }) => [service],
    verbs: ['destroy'],
    why: 'the stack cannot go while the service lives',
  },
  FindAccessLogs: {
    actions: ['s3:ListBucket'],
    on: ({ logBucket }) => [logBucket],
    verbs: ['destroy'],
    why: 'whether the bucket of the access logs is still there',
  },
  EmptyBuckets: {
    actions: ['s3:DeleteObjectVersion'],
    on: ({ siteFiles, logFiles }) => [siteFiles, logFiles],
    verbs: ['destroy'],
    why: 'every version of every file; the access logs only with --data',
  },
  DeleteBuckets: {
    actions: ['s3:DeleteBucket', 's3:ListBucketVersions'],
    on: ({ siteBucket, logBucket }) => [siteBucket, logBucket],
    verbs: ['destroy'],
    why: 'the stack keeps the buckets; --data deletes that of the access logs too',
  },
  DeleteRepository: {
    actions: ['ecr:DeleteRepository', 'ecr:DescribeRepositories'],
    on: ({ repository }) => [repository],
    verbs: ['destroy'],
    why: 'the repository is not the stack’s',
  },
  DeleteTables: {
    actions: ['dynamodb:DeleteTable', 'dynamodb:DescribeTable'],
    on: ({ tables }) => tables,
    verbs: ['destroy'],
    why: 'the stack keeps the tables; --data deletes the application’s too',
  },
  DeleteLogs: {
    actions: ['logs:DeleteLogGroup'],
    on: ({ logGroup }) => [logGroup],
    verbs: ['destroy'],
    why: 'the stack keeps the logs; --data deletes them',
  },
} as const satisfies Record<string, Permission>
