import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { Configuration } from './configuration.ts'

/**
 * The key of yours that tables, secrets, logs and alarms are encrypted with; undefined: AWS's own. Its policy lets them
 * (docs/SETTINGS_THAT_COST.md): nothing here changes a key that others may use, too.
 */
export function encryptionKey(scope: Construct, { kmsKeyArn }: Configuration): IKey | undefined {
  return kmsKeyArn === '' ? undefined : Key.fromKeyArn(scope, 'Key', kmsKeyArn)
}
