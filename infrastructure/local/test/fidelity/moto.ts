import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FidelityWorld } from './world.ts'

/**
 * What moto answers to the calls that the toolkit, the documents and cdk make; after the stack's tests, which leave the
 * stack there.
 */
export function motoTests(world: FidelityWorld): void {
  const { valid, refused, made } = world

  test('DynamoDB: a lock, as the ledger takes, renews and gives it back', async () => {
    const TableName = made.outputs.LedgerTableName
    const { Table } = await valid<{ Table: { KeySchema: { AttributeName: string }[] } }>('dynamodb', 'DescribeTable', {
      TableName,
    })
    const Key = Object.fromEntries(Table.KeySchema.map(({ AttributeName }) => [AttributeName, { S: 'lock' }]))
    const names = { ExpressionAttributeNames: { '#key': Table.KeySchema[0]!.AttributeName, '#owner': 'owner' } }
    const mine = { ...names, ExpressionAttributeValues: { ':owner': { S: 'me' } } }
    const take = {
      TableName,
      Item: { ...Key, owner: { S: 'me' } },
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': Table.KeySchema[0]!.AttributeName },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }
    await valid('dynamodb', 'PutItem', take)
    assert.match(await refused('dynamodb', 'PutItem', take), /^ConditionalCheckFailedException: /)
    await valid('dynamodb', 'GetItem', { TableName, Key, ConsistentRead: true })
    await valid('dynamodb', 'UpdateItem', {
      TableName,
      Key,
      UpdateExpression: 'SET #owner = :owner',
      ConditionExpression: 'attribute_exists(#key)',
      ...mine,
    })
    await valid('dynamodb', 'Query', {
      TableName,
      KeyConditionExpression: '#key = :key',
      ExpressionAttributeNames: { '#key': Table.KeySchema[0]!.AttributeName },
      ExpressionAttributeValues: { ':key': { S: 'lock' } },
    })
    await valid('dynamodb', 'Scan', { TableName })
    const { ExpressionAttributeValues } = mine
    await valid('dynamodb', 'DeleteItem', {
      TableName,
      Key,
      ConditionExpression: '#owner = :owner',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues,
    })
  })

  test('Logs, secrets and parameters, as they are looked at', async () => {
    const group = { logGroupName: '/fidelity' }
    await valid('logs', 'CreateLogGroup', group)
    await valid('logs', 'CreateLogStream', { ...group, logStreamName: 'one' })
    const logEvents = [{ timestamp: Date.now(), message: 'hello' }]
    await valid('logs', 'PutLogEvents', { ...group, logStreamName: 'one', logEvents })
    await valid('logs', 'DescribeLogGroups', { logGroupNamePrefix: '/fidelity' })
    await valid('logs', 'FilterLogEvents', group)
    await valid('logs', 'GetLogEvents', { ...group, logStreamName: 'one' })
    await valid('logs', 'DeleteLogGroup', group)
    assert.match(await refused('logs', 'FilterLogEvents', group), /^ResourceNotFoundException: /)

    const SecretId = made.outputs.AdminSecretArn
    await valid('secretsmanager', 'DescribeSecret', { SecretId })
    await valid('secretsmanager', 'GetSecretValue', { SecretId })
    assert.match(
      await refused('secretsmanager', 'GetSecretValue', { SecretId: 'missing' }),
      /^ResourceNotFoundException: /,
    )
    const Name = '/fidelity'
    await valid('ssm', 'PutParameter', { Name, Value: 'x', Type: 'SecureString' })
    await valid('ssm', 'GetParameter', { Name, WithDecryption: true })
    assert.match(await refused('ssm', 'GetParameter', { Name: '/missing' }), /^ParameterNotFound: /)
  })

  test('Identities and roles', async () => {
    await valid('sts', 'GetCallerIdentity')
    const RoleName = made.outputs.TaskRoleArn.split('/').at(-1)!
    await valid('iam', 'GetRole', { RoleName })
    assert.match(await refused('iam', 'GetRole', { RoleName: 'missing' }), /^NoSuchEntity: /)
    await valid('sts', 'AssumeRole', { RoleArn: made.outputs.TaskRoleArn, RoleSessionName: 'fidelity' })
  })
}
