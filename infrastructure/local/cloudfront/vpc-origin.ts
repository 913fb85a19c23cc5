import type { ResourceType } from '../cloudformation/resource-type.ts'
import { AwsError } from '../gateway/room.ts'
import { cloudFrontArn, newId, type CloudFrontModel, type VpcOrigin } from './model.ts'

/** What CloudFront reaches inside a VPC: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html */
export function vpcOriginType(
  { vpcOrigins }: CloudFrontModel,
  isUsed: (id: string) => boolean,
  portOf: (loadBalancerArn: string) => number | undefined,
): ResourceType {
  const put = (id: string, properties: Record<string, unknown>) => {
    const config = properties['VpcOriginEndpointConfig'] as VpcOrigin
    if (portOf(config.Arn) === undefined) throw noVpcOrigin()
    if (config.OriginProtocolPolicy !== 'http-only') {
      throw new AwsError('InvalidArgument', 'the local AWS reaches a VPC origin over http only')
    }
    vpcOrigins.set(id, config)
    const moment = new Date().toISOString()
    const times = { CreatedTime: moment, LastModifiedTime: moment }
    return {
      physicalId: id,
      attributes: { Id: id, Arn: cloudFrontArn(`vpcorigin/${id}`), Status: 'Deployed', ...times },
    }
  }
  return {
    knows: [
      'Tags',
      ...['Arn', 'Name', 'OriginProtocolPolicy', 'OriginSSLProtocols'].map(
        (member) => `VpcOriginEndpointConfig.${member}`,
      ),
    ],
    create: async ({ properties }) => put(`vo_${newId()}`, properties),
    update: async ({ properties }, { physicalId }) => put(physicalId, properties),
    async delete({ physicalId }) {
      if (isUsed(physicalId)) {
        throw new AwsError('CannotDeleteEntityWhileInUse', 'The entity cannot be deleted while it is in use.', 409)
      }
      vpcOrigins.delete(physicalId)
    },
  }
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateVpcOrigin.html#API_CreateVpcOrigin_Errors */
export function noVpcOrigin(): AwsError {
  return new AwsError('EntityNotFound', 'The entity was not found.', 404)
}
