import type { EnvironmentNames } from '../environment/environments.mts'
import { arnsOf, type Scope } from './arns.mts'

/*
 * Every permission that the toolkit needs of AWS, once: the policies (policies.mts) and docs/PERMISSIONS.md are made of this
 * table, and test/e2e/least-privilege.slow.test.mts runs the verbs with nothing else. Actions and their resources:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
 */

/** One statement of a policy. */
export interface Permission {
  actions: readonly string[]
  /** ARNs, by the names of the environment. */
  on: (arns: ReturnType<typeof arnsOf>) => string[]
  /** Condition operator → key → value. */
  when?: (scope: Scope) => Record<string, Record<string, string>>
  /** The scripts in deploy/ that call it. */
  verbs: readonly Verb[]
  why: string
}

/** Scripts in deploy/, by the role that runs them. */
export const verbsOf = {
  look: [
    'check',
    'debug',
    'diff',
    'health',
    'invalidation',
    'logs',
    'releases',
    'revisions',
    'status',
    'urls',
    'watch',
  ],
  deploy: [
    'all',
    'backend',
    'frontend',
    'infrastructure',
    'promote',
    'rollback',
    'rollback-frontend',
    'rollback-infrastructure',
    'rollback-release',
    'scale',
    'unlock',
  ],
  'break-glass': ['admin-secret', 'destroy'],
} as const

export type RoleKind = keyof typeof verbsOf
export type Verb = (typeof verbsOf)[RoleKind][number]

export const roleKinds = Object.keys(verbsOf) as RoleKind[]

const stackVerbs = ['all', 'infrastructure', 'rollback-infrastructure'] as const
const imageVerbs = ['all', 'backend', 'promote'] as const
const siteVerbs = ['all', 'frontend', 'promote', 'rollback-frontend', 'rollback-release'] as const
const rolloutVerbs = ['all', 'backend', 'promote', 'rollback', 'rollback-release'] as const
/** Whatever takes the lock and keeps a record. */
const recording: Verb[] = [...new Set<Verb>([...stackVerbs, ...imageVerbs, ...siteVerbs, ...rolloutVerbs, 'scale'])]
/** Whatever starts from the outputs of the stack. */
const everyVerb: Verb[] = Object.values(verbsOf).flat()

export const permissions = {
  StackOfCdk: {
    actions: ['sts:AssumeRole'],
    on: ({ cdkRole }) => [cdkRole('deploy')],
    verbs: [...stackVerbs, 'destroy'],
    why: 'cdk deploys, rolls back and deletes the stack with a role that its bootstrap made',
  },
  FilesOfCdk: {
    actions: ['sts:AssumeRole'],
    on: ({ cdkRole }) => [cdkRole('file-publishing')],
    verbs: stackVerbs,
    why: 'cdk uploads the template with a role that its bootstrap made',
  },
  ReadStack: {
    actions: ['cloudformation:DescribeStacks'],
    on: ({ stack }) => [stack],
    verbs: everyVerb.filter((verb) => verb !== 'releases' && verb !== 'unlock'),
    why: 'every name that CloudFormation chose is an output of the stack',
  },
  ReadStackEvents: {
    actions: ['cloudformation:DescribeStackEvents'],
    on: ({ stack }) => [stack],
    verbs: [...stackVerbs, 'destroy'],
    why: 'after a failure: the resource that it began with',
  },
  ReadStackResources: {
    actions: ['cloudformation:DescribeStackResources'],
    on: ({ stack }) => [stack],
    verbs: stackVerbs,
    why: 'after a failure: cdk asks where in the app the resource is',
  },
  ReadTemplate: {
    actions: ['cloudformation:GetTemplate'],
    on: ({ stack }) => [stack],
    verbs: ['diff'],
    why: 'what a deployment would change is compared with the deployed template',
  },
  IsBootstrapped: {
    actions: ['cloudformation:DescribeStacks'],
    on: ({ toolkitStack }) => [toolkitStack],
    verbs: [...stackVerbs, 'check'],
    why: 'the first deployment bootstraps an account that is not; only an administrator may',
  },
  SignInToRegistry: {
    actions: ['ecr:GetAuthorizationToken'],
    on: () => ['*'],
    verbs: imageVerbs,
    why: 'the password of docker and skopeo; AWS gives it for the whole registry',
  },
  ReadImages: {
    actions: ['ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:GetLifecyclePolicy', 'ecr:ListImages'],
    on: ({ repository }) => [repository],
    verbs: [...rolloutVerbs, 'check', 'diff', 'revisions'],
    why: 'whether an image is there, which one latest is, and what will expire',
  },
  PushImages: {
    actions: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:CompleteLayerUpload',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    on: ({ repository }) => [repository],
    verbs: rolloutVerbs,
    why: 'docker push, skopeo copy, and the tag latest, which a rollback moves back',
  },
  MakeRepository: {
    actions: ['ecr:CreateRepository', 'ecr:DescribeRepositories', 'ecr:PutLifecyclePolicy'],
    on: ({ repository }) => [repository],
    verbs: imageVerbs,
    why: 'the first deployment creates the repository; each one states which images are kept',
  },
  RegisterRevision: {
    actions: ['ecs:RegisterTaskDefinition'],
    on: ({ taskDefinitions }) => [taskDefinitions],
    verbs: imageVerbs,
    why: 'a revision for each release, pinned to the digest of its image',
  },
  PassTaskRoles: {
    actions: ['iam:PassRole'],
    on: ({ taskRoles }) => taskRoles,
    when: () => ({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }),
    verbs: imageVerbs,
    why: 'a revision names the two roles of its tasks; these two, and only to ECS',
  },
  ReadRevisions: {
    actions: ['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions'],
    on: () => ['*'],
    verbs: [...rolloutVerbs, 'check', 'diff', 'revisions', 'scale', 'status', 'watch'],
    why: 'what runs, and what could be rolled back to; AWS cannot limit these to a family',
  },
  CreateService: {
    actions: ['ecs:CreateService'],
    on: ({ service }) => [service],
    verbs: imageVerbs,
    why: 'the first deployment creates the service',
  },
  ChangeService: {
    actions: ['ecs:UpdateService'],
    on: ({ service }) => [service],
    verbs: [...rolloutVerbs, 'scale', 'destroy'],
    why: 'a rollout, a rollback, the number of tasks',
  },
  ReadService: {
    actions: ['ecs:DescribeServices'],
    on: ({ service }) => [service],
    verbs: [...rolloutVerbs, 'check', 'debug', 'destroy', 'diff', 'revisions', 'scale', 'status', 'watch'],
    why: 'what runs',
  },
  ReadDeployments: {
    actions: ['ecs:ListServiceDeployments'],
    on: ({ service }) => [service],
    verbs: [...rolloutVerbs, 'revisions', 'watch'],
    why: 'how a rollout goes',
  },
  ReadServiceRevisions: {
    actions: ['ecs:DescribeServiceRevisions'],
    on: ({ serviceRevisions }) => [serviceRevisions],
    verbs: [...rolloutVerbs, 'revisions', 'watch'],
    why: 'which task definition a rollout of ECS brought',
  },
  ListTasks: {
    actions: ['ecs:ListTasks'],
    on: () => ['*'],
    when: (scope) => ({ ArnEquals: { 'ecs:cluster': arnsOf(scope).cluster } }),
    verbs: rolloutVerbs,
    why: 'the tasks of the cluster',
  },
  ReadTasks: {
    actions: ['ecs:DescribeTasks'],
    on: ({ tasks }) => [tasks],
    verbs: rolloutVerbs,
    why: 'which digest a task runs, and why one stopped',
  },
  ReadTargetHealth: {
    actions: ['elasticloadbalancing:DescribeTargetHealth'],
    on: () => ['*'],
    verbs: rolloutVerbs,
    why: 'whether the load balancer reaches the tasks; AWS cannot limit it to a target group',
  },
  ReadTaskRoles: {
    actions: ['iam:GetRole'],
    on: ({ taskRoles }) => taskRoles,
    verbs: ['rollback', 'rollback-release'],
    why: 'a revision whose roles are gone cannot be rolled back to',
  },
  ListLogGroups: {
    actions: ['logs:DescribeLogGroups'],
    on: () => ['*'],
    verbs: ['rollback', 'rollback-release'],
    why: 'a revision whose log group is gone cannot be rolled back to; AWS has no narrower form',
  },
  ReadLogs: {
    actions: ['logs:FilterLogEvents'],
    on: ({ logGroup }) => [logGroup],
    verbs: ['logs', 'destroy'],
    why: 'the output of the tasks',
  },
  ReadLogsOfTask: {
    actions: ['logs:GetLogEvents'],
    on: ({ logGroup }) => [logGroup],
    verbs: rolloutVerbs,
    why: 'after a failure: the last lines of the task that stopped',
  },
  ReadSite: {
    actions: ['s3:GetObject'],
    on: ({ siteFiles }) => [siteFiles],
    verbs: [...siteVerbs, 'check', 'diff', 'status'],
    why: 'the live page, and the manifest of a release',
  },
  ListSite: {
    actions: ['s3:ListBucket'],
    on: ({ siteBucket }) => [siteBucket],
    verbs: [...siteVerbs, 'check', 'destroy', 'diff', 'status'],
    why: 'which files are there, so that only others are uploaded',
  },
  WriteSite: {
    actions: ['s3:PutObject'],
    on: ({ siteFiles }) => [siteFiles],
    verbs: siteVerbs,
    why: 'the files of a release, and their copies that are live',
  },
  InvalidateSite: {
    actions: ['cloudfront:CreateInvalidation'],
    on: ({ distributions }) => [distributions],
    when: ({ names }) => ({ StringEquals: { 'aws:ResourceTag/environment': names.environment } }),
    verbs: siteVerbs,
    why: 'the CDN fetches the new page; its id is not known beforehand, its tags are',
  },
  ReadInvalidations: {
    actions: ['cloudfront:GetInvalidation', 'cloudfront:ListInvalidations'],
    on: ({ distributions }) => [distributions],
    when: ({ names }) => ({ StringEquals: { 'aws:ResourceTag/environment': names.environment } }),
    verbs: [...siteVerbs, 'debug', 'invalidation'],
    why: 'whether the CDN has the new page',
  },
  ReadLock: {
    actions: ['dynamodb:GetItem'],
    on: ({ ledger }) => [ledger],
    verbs: [...recording, 'check', 'destroy', 'releases', 'status', 'unlock', 'watch'],
    why: 'who holds the lock, and the record of one release',
  },
  ReadLedger: {
    actions: ['dynamodb:Query'],
    on: ({ ledger }) => [ledger],
    verbs: [...recording, 'check', 'diff', 'releases', 'revisions', 'status', 'watch'],
    why: 'the releases',
  },
  WriteLedger: {
    actions: ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    on: ({ ledger }) => [ledger],
    verbs: [...recording, 'destroy', 'unlock'],
    why: 'the record of a run, and the lock while it lasts',
  },
  IsSecretThere: {
    actions: ['secretsmanager:DescribeSecret'],
    on: ({ adminSecret }) => [adminSecret],
    verbs: ['check'],
    why: 'whether the admin secret exists; not its value',
  },
  ReadCertificate: {
    actions: ['acm:DescribeCertificate'],
    on: ({ certificates }) => [certificates],
    verbs: ['check'],
    why: 'whether the certificate of the site’s own domain is issued, and for how long',
  },
  ReadWebhook: {
    actions: ['ssm:GetParameter'],
    on: ({ slackWebhook }) => [slackWebhook],
    verbs: recording,
    why: 'where a run is announced, if there is such a parameter',
  },
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
  EmptySite: {
    actions: ['s3:DeleteObjectVersion'],
    on: ({ siteFiles }) => [siteFiles],
    verbs: ['destroy'],
    why: 'every version of every file',
  },
  DeleteSite: {
    actions: ['s3:DeleteBucket', 's3:ListBucketVersions'],
    on: ({ siteBucket }) => [siteBucket],
    verbs: ['destroy'],
    why: 'the stack keeps the bucket',
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

export type Sid = keyof typeof permissions

/** The table's rows, with the type that all of them have. */
export const rows = Object.entries(permissions) as [Sid, Permission][]

/** The environment whose releases are promoted to this one; undefined: none is. */
export const promotedFrom: Partial<Record<EnvironmentNames['environment'], EnvironmentNames['environment']>> = {
  staging: 'development',
  production: 'staging',
}
