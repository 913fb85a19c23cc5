import { once } from '../once.ts'
import { accessKeyId, region, secretAccessKey } from '../settings.ts'
import type { PolicyDocument } from './evaluation.ts'

/** What a role may do, and who may be it. */
export interface Role {
  arn: string
  policies: PolicyDocument[]
  /** Undefined: it has none. */
  boundary: PolicyDocument | undefined
  trust: PolicyDocument
  /** Seconds. */
  longestSession: number
}

/** How long an answer of moto is good for: calls come in bursts, and each question is a dozen milliseconds. */
const freshness = 1_000

/** Reads roles from moto. @param endpoint moto's */
export function createRoles(endpoint: string) {
  const client = once(async () => {
    const { IAM } = await import('@aws-sdk/client-iam')
    return new IAM({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
  })
  const known = new Map<string, { role: Promise<Role | undefined>; until: number }>()

  async function readManaged(PolicyArn: string): Promise<PolicyDocument> {
    const iam = await client()
    const { Policy } = await iam.getPolicy({ PolicyArn })
    const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: Policy!.DefaultVersionId })
    return parse(PolicyVersion!.Document)
  }

  async function read(RoleName: string): Promise<Role | undefined> {
    const iam = await client()
    const found = await iam.getRole({ RoleName }).catch((error: Error) => {
      if (error.name.startsWith('NoSuchEntity')) return undefined
      throw error
    })
    if (!found?.Role) return undefined
    const [{ PolicyNames = [] }, { AttachedPolicies = [] }] = await Promise.all([
      iam.listRolePolicies({ RoleName }),
      iam.listAttachedRolePolicies({ RoleName }),
    ])
    const inline = PolicyNames.map(async (PolicyName) =>
      parse((await iam.getRolePolicy({ RoleName, PolicyName })).PolicyDocument),
    )
    const managed = AttachedPolicies.map(({ PolicyArn }) => readManaged(PolicyArn!))
    const boundary = found.Role.PermissionsBoundary?.PermissionsBoundaryArn
    return {
      arn: found.Role.Arn!,
      policies: await Promise.all([...inline, ...managed]),
      boundary: boundary === undefined ? undefined : await readManaged(boundary),
      trust: parse(found.Role.AssumeRolePolicyDocument),
      longestSession: found.Role.MaxSessionDuration ?? 3600,
    }
  }

  return {
    /** Undefined: there is no such role. */
    find(name: string): Promise<Role | undefined> {
      const seen = known.get(name)
      if (seen && Date.now() < seen.until) return seen.role
      const role = read(name)
      known.set(name, { role, until: Date.now() + freshness })
      role.catch(() => known.delete(name))
      return role
    },
    /** The audiences that an identity provider is for; undefined: there is no such provider. */
    async audiencesOf(OpenIDConnectProviderArn: string): Promise<string[] | undefined> {
      const iam = await client()
      return await iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn }).then(
        ({ ClientIDList }) => ClientIDList ?? [],
        () => undefined,
      )
    },
    async close() {
      if (client.isMade()) (await client()).destroy()
    },
  }
}

export type Roles = ReturnType<typeof createRoles>

/** Documents arrive in URL encoding. */
function parse(document: string | undefined): PolicyDocument {
  const text = document ?? '{"Statement":[]}'
  return JSON.parse(text.trimStart().startsWith('{') ? text : decodeURIComponent(text)) as PolicyDocument
}
