import type { LoggedNeed } from '../gateway/call-log.ts'
import { deniedCode } from './denial.ts'
import { judge, type Need } from './evaluation.ts'
import type { NamedCall } from './named-call.ts'
import { inputOf, needsOf, repositoryArn, type TagsOf } from './needs.ts'
import { roleOf } from './principals.ts'
import type { Role, Roles } from './role-policies.ts'
import { mayAssume, mayAssumeByToken } from './trust.ts'
import { AwsError } from '../gateway/room.ts'

/** What IAM says of a call. */
export interface Judgement {
  needs: LoggedNeed[]
  /** The refusal; undefined: the call may be performed. */
  denial?: AwsError
}

export interface Guard {
  /**
   * @param caller ARN; only the session of a role is asked for permissions, everyone else here is an administrator
   * @param asService the service on whose behalf this process calls itself
   */
  judge(call: NamedCall, caller: string, asService?: string): Promise<Judgement>
  /** The same for what a request to the registry needs of ECR: action and repository. */
  judgeRegistry(needs: readonly (readonly [action: string, repository: string])[], caller: string): Promise<Judgement>
}

/** Enforces IAM: identity policies, permissions boundary, and the trust policies of roles that are assumed. */
export function createGuard(roles: Pick<Roles, 'find' | 'audiencesOf'>, tagsOf: TagsOf): Guard {
  async function judgeNeeds(needs: Need[], caller: string, service: string): Promise<Judgement> {
    const name = roleOf(caller)
    if (name === undefined) return { needs: [] }
    const role = await roles.find(name)
    const judged: LoggedNeed[] = []
    for (const need of needs) {
      const { reason, sids = [] } = verdictOf(need, role)
      judged.push({ action: need.action, resource: need.resource, sids })
      if (reason === undefined) continue
      const sentence = `User: ${caller} is not authorized to perform: ${need.action} on resource: ${need.resource} ${reason}`
      const [code, status] = deniedCode(service)
      return { needs: judged, denial: new AwsError(code, sentence, status) }
    }
    return { needs: judged }
  }

  return {
    async judge(call, caller, asService) {
      const { service, action } = call
      // anyone may ask who they are: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
      if (service === 'sts' && action === 'GetCallerIdentity') return { needs: [] }
      if (service === 'sts' && action === 'AssumeRoleWithWebIdentity') {
        const denial = await mayAssumeByToken(inputOf(call), roles)
        return { needs: [], ...(denial && { denial }) }
      }
      const judgement = await judgeNeeds(needsOf(call, tagsOf), caller, service)
      if (judgement.denial || service !== 'sts' || action !== 'AssumeRole') return judgement
      const denial = await mayAssume(inputOf(call), caller, asService, roles)
      return { ...judgement, ...(denial && { denial }) }
    },
    judgeRegistry: (needs, caller) =>
      judgeNeeds(
        needs.map(([action, repository]) => ({ action: `ecr:${action}`, resource: repositoryArn(repository) })),
        caller,
        'ecr',
      ),
  }
}

/** Why not, in AWS's words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function verdictOf(need: Need, role: Role | undefined): { reason?: string; sids?: string[] } {
  const own = judge(role?.policies ?? [], need)
  if (own.is === 'denied') return { reason: 'with an explicit deny in an identity-based policy' }
  const boundary = role?.boundary && judge([role.boundary], need)
  if (boundary?.is === 'denied') return { reason: 'with an explicit deny in a permissions boundary' }
  if (own.is === 'not allowed') return { reason: `because no identity-based policy allows the ${need.action} action` }
  if (boundary?.is === 'not allowed') {
    return { reason: `because no permissions boundary allows the ${need.action} action` }
  }
  return { sids: own.sids }
}
