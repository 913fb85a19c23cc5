import type { CreateRouteCommandInput, EC2, Tenancy, VpcEndpointType } from '@aws-sdk/client-ec2'
import type { Properties, ResourceRequest, ResourceState, ResourceType, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { retagEc2, tagSpecifications } from './ec2-tags.ts'
import { made, motoType } from './moto-type.ts'
import { isTrue, optionalText, textOf } from './property-values.ts'

/** The VPC and what is in it, except security groups. */
export function networkTypes({ ec2 }: Clients): ResourceTypes {
  /** A taggable type of which only the tags change in place. */
  const tagged = (type: Pick<ResourceType, 'create' | 'delete'>, properties: string[]): ResourceType =>
    motoType({
      ...type,
      knows: [...properties, 'Tags'],
      replacedBy: properties,
      taggable: true,
      async update(request, current) {
        await retagEc2(ec2(), textOf(current.attributes['TagTarget'] ?? current.physicalId), request)
        return current
      },
    })

  return {
    'AWS::EC2::VPC': motoType({
      knows: ['CidrBlock', 'EnableDnsHostnames', 'EnableDnsSupport', 'InstanceTenancy', 'Tags'],
      replacedBy: ['CidrBlock', 'InstanceTenancy'],
      taggable: true,
      async create(request) {
        const client = ec2()
        const { Vpc } = await client.createVpc({
          CidrBlock: text(request, 'CidrBlock'),
          InstanceTenancy: text(request, 'InstanceTenancy') as Tenancy,
          ...tagSpecifications(request, 'vpc'),
        })
        const id = Vpc!.VpcId!
        return made(
          async () => {
            await setDns(client, id, request.properties)
            return vpcState(client, id, text(request, 'CidrBlock'))
          },
          () => client.deleteVpc({ VpcId: id }),
        )
      },
      async update(request, current) {
        const client = ec2()
        await setDns(client, current.physicalId, request.properties)
        await retagEc2(client, current.physicalId, request)
        return current
      },
      async delete({ physicalId }) {
        await ec2().deleteVpc({ VpcId: physicalId })
      },
    }),

    'AWS::EC2::Subnet': motoType({
      knows: ['AvailabilityZone', 'CidrBlock', 'MapPublicIpOnLaunch', 'Tags', 'VpcId'],
      replacedBy: ['AvailabilityZone', 'CidrBlock', 'VpcId'],
      taggable: true,
      async create(request) {
        const client = ec2()
        const { Subnet } = await client.createSubnet({
          AvailabilityZone: text(request, 'AvailabilityZone'),
          CidrBlock: text(request, 'CidrBlock'),
          VpcId: text(request, 'VpcId'),
          ...tagSpecifications(request, 'subnet'),
        })
        const { SubnetId, AvailabilityZone, CidrBlock, VpcId } = Subnet!
        await made(
          () => mapPublicIps(client, SubnetId!, request.properties),
          () => client.deleteSubnet({ SubnetId }),
        )
        return { physicalId: SubnetId!, attributes: { SubnetId, AvailabilityZone, CidrBlock, VpcId } }
      },
      async update(request, current) {
        const client = ec2()
        await mapPublicIps(client, current.physicalId, request.properties)
        await retagEc2(client, current.physicalId, request)
        return current
      },
      async delete({ physicalId }) {
        await ec2().deleteSubnet({ SubnetId: physicalId })
      },
    }),

    'AWS::EC2::RouteTable': tagged(
      {
        async create(request) {
          const specification = tagSpecifications(request, 'route-table')
          const { RouteTable } = await ec2().createRouteTable({ VpcId: text(request, 'VpcId'), ...specification })
          const { RouteTableId } = RouteTable!
          return { physicalId: RouteTableId!, attributes: { RouteTableId } }
        },
        async delete({ physicalId }) {
          await ec2().deleteRouteTable({ RouteTableId: physicalId })
        },
      },
      ['VpcId'],
    ),

    'AWS::EC2::SubnetRouteTableAssociation': motoType({
      knows: ['RouteTableId', 'SubnetId'],
      async create(request) {
        const { AssociationId } = await ec2().associateRouteTable({
          RouteTableId: text(request, 'RouteTableId'),
          SubnetId: text(request, 'SubnetId'),
        })
        return { physicalId: AssociationId!, attributes: { Id: AssociationId } }
      },
      async delete({ physicalId }) {
        await ec2().disassociateRouteTable({ AssociationId: physicalId })
      },
    }),

    'AWS::EC2::Route': motoType({
      knows: ['DestinationCidrBlock', 'GatewayId', 'NatGatewayId', 'RouteTableId'],
      replacedBy: ['DestinationCidrBlock', 'RouteTableId'],
      async create({ properties }) {
        await ec2().createRoute(properties as unknown as CreateRouteCommandInput)
        const { RouteTableId, DestinationCidrBlock } = properties
        return {
          physicalId: `${textOf(RouteTableId)}|${textOf(DestinationCidrBlock)}`,
          attributes: { CidrBlock: DestinationCidrBlock },
        }
      },
      async update({ properties }, current) {
        await ec2().replaceRoute(properties as unknown as CreateRouteCommandInput)
        return current
      },
      async delete({ physicalId }) {
        const [RouteTableId, DestinationCidrBlock] = physicalId.split('|')
        await ec2().deleteRoute({ RouteTableId, DestinationCidrBlock })
      },
    }),

    'AWS::EC2::InternetGateway': tagged(
      {
        async create(request) {
          const specification = tagSpecifications(request, 'internet-gateway')
          const { InternetGateway } = await ec2().createInternetGateway(specification)
          const { InternetGatewayId } = InternetGateway!
          return { physicalId: InternetGatewayId!, attributes: { InternetGatewayId } }
        },
        async delete({ physicalId }) {
          await ec2().deleteInternetGateway({ InternetGatewayId: physicalId })
        },
      },
      [],
    ),

    'AWS::EC2::VPCGatewayAttachment': motoType({
      knows: ['InternetGatewayId', 'VpcId'],
      async create(request) {
        const [InternetGatewayId, VpcId] = [text(request, 'InternetGatewayId'), text(request, 'VpcId')]
        await ec2().attachInternetGateway({ InternetGatewayId, VpcId })
        return { physicalId: `IGW|${VpcId}`, attributes: { AttachmentType: 'IGW' } }
      },
      async delete(_, { InternetGatewayId, VpcId }) {
        const gateway = { InternetGatewayId: textOf(InternetGatewayId), VpcId: textOf(VpcId) }
        await ec2().detachInternetGateway(gateway)
      },
    }),

    'AWS::EC2::EIP': tagged(
      {
        async create(request) {
          const specification = tagSpecifications(request, 'elastic-ip')
          const { AllocationId, PublicIp } = await ec2().allocateAddress({ Domain: 'vpc', ...specification })
          // tags belong to the allocation, Ref gives the address
          return { physicalId: PublicIp!, attributes: { AllocationId, PublicIp, TagTarget: AllocationId } }
        },
        async delete({ attributes }) {
          await ec2().releaseAddress({ AllocationId: textOf(attributes['AllocationId']) })
        },
      },
      ['Domain'],
    ),

    'AWS::EC2::NatGateway': tagged(
      {
        async create(request) {
          const { NatGateway } = await ec2().createNatGateway({
            AllocationId: text(request, 'AllocationId'),
            SubnetId: text(request, 'SubnetId'),
            ...tagSpecifications(request, 'natgateway'),
          })
          const { NatGatewayId } = NatGateway!
          return { physicalId: NatGatewayId!, attributes: { NatGatewayId } }
        },
        async delete({ physicalId }) {
          await ec2().deleteNatGateway({ NatGatewayId: physicalId })
        },
      },
      ['AllocationId', 'SubnetId'],
    ),

    'AWS::EC2::VPCEndpoint': motoType({
      knows: [
        'PolicyDocument',
        'PrivateDnsEnabled',
        'RouteTableIds',
        'SecurityGroupIds',
        'ServiceName',
        'SubnetIds',
        'Tags',
        'VpcEndpointType',
        'VpcId',
      ],
      replacedBy: ['PrivateDnsEnabled', 'SecurityGroupIds', 'ServiceName', 'VpcEndpointType', 'VpcId'],
      taggable: true,
      async create(request) {
        const { VpcEndpoint } = await ec2().createVpcEndpoint({
          VpcId: text(request, 'VpcId'),
          ServiceName: text(request, 'ServiceName'),
          VpcEndpointType: text(request, 'VpcEndpointType') as VpcEndpointType,
          RouteTableIds: ids(request.properties, 'RouteTableIds'),
          SubnetIds: ids(request.properties, 'SubnetIds'),
          SecurityGroupIds: ids(request.properties, 'SecurityGroupIds'),
          PolicyDocument: policyText(request.properties),
          PrivateDnsEnabled: optionalFlag(request.properties['PrivateDnsEnabled']),
          ...tagSpecifications(request, 'vpc-endpoint'),
        })
        const id = VpcEndpoint!.VpcEndpointId!
        return {
          physicalId: id,
          attributes: { Id: id, CreationTimestamp: VpcEndpoint!.CreationTimestamp?.toISOString() },
        }
      },
      async update(request, current, previous) {
        const client = ec2()
        const difference = (name: string) => ({
          added: ids(request.properties, name)?.filter((id) => !ids(previous, name)?.includes(id)),
          removed: ids(previous, name)?.filter((id) => !ids(request.properties, name)?.includes(id)),
        })
        const routeTables = difference('RouteTableIds')
        const subnets = difference('SubnetIds')
        await client.modifyVpcEndpoint({
          VpcEndpointId: current.physicalId,
          AddRouteTableIds: routeTables.added,
          RemoveRouteTableIds: routeTables.removed,
          AddSubnetIds: subnets.added,
          RemoveSubnetIds: subnets.removed,
          PolicyDocument: policyText(request.properties),
        })
        await retagEc2(client, current.physicalId, request)
        return current
      },
      async delete({ physicalId }) {
        await ec2().deleteVpcEndpoints({ VpcEndpointIds: [physicalId] })
      },
    }),
  }
}

function text({ properties }: ResourceRequest, name: string): string | undefined {
  return optionalText(properties[name])
}

function optionalFlag(value: unknown): boolean | undefined {
  return value === undefined ? undefined : isTrue(value)
}

function ids(properties: Properties, name: string): string[] | undefined {
  return properties[name] as string[] | undefined
}

function policyText({ PolicyDocument }: Properties): string | undefined {
  return PolicyDocument === undefined ? undefined : JSON.stringify(PolicyDocument)
}

async function setDns(client: EC2, VpcId: string, { EnableDnsHostnames, EnableDnsSupport }: Properties) {
  // a call changes one attribute; names need support first
  await client.modifyVpcAttribute({ VpcId, EnableDnsSupport: { Value: isTrue(EnableDnsSupport ?? true) } })
  await client.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: isTrue(EnableDnsHostnames ?? false) } })
}

async function mapPublicIps(client: EC2, SubnetId: string, { MapPublicIpOnLaunch }: Properties): Promise<void> {
  await client.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: isTrue(MapPublicIpOnLaunch ?? false) } })
}

async function vpcState(client: EC2, VpcId: string, CidrBlock: string | undefined): Promise<ResourceState> {
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }]
  const [groups, acls] = await Promise.all([
    client.describeSecurityGroups({ Filters: [...Filters, { Name: 'group-name', Values: ['default'] }] }),
    client.describeNetworkAcls({ Filters }),
  ])
  return {
    physicalId: VpcId,
    attributes: {
      VpcId,
      CidrBlock,
      DefaultSecurityGroup: groups.SecurityGroups?.[0]?.GroupId,
      DefaultNetworkAcl: acls.NetworkAcls?.[0]?.NetworkAclId,
    },
  }
}
