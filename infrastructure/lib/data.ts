import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import { RemovalPolicy, Validations } from 'aws-cdk-lib/core'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { Configuration } from './configuration.ts'
import { encryptionKey } from './encryption-key.ts'
import { fixLogicalId } from './fixed-logical-id.ts'

/** What must not be lost: the application's table, the ledger of releases, the admin secret. */
export class Data extends Construct {
  readonly applicationTable: Table
  readonly ledgerTable: Table
  readonly adminSecret: Secret

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id)
    const { names } = configuration
    const key = encryptionKey(this, configuration)
    this.applicationTable = createTable(this, 'ApplicationTable', `${names.prefix}-application`, configuration, key)
    this.ledgerTable = createTable(this, 'LedgerTable', names.ledger, configuration, key)
    this.adminSecret = new Secret(this, 'AdminSecret', {
      secretName: `${names.prefix}-admin-secret`,
      description: 'What an administrator of the Live Quiz signs in with',
      ...(key && { encryptionKey: key }),
      // CloudFormation generates a new secret whenever a value here changes
      generateSecretString: { passwordLength: 32, excludePunctuation: true },
    })
    fixLogicalId(this.applicationTable, 'ApplicationTable')
    fixLogicalId(this.ledgerTable, 'LedgerTable')
    fixLogicalId(this.adminSecret, 'AdminSecret')

    Validations.of(this.adminSecret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A person signs in with it: rotated by hand, followed by a new deployment, since tasks read it when they start',
    })
  }
}

function createTable(
  scope: Construct,
  id: string,
  tableName: string,
  { productionLike }: Configuration,
  key: IKey | undefined,
): Table {
  const table = new Table(scope, id, {
    tableName,
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: productionLike },
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...(key && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
  })
  if (!productionLike) {
    Validations.of(table).acknowledge({ id: 'AwsSolutions-DDB3', reason: 'Holds nothing that is worth restoring' })
  }
  return table
}
