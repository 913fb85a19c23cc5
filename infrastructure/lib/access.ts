import {
  AccountPrincipal,
  type IPrincipal,
  ManagedPolicy,
  OidcProviderNative,
  PolicyDocument,
  PrincipalWithConditions,
  Role,
  WebIdentityPrincipal,
} from 'aws-cdk-lib/aws-iam'
import { BootstraplessSynthesizer, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { scopeOf } from '../../lib/access/arns.mts'
import { cloudFormationPolicy, taskBoundaryPolicy } from '../../lib/access/execution.mts'
import { accessName, accessStack, executionPolicy, taskBoundary } from '../../lib/access/names.mts'
import { promotedFrom } from '../../lib/access/rows.mts'
import { type RoleKind, roleKinds } from '../../lib/access/verbs.mts'
import { policiesOf, policyFor, policyKinds, type Policy, type PolicyKind } from '../../lib/access/policies.mts'
import type { Environment } from '../../lib/environment/environments.mts'

/** GitHub's identity provider: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws */
const issuer = 'token.actions.githubusercontent.com'

/** A repository, whose workflows may assume roles. */
export interface Repository {
  /** `owner/name` */
  name: string
  ownerId: string
  id: string
}

export interface Access {
  partition: string
  account: string
  environment: Environment
  region: string
  /** Undefined: the account's own people assume the roles. */
  repository: Repository | undefined
  /** An account has one GitHub provider at most: false where it is there already. */
  makesProvider: boolean
}

/**
 * Who may do what in an account. An administrator deploys it, an environment at a time; it needs no bootstrap, which needs
 * it. Three stacks: each stays below the size that is deployed without a bucket, and the roles of one environment stay when
 * those of another change.
 */
export function addAccess(scope: Construct, access: Access): void {
  new AccountPolicies(scope, access)
  if (access.repository && access.makesProvider) new GitHubProvider(scope)
  new EnvironmentRoles(scope, access)
}

function stackProps(description: string, tags = {}): StackProps {
  return { description, tags: { application: 'live-quiz', ...tags }, synthesizer: new BootstraplessSynthesizer() }
}

/** What CloudFormation and the tasks may do at most, in every environment of the account. */
class AccountPolicies extends Stack {
  constructor(scope: Construct, access: Access) {
    super(scope, accessStack, stackProps('Live Quiz Event System: bounds of what is deployed'))
    addPolicy(this, executionPolicy, cloudFormationPolicy(access), 'What CloudFormation may do for Live Quiz')
    addPolicy(this, taskBoundary, taskBoundaryPolicy(access), 'The most that a task of Live Quiz may do')
  }
}

/** Without a Lambda: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html */
class GitHubProvider extends Stack {
  constructor(scope: Construct) {
    super(scope, `${accessStack}-github`, stackProps('Live Quiz Event System: the identity provider of GitHub'))
    new OidcProviderNative(this, 'GitHub', { url: `https://${issuer}`, clientIds: ['sts.amazonaws.com'] })
  }
}

/** Beyond IAM's hour: a job of a workflow may wait for a quiz that is live, and a restore for its table. */
const longestSession: Partial<Record<RoleKind, Duration>> = { deploy: Duration.minutes(90), recover: Duration.hours(2) }

/** A role for each purpose, with the policies of that name. */
class EnvironmentRoles extends Stack {
  constructor(scope: Construct, access: Access) {
    const { environment } = access
    const props = stackProps(`Live Quiz Event System, ${environment}: who may do what`, { environment })
    super(scope, `${accessStack}-${environment}`, props)
    const place = scopeOf(environment, promotedFrom[environment], access)
    const policyOf = (kind: PolicyKind) =>
      addPolicy(this, accessName(environment, kind), policyFor(kind, place), `Live Quiz, ${environment}: ${kind}`)
    const policies = new Map(policyKinds.map((kind) => [kind, policyOf(kind)]))
    for (const kind of roleKinds) {
      const roleName = accessName(environment, kind)
      const role = new Role(this, `${roleName}-role`, {
        roleName,
        description: `Live Quiz, ${environment}: ${purposes[kind]}`,
        assumedBy: trusted(kind, access),
        managedPolicies: policiesOf[kind].map((each) => policies.get(each)!),
        ...(longestSession[kind] && { maxSessionDuration: longestSession[kind] }),
      })
      new CfnOutput(this, `${roleName}-arn`, { value: role.roleArn })
    }
  }
}

function addPolicy(stack: Stack, managedPolicyName: string, document: Policy, description: string): ManagedPolicy {
  return new ManagedPolicy(stack, managedPolicyName, {
    managedPolicyName,
    description,
    document: PolicyDocument.fromJson(document),
  })
}

/**
 * Workflows of the repository, where one is named; else everyone in the account whose own policies say so. Nobody recovers
 * or breaks the glass without a second factor.
 */
function trusted(kind: RoleKind, { account, partition, environment, repository }: Access): IPrincipal {
  const people = new AccountPrincipal(account)
  if (kind === 'recover' || kind === 'break-glass') {
    return new PrincipalWithConditions(people, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })
  }
  if (!repository) return people
  return new WebIdentityPrincipal(`arn:${partition}:iam::${account}:oidc-provider/${issuer}`, {
    StringEquals: {
      [`${issuer}:aud`]: 'sts.amazonaws.com',
      [`${issuer}:sub`]: subjects(kind, environment, repository),
    },
  })
}

const purposes: Record<RoleKind, string> = {
  look: 'check, diff and the like; changes nothing',
  deploy: 'deploys, promotes, rolls back',
  recover: 'restores the data, and replaces the admin secret',
  'break-glass': 'destroys, and reads the admin secret',
}

/**
 * Whose tokens: jobs of the environment; to look also pull requests and the main branch. Repositories made since 15 July
 * 2026 have ids in the subject, earlier ones have none, and a rename turns the one into the other.
 * https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
 */
function subjects(kind: RoleKind, environment: Environment, { name, ownerId, id }: Repository): string[] {
  const [owner, repository] = name.split('/')
  const jobs = [`environment:${environment}`, ...(kind === 'look' ? ['pull_request', 'ref:refs/heads/main'] : [])]
  return [`repo:${name}`, `repo:${owner}@${ownerId}/${repository}@${id}`].flatMap((start) =>
    jobs.map((job) => `${start}:${job}`),
  )
}
