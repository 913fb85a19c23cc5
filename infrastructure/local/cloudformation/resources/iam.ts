import type { IAM } from '@aws-sdk/client-iam'
import { physicalName } from '../physical-name.ts'
import type { Properties, ResourceState, ResourceType, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { finishOrRemove } from './several-calls.ts'
import { textOf } from './property-values.ts'
import { retag, tagsOf } from './tags.ts'

interface RoleProperties {
  RoleName?: string
  Path?: string
  Description?: string
  AssumeRolePolicyDocument?: unknown
  ManagedPolicyArns?: string[]
  MaxSessionDuration?: number | string
  PermissionsBoundary?: string
  Policies?: { PolicyName: string; PolicyDocument: unknown }[]
}

export function iamTypes({ iam }: Clients): ResourceTypes {
  return {
    'AWS::IAM::Role': roleType(iam),
    'AWS::IAM::Policy': inlinePolicyType(iam),
    'AWS::IAM::ManagedPolicy': managedPolicyType(iam),
    'AWS::IAM::OIDCProvider': identityProviderType(iam),
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
function roleType(iam: Clients['iam']): ResourceType {
  return {
    knows: [
      'AssumeRolePolicyDocument',
      'Description',
      'ManagedPolicyArns',
      'MaxSessionDuration',
      'Path',
      'PermissionsBoundary',
      'Policies',
      'RoleName',
      'Tags',
    ],
    nameProperty: 'RoleName',
    replacedBy: ['Path', 'RoleName'],
    taggable: true,
    async create(request) {
      const client = iam()
      const properties = request.properties as RoleProperties
      const { Path, Description, PermissionsBoundary } = properties
      const RoleName = properties.RoleName ?? physicalName(request, 64)
      const { Role } = await client.createRole({
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify(properties.AssumeRolePolicyDocument),
        ...(Path && { Path }),
        ...(Description && { Description }),
        ...(PermissionsBoundary && { PermissionsBoundary }),
        ...(properties.MaxSessionDuration && { MaxSessionDuration: Number(properties.MaxSessionDuration) }),
        Tags: tagsOf(request),
      })
      const state = { physicalId: RoleName, attributes: { Arn: Role!.Arn, RoleId: Role!.RoleId } }
      await finishOrRemove(
        () => changePolicies(client, RoleName, {}, properties),
        () => removeRole(client, RoleName, properties),
      )
      return state
    },
    async update(request, current, previous) {
      const client = iam()
      const RoleName = current.physicalId
      const properties = request.properties as RoleProperties
      const { Description = '', MaxSessionDuration = 3600, PermissionsBoundary } = properties
      await client.updateAssumeRolePolicy({
        RoleName,
        PolicyDocument: JSON.stringify(properties.AssumeRolePolicyDocument),
      })
      await client.updateRole({ RoleName, Description, MaxSessionDuration: Number(MaxSessionDuration) })
      if (PermissionsBoundary) await client.putRolePermissionsBoundary({ RoleName, PermissionsBoundary })
      else if (previous['PermissionsBoundary']) await client.deleteRolePermissionsBoundary({ RoleName })
      await changePolicies(client, RoleName, previous, properties)
      await retag(request, {
        existing: async () => (await client.listRoleTags({ RoleName })).Tags,
        remove: (TagKeys) => client.untagRole({ RoleName, TagKeys }),
        add: (Tags) => client.tagRole({ RoleName, Tags }),
      })
      return current
    },
    async delete({ physicalId }, properties) {
      await removeRole(iam(), physicalId, properties)
    },
  }
}

function inlinePolicyType(iam: Clients['iam']): ResourceType {
  return {
    knows: ['PolicyDocument', 'PolicyName', 'Roles'],
    replacedBy: ['PolicyName'],
    async create(request) {
      await putInline(iam(), request.properties)
      const physicalId = physicalName(request, 128)
      return { physicalId, attributes: { Id: physicalId } }
    },
    async update({ properties }, current, previous) {
      const client = iam()
      await putInline(client, properties)
      const kept = rolesOf(properties)
      const left = rolesOf(previous).filter((role) => !kept.includes(role))
      await deleteInline(client, { ...previous, Roles: left })
      return current
    },
    async delete(_, properties) {
      await deleteInline(iam(), properties)
    },
  }
}

function managedPolicyType(iam: Clients['iam']): ResourceType {
  return {
    knows: ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'],
    nameProperty: 'ManagedPolicyName',
    replacedBy: ['Description', 'ManagedPolicyName', 'Path'],
    async create(request) {
      const client = iam()
      const { Description, Path, PolicyDocument, ManagedPolicyName } = request.properties
      const { Policy } = await client.createPolicy({
        PolicyName: textOf(ManagedPolicyName ?? physicalName(request, 128)),
        PolicyDocument: JSON.stringify(PolicyDocument),
        ...(Description !== undefined && { Description: textOf(Description) }),
        ...(Path !== undefined && { Path: textOf(Path) }),
      })
      const PolicyArn = Policy!.Arn!
      await finishOrRemove(
        () => each(rolesOf(request.properties), (RoleName) => client.attachRolePolicy({ RoleName, PolicyArn })),
        () => client.deletePolicy({ PolicyArn }),
      )
      return managedPolicyState(PolicyArn, Policy!.PolicyId)
    },
    async update({ properties }, current, previous) {
      const client = iam()
      const PolicyArn = current.physicalId
      const document = JSON.stringify(properties['PolicyDocument'])
      if (document !== JSON.stringify(previous['PolicyDocument'])) {
        await dropOldVersions(client, PolicyArn)
        await client.createPolicyVersion({ PolicyArn, PolicyDocument: document, SetAsDefault: true })
      }
      const [now, before] = [rolesOf(properties), rolesOf(previous)]
      await each(now, (RoleName) => client.attachRolePolicy({ RoleName, PolicyArn }))
      const left = before.filter((role) => !now.includes(role))
      await each(left, (RoleName) => client.detachRolePolicy({ RoleName, PolicyArn }))
      return current
    },
    async delete({ physicalId }, properties) {
      const client = iam()
      await each(rolesOf(properties), (RoleName) => client.detachRolePolicy({ RoleName, PolicyArn: physicalId }))
      await dropOldVersions(client, physicalId)
      await client.deletePolicy({ PolicyArn: physicalId })
    },
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html */
function identityProviderType(iam: Clients['iam']): ResourceType {
  return {
    knows: ['ClientIdList', 'Tags', 'ThumbprintList', 'Url'],
    taggable: true,
    async create(request) {
      const { Url, ClientIdList = [], ThumbprintList = [] } = request.properties
      const { OpenIDConnectProviderArn } = await iam().createOpenIDConnectProvider({
        Url: textOf(Url),
        ClientIDList: ClientIdList as string[],
        ThumbprintList: ThumbprintList as string[],
        Tags: tagsOf(request),
      })
      return { physicalId: OpenIDConnectProviderArn!, attributes: { Arn: OpenIDConnectProviderArn } }
    },
    async delete({ physicalId }) {
      await iam().deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: physicalId })
    },
  }
}

async function changePolicies(client: IAM, RoleName: string, before: RoleProperties, after: RoleProperties) {
  const attached = after.ManagedPolicyArns ?? []
  const inline = after.Policies ?? []
  const detached = (before.ManagedPolicyArns ?? []).filter((arn) => !attached.includes(arn))
  const dropped = (before.Policies ?? []).filter(
    ({ PolicyName }) => !inline.some((kept) => kept.PolicyName === PolicyName),
  )
  await each(attached, (PolicyArn) => client.attachRolePolicy({ RoleName, PolicyArn }))
  await each(inline, ({ PolicyName, PolicyDocument }) =>
    client.putRolePolicy({ RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) }),
  )
  await each(detached, (PolicyArn) => client.detachRolePolicy({ RoleName, PolicyArn }))
  await each(dropped, ({ PolicyName }) => client.deleteRolePolicy({ RoleName, PolicyName }))
}

/** Only what the stack gave it goes with it: a role that others have given policies cannot be deleted, as on AWS. */
async function removeRole(client: IAM, RoleName: string, properties: RoleProperties): Promise<void> {
  const [attached, inline] = await Promise.all([
    client.listAttachedRolePolicies({ RoleName }),
    client.listRolePolicies({ RoleName }),
  ])
  const ownArns = (properties.ManagedPolicyArns ?? []).filter((arn) =>
    attached.AttachedPolicies?.some(({ PolicyArn }) => PolicyArn === arn),
  )
  const ownNames = (properties.Policies ?? []).filter(({ PolicyName }) => inline.PolicyNames?.includes(PolicyName))
  await each(ownArns, (PolicyArn) => client.detachRolePolicy({ RoleName, PolicyArn }))
  await each(ownNames, ({ PolicyName }) => client.deleteRolePolicy({ RoleName, PolicyName }))
  await client.deleteRole({ RoleName })
}

async function putInline(client: IAM, properties: Properties): Promise<void> {
  const PolicyName = textOf(properties['PolicyName'])
  const PolicyDocument = JSON.stringify(properties['PolicyDocument'])
  await each(rolesOf(properties), (RoleName) => client.putRolePolicy({ RoleName, PolicyName, PolicyDocument }))
}

async function deleteInline(client: IAM, properties: Properties): Promise<void> {
  const PolicyName = textOf(properties['PolicyName'])
  await each(rolesOf(properties), (RoleName) => client.deleteRolePolicy({ RoleName, PolicyName }))
}

/** A policy has at most five versions. */
async function dropOldVersions(client: IAM, PolicyArn: string): Promise<void> {
  const { Versions } = await client.listPolicyVersions({ PolicyArn })
  const old = (Versions ?? []).filter(({ IsDefaultVersion }) => !IsDefaultVersion)
  await each(old, ({ VersionId }) => client.deletePolicyVersion({ PolicyArn, VersionId }))
}

function rolesOf({ Roles }: Properties): string[] {
  return (Roles ?? []) as string[]
}

function managedPolicyState(arn: string, id: string | undefined): ResourceState {
  return { physicalId: arn, attributes: { PolicyArn: arn, PolicyId: id } }
}

async function each<Item>(items: Item[], perform: (item: Item) => Promise<unknown>): Promise<void> {
  await Promise.all(items.map(perform))
}
