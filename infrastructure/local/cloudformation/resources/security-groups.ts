import type { EC2, IpPermission } from '@aws-sdk/client-ec2'
import { isDeepStrictEqual } from 'node:util'
import { physicalName } from '../physical-name.ts'
import type { Properties, ResourceState, ResourceType, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { retagEc2, tagSpecifications } from './ec2-tags.ts'
import { made, motoType } from './moto-type.ts'
import { textOf } from './property-values.ts'

type Direction = 'Ingress' | 'Egress'

interface Rule {
  IpProtocol: string | number
  FromPort?: number | string
  ToPort?: number | string
  CidrIp?: string
  CidrIpv6?: string
  SourceSecurityGroupId?: string
  DestinationSecurityGroupId?: string
  SourcePrefixListId?: string
  DestinationPrefixListId?: string
  Description?: string
}

const ruleProperties = [
  'CidrIp',
  'CidrIpv6',
  'Description',
  'DestinationPrefixListId',
  'DestinationSecurityGroupId',
  'FromPort',
  'GroupId',
  'IpProtocol',
  'SourcePrefixListId',
  'SourceSecurityGroupId',
  'ToPort',
]

export function securityGroupTypes({ ec2 }: Clients): ResourceTypes {
  const ruleType = (direction: Direction): ResourceType =>
    motoType({
      knows: ruleProperties,
      replacedBy: ruleProperties.filter((name) => name !== 'Description'),
      async create({ properties }) {
        const client = ec2()
        const GroupId = textOf(properties['GroupId'])
        if (direction === 'Egress') await revokeDefaultEgress(client, GroupId)
        return ruleState(await authorize(client, direction, GroupId, [properties as unknown as Rule]))
      },
      async update({ properties }, current, previous) {
        const client = ec2()
        const GroupId = textOf(properties['GroupId'])
        await revoke(client, direction, GroupId, [previous as unknown as Rule])
        await authorize(client, direction, GroupId, [properties as unknown as Rule])
        return current
      },
      async delete(_, properties) {
        await revoke(ec2(), direction, textOf(properties['GroupId']), [properties as unknown as Rule])
      },
    })

  return {
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html */
    'AWS::EC2::SecurityGroup': motoType({
      knows: ['GroupDescription', 'GroupName', 'SecurityGroupEgress', 'SecurityGroupIngress', 'Tags', 'VpcId'],
      nameProperty: 'GroupName',
      replacedBy: ['GroupDescription', 'GroupName', 'VpcId'],
      taggable: true,
      async create(request) {
        const client = ec2()
        const { GroupName, GroupDescription, VpcId } = request.properties
        const { GroupId } = await client.createSecurityGroup({
          GroupName: textOf(GroupName ?? physicalName(request, 255)),
          Description: textOf(GroupDescription),
          VpcId: textOf(VpcId),
          ...tagSpecifications(request, 'security-group'),
        })
        await made(
          async () => {
            if (request.properties['SecurityGroupEgress']) await revokeDefaultEgress(client, GroupId!)
            await changeRules(client, GroupId!, {}, request.properties)
          },
          () => client.deleteSecurityGroup({ GroupId }),
        )
        return { physicalId: GroupId!, attributes: { GroupId, Id: GroupId, VpcId } }
      },
      async update(request, current, previous) {
        const client = ec2()
        await changeRules(client, current.physicalId, previous, request.properties)
        await retagEc2(client, current.physicalId, request)
        return current
      },
      async delete({ physicalId }) {
        await ec2().deleteSecurityGroup({ GroupId: physicalId })
      },
    }),

    'AWS::EC2::SecurityGroupIngress': ruleType('Ingress'),
    // the first rule of one's own takes the place of "allow all"
    'AWS::EC2::SecurityGroupEgress': ruleType('Egress'),
  }
}

async function changeRules(client: EC2, groupId: string, before: Properties, after: Properties): Promise<void> {
  for (const direction of ['Ingress', 'Egress'] as const) {
    const was = rulesOf(before, direction)
    const wanted = rulesOf(after, direction)
    const without = (rules: Rule[], others: Rule[]): Rule[] =>
      rules.filter((rule) => !others.some((other) => isDeepStrictEqual(rule, other)))
    await revoke(client, direction, groupId, without(was, wanted))
    await authorize(client, direction, groupId, without(wanted, was))
  }
}

function rulesOf(properties: Properties, direction: Direction): Rule[] {
  return (properties[`SecurityGroup${direction}`] ?? []) as Rule[]
}

async function authorize(
  client: EC2,
  direction: Direction,
  GroupId: string,
  rules: Rule[],
): Promise<string | undefined> {
  if (rules.length === 0) return undefined
  const IpPermissions = rules.map(permission)
  const { SecurityGroupRules } =
    direction === 'Ingress'
      ? await client.authorizeSecurityGroupIngress({ GroupId, IpPermissions })
      : await client.authorizeSecurityGroupEgress({ GroupId, IpPermissions })
  return SecurityGroupRules?.[0]?.SecurityGroupRuleId
}

async function revoke(client: EC2, direction: Direction, GroupId: string, rules: Rule[]): Promise<void> {
  if (rules.length === 0) return
  const IpPermissions = rules.map(permission)
  if (direction === 'Ingress') await client.revokeSecurityGroupIngress({ GroupId, IpPermissions })
  else await client.revokeSecurityGroupEgress({ GroupId, IpPermissions })
}

/** A new group lets everything out, until rules of its own say what it may. */
async function revokeDefaultEgress(client: EC2, GroupId: string): Promise<void> {
  const { SecurityGroups } = await client.describeSecurityGroups({ GroupIds: [GroupId] })
  if (!SecurityGroups?.[0]?.IpPermissionsEgress?.some(allowsAll)) return
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
  await client.revokeSecurityGroupEgress({ GroupId, IpPermissions })
}

function allowsAll({ IpProtocol, IpRanges }: IpPermission): boolean {
  const [range, ...others] = IpRanges ?? []
  return IpProtocol === '-1' && others.length === 0 && range?.CidrIp === '0.0.0.0/0' && !range.Description
}

function permission(rule: Rule): IpPermission {
  const { IpProtocol, FromPort, ToPort, CidrIp, CidrIpv6, Description } = rule
  const group = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId
  const prefixList = rule.SourcePrefixListId ?? rule.DestinationPrefixListId
  return {
    IpProtocol: String(IpProtocol),
    ...(FromPort !== undefined && { FromPort: Number(FromPort) }),
    ...(ToPort !== undefined && { ToPort: Number(ToPort) }),
    ...(CidrIp && { IpRanges: [{ CidrIp, Description }] }),
    ...(CidrIpv6 && { Ipv6Ranges: [{ CidrIpv6, Description }] }),
    ...(group && { UserIdGroupPairs: [{ GroupId: group, Description }] }),
    ...(prefixList && { PrefixListIds: [{ PrefixListId: prefixList, Description }] }),
  }
}

function ruleState(ruleId: string | undefined): ResourceState {
  if (!ruleId) throw new Error('EC2 did not say which rule it made')
  return { physicalId: ruleId, attributes: { Id: ruleId } }
}
