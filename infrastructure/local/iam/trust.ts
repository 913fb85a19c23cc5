import { AwsError, type Input } from '../gateway/room.ts'
import { account, region } from '../settings.ts'
import { judge, type Need } from './evaluation.ts'
import type { Caller } from './principals.ts'
import type { Role, Roles } from './role-policies.ts'

/**
 * Whether a role's trust policy lets the caller assume it. Returns the refusal; undefined: it does.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export async function mayAssume(
  input: Input,
  caller: string,
  asService: string | undefined,
  roles: Pick<Roles, 'find'>,
): Promise<AwsError | undefined> {
  const arn = String(input['RoleArn'])
  const role = await roleAt(arn, roles)
  const asks: Caller = asService === undefined ? { kind: 'AWS', name: caller } : { kind: 'Service', name: asService }
  const context = {
    ...(typeof input['ExternalId'] === 'string' && { 'sts:ExternalId': input['ExternalId'] }),
    ...(input['SerialNumber'] !== undefined &&
      input['TokenCode'] !== undefined && { 'aws:MultiFactorAuthPresent': 'true' }),
    // ECS says so of itself: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    ...(asService !== undefined && {
      'aws:SourceAccount': account,
      'aws:SourceArn': `arn:aws:ecs:${region}:${account}:*`,
    }),
  }
  const tagged = Array.isArray(input['Tags']) && input['Tags'].length > 0
  for (const action of ['sts:AssumeRole', ...(tagged ? ['sts:TagSession'] : [])]) {
    if (trusts(role, asks, { action, resource: arn, context })) continue
    return new AwsError(
      'AccessDenied',
      `User: ${caller} is not authorized to perform: ${action} on resource: ${arn}`,
      403,
    )
  }
  return refuseLongSession(role!, input)
}

/**
 * The same for the token of an identity provider, such as GitHub's. Its signature is not checked: the provider's keys are
 * out of reach here.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export async function mayAssumeByToken(
  input: Input,
  roles: Pick<Roles, 'find' | 'audiencesOf'>,
): Promise<AwsError | undefined> {
  const claims = claimsOf(String(input['WebIdentityToken']))
  if (!claims) return new AwsError('InvalidIdentityToken', 'The ID Token provided is not a valid JWT.')
  const issuer = String(claims['iss']).replace(/^https:\/\//, '')
  const provider = `arn:aws:iam::${account}:oidc-provider/${issuer}`
  const audiences = await roles.audiencesOf(provider)
  if (!audiences) {
    return new AwsError(
      'InvalidIdentityToken',
      `No OpenIDConnect provider found in your account for ${String(claims['iss'])}`,
    )
  }
  if (!audiences.includes(String(claims['aud'])))
    return new AwsError('InvalidIdentityToken', 'Incorrect token audience')
  const arn = String(input['RoleArn'])
  const role = await roleAt(arn, roles)
  const texts = Object.entries(claims).filter((claim): claim is [string, string] => typeof claim[1] === 'string')
  const need = {
    action: 'sts:AssumeRoleWithWebIdentity',
    resource: arn,
    context: Object.fromEntries(texts.map(([name, value]) => [`${issuer}:${name}`, value])),
  }
  if (trusts(role, { kind: 'Federated', name: provider }, need)) return refuseLongSession(role, input)
  return new AwsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403)
}

function roleAt(arn: string, roles: Pick<Roles, 'find'>): Promise<Role | undefined> {
  return roles.find(arn.slice(arn.lastIndexOf('/') + 1))
}

/** A role that is not there trusts no one, and is refused in the same words. */
function trusts(role: Role | undefined, caller: Caller, need: Need): role is Role {
  return role !== undefined && judge([role.trust], need, caller).is === 'allowed'
}

function refuseLongSession({ longestSession }: Role, { DurationSeconds }: Input): AwsError | undefined {
  if (DurationSeconds === undefined || Number(DurationSeconds) <= longestSession) return undefined
  const fact = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
  return new AwsError('ValidationError', fact)
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
  } catch {
    return undefined
  }
}
