import type { LifecycleRule, S3, ServerSideEncryptionRule } from '@aws-sdk/client-s3'
import { AwsError } from '../../gateway/room.ts'
import { region } from '../../settings.ts'
import { ResourceFailure } from '../failure-reason.ts'
import { physicalName } from '../physical-name.ts'
import type { Properties, ResourceRequest, ResourceState, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { finishOrRemove, unless } from './several-calls.ts'
import { isTrue, textOf } from './property-values.ts'
import { tagsOf } from './tags.ts'

interface BucketProperties {
  AccessControl?: string
  BucketName?: string
  BucketEncryption?: {
    ServerSideEncryptionConfiguration: {
      ServerSideEncryptionByDefault?: { SSEAlgorithm: 'AES256' | 'aws:kms'; KMSMasterKeyID?: string }
      BucketKeyEnabled?: boolean
    }[]
  }
  LifecycleConfiguration?: { Rules: BucketLifecycleRule[] }
  OwnershipControls?: { Rules: { ObjectOwnership: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter' }[] }
  PublicAccessBlockConfiguration?: Record<string, unknown>
  VersioningConfiguration?: { Status: 'Enabled' | 'Suspended' }
}

interface BucketLifecycleRule {
  Id?: string
  Status: 'Enabled' | 'Disabled'
  Prefix?: string
  ExpirationInDays?: number
  NoncurrentVersionExpiration?: { NoncurrentDays: number; NewerNoncurrentVersions?: number }
  AbortIncompleteMultipartUpload?: { DaysAfterInitiation: number }
}

export function s3Types({ s3 }: Clients): ResourceTypes {
  return {
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
    'AWS::S3::Bucket': {
      knows: [
        'AccessControl',
        'BucketEncryption',
        'BucketName',
        'LifecycleConfiguration',
        'OwnershipControls',
        'PublicAccessBlockConfiguration',
        'Tags',
        'VersioningConfiguration',
      ],
      nameProperty: 'BucketName',
      replacedBy: ['BucketName'],
      taggable: true,
      async create(request) {
        const client = s3()
        const properties = request.properties as BucketProperties
        refuseAcl(properties)
        const bucket = properties.BucketName ?? physicalName(request, 63).toLowerCase()
        await refuseExisting(client, bucket)
        await client.createBucket({ Bucket: bucket })
        await finishOrRemove(
          () => configure(client, bucket, request, {}),
          () => client.deleteBucket({ Bucket: bucket }),
        )
        return bucketState(bucket)
      },
      async update(request, { physicalId }, previous) {
        refuseAcl(request.properties)
        await configure(s3(), physicalId, request, previous)
        return bucketState(physicalId)
      },
      async delete({ physicalId }) {
        await s3().deleteBucket({ Bucket: physicalId })
      },
      async read({ physicalId: Bucket }) {
        const versioning = await unless('NoSuchBucket', s3().getBucketVersioning({ Bucket }))
        if (!versioning) return undefined
        const access = await unless('NoSuchPublicAccessBlockConfiguration', s3().getPublicAccessBlock({ Bucket }))
        return {
          PublicAccessBlockConfiguration: access?.PublicAccessBlockConfiguration,
          VersioningConfiguration: versioning.Status && { Status: versioning.Status },
        }
      },
    },

    'AWS::S3::BucketPolicy': {
      knows: ['Bucket', 'PolicyDocument'],
      replacedBy: ['Bucket'],
      create: async ({ properties }) => putPolicy(s3(), properties),
      update: async ({ properties }) => putPolicy(s3(), properties),
      async delete({ physicalId }) {
        await s3().deleteBucketPolicy({ Bucket: physicalId })
      },
    },
  }
}

function refuseAcl({ AccessControl = 'Private' }: BucketProperties): void {
  if (AccessControl !== 'Private')
    throw new ResourceFailure(`Encountered unsupported property AccessControl: ${AccessControl}`)
}

/** CreateBucket of one's own bucket succeeds in us-east-1; CloudFormation does not take over what it did not make. */
async function refuseExisting(client: S3, bucket: string): Promise<void> {
  try {
    await client.headBucket({ Bucket: bucket })
  } catch {
    return
  }
  throw new AwsError('BucketAlreadyOwnedByYou', `${bucket} already exists`, 409)
}

function bucketState(bucket: string): ResourceState {
  return {
    physicalId: bucket,
    attributes: {
      Arn: `arn:aws:s3:::${bucket}`,
      DomainName: `${bucket}.s3.amazonaws.com`,
      DualStackDomainName: `${bucket}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${bucket}.s3-website-${region}.amazonaws.com`,
    },
  }
}

/** Each setting by its own call; one that was there and no longer is, is taken back. */
async function configure(client: S3, Bucket: string, request: ResourceRequest, before: Properties): Promise<void> {
  const properties = request.properties as BucketProperties
  const was = before as BucketProperties
  const tags = tagsOf(request)
  const calls = [
    properties.VersioningConfiguration
      ? client.putBucketVersioning({ Bucket, VersioningConfiguration: properties.VersioningConfiguration })
      : was.VersioningConfiguration &&
        client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
    properties.BucketEncryption
      ? client.putBucketEncryption({
          Bucket,
          ServerSideEncryptionConfiguration: { Rules: encryptionRules(properties) },
        })
      : was.BucketEncryption && client.deleteBucketEncryption({ Bucket }),
    properties.PublicAccessBlockConfiguration
      ? client.putPublicAccessBlock({
          Bucket,
          PublicAccessBlockConfiguration: booleans(properties.PublicAccessBlockConfiguration),
        })
      : was.PublicAccessBlockConfiguration && client.deletePublicAccessBlock({ Bucket }),
    properties.OwnershipControls
      ? client.putBucketOwnershipControls({ Bucket, OwnershipControls: properties.OwnershipControls })
      : was.OwnershipControls && client.deleteBucketOwnershipControls({ Bucket }),
    properties.LifecycleConfiguration
      ? client.putBucketLifecycleConfiguration({
          Bucket,
          LifecycleConfiguration: { Rules: properties.LifecycleConfiguration.Rules.map(lifecycleRule) },
        })
      : was.LifecycleConfiguration && client.deleteBucketLifecycle({ Bucket }),
    tags.length > 0
      ? client.putBucketTagging({ Bucket, Tagging: { TagSet: tags } })
      : client.deleteBucketTagging({ Bucket }),
  ]
  await Promise.all(calls.filter((call) => call !== undefined))
}

function encryptionRules({ BucketEncryption }: BucketProperties): ServerSideEncryptionRule[] {
  return BucketEncryption!.ServerSideEncryptionConfiguration.map((rule) => ({
    ApplyServerSideEncryptionByDefault: rule.ServerSideEncryptionByDefault,
    BucketKeyEnabled: rule.BucketKeyEnabled,
  }))
}

function lifecycleRule(rule: BucketLifecycleRule): LifecycleRule {
  const { Id, Status, Prefix = '', ExpirationInDays, ...others } = rule
  return {
    ID: Id,
    Status,
    Filter: { Prefix },
    Expiration: ExpirationInDays === undefined ? undefined : { Days: ExpirationInDays },
    NoncurrentVersionExpiration: others.NoncurrentVersionExpiration,
    AbortIncompleteMultipartUpload: others.AbortIncompleteMultipartUpload,
  }
}

function booleans(settings: Record<string, unknown>): Record<string, boolean> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, isTrue(value)]))
}

async function putPolicy(client: S3, { Bucket, PolicyDocument }: Properties): Promise<ResourceState> {
  const bucket = textOf(Bucket)
  await client.putBucketPolicy({ Bucket: bucket, Policy: JSON.stringify(PolicyDocument) })
  return { physicalId: bucket, attributes: {} }
}
