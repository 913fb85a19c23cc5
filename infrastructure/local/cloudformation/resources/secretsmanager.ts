import type { GetRandomPasswordRequest, SecretsManager } from '@aws-sdk/client-secrets-manager'
import { isDeepStrictEqual } from 'node:util'
import { physicalName } from '../physical-name.ts'
import type { Properties, ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { retag, tagsOf } from './tags.ts'
import { textOf } from './property-values.ts'

export function secretsManagerTypes({ secretsManager }: Clients): ResourceTypes {
  return {
    'AWS::SecretsManager::Secret': {
      knows: [
        'Description',
        'GenerateSecretString.ExcludePunctuation',
        'GenerateSecretString.PasswordLength',
        'KmsKeyId',
        'Name',
        'Tags',
      ],
      nameProperty: 'Name',
      replacedBy: ['Name'],
      taggable: true,
      async create(request) {
        const client = secretsManager()
        const { properties } = request
        const { ARN } = await client.createSecret({
          Name: textOf(properties['Name'] ?? physicalName(request, 512)),
          SecretString: await secretString(client, properties),
          Tags: tagsOf(request),
          ...described(properties),
        })
        return { physicalId: ARN!, attributes: { Id: ARN } }
      },
      async update(request, current, previous) {
        const client = secretsManager()
        const { properties } = request
        const SecretId = current.physicalId
        const same = isDeepStrictEqual(properties['GenerateSecretString'], previous['GenerateSecretString'])
        await client.updateSecret({
          SecretId,
          ...described(properties),
          // another way of generating it means another secret, as on AWS
          ...(!same && { SecretString: await secretString(client, properties) }),
        })
        await retag(request, {
          existing: async () => (await client.describeSecret({ SecretId })).Tags,
          remove: (TagKeys) => client.untagResource({ SecretId, TagKeys }),
          add: (Tags) => client.tagResource({ SecretId, Tags }),
        })
        return current
      },
      async delete({ physicalId }) {
        await secretsManager().deleteSecret({ SecretId: physicalId, ForceDeleteWithoutRecovery: true })
      },
    },
  }
}

function described({ Description, KmsKeyId }: Properties) {
  return {
    ...(Description !== undefined && { Description: textOf(Description) }),
    ...(KmsKeyId !== undefined && { KmsKeyId: textOf(KmsKeyId) }),
  }
}

async function secretString(client: SecretsManager, properties: Properties): Promise<string | undefined> {
  const generate = properties['GenerateSecretString'] as GetRandomPasswordRequest | undefined
  return generate && (await client.getRandomPassword(generate)).RandomPassword
}
