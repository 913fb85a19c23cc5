import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StackEvent } from '@aws-sdk/client-cloudformation'
import { hasChanges } from '../../../lib/stack/cdk.mts'
import { failureOf } from '../../../lib/stack/events.mts'

describe('cdk diff', () => {
  it('has no changes when it says so', () =>
    assert.equal(hasChanges('✨  Number of stacks with differences: 0'), false))
  it('has changes otherwise', () =>
    assert.equal(hasChanges('[~] AWS::EC2::VPC\n✨  Number of stacks with differences: 10'), true))
})

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 10, minute))
const stack = (minute: number, status: string): StackEvent => ({
  StackId: 'arn',
  PhysicalResourceId: 'arn',
  LogicalResourceId: 'LiveQuizEventStack',
  ResourceStatus: status as never,
  Timestamp: at(minute),
  EventId: '',
  StackName: '',
})
const resource = (minute: number, id: string, status: string, reason?: string): StackEvent => ({
  ...stack(minute, status),
  PhysicalResourceId: id,
  LogicalResourceId: id,
  ResourceType: 'AWS::DynamoDB::Table',
  ...(reason ? { ResourceStatusReason: reason } : {}),
})

describe('the failure of a stack operation', () => {
  const events = [
    stack(9, 'UPDATE_ROLLBACK_COMPLETE'),
    resource(8, 'Second', 'CREATE_FAILED', 'Resource creation cancelled'),
    resource(7, 'Third', 'UPDATE_FAILED', 'followed from the first'),
    resource(6, 'First', 'CREATE_FAILED', 'Table already exists'),
    stack(5, 'UPDATE_IN_PROGRESS'),
    resource(2, 'Yesterday', 'CREATE_FAILED', 'long ago'),
    stack(1, 'UPDATE_IN_PROGRESS'),
  ]

  it('is the first resource that failed in the latest operation, with its reason', () => {
    assert.equal(failureOf(events, at(1)), 'First (AWS::DynamoDB::Table) CREATE_FAILED: Table already exists')
  })

  it('is not that of an operation from before this run', () => {
    assert.equal(failureOf(events, at(5)), undefined)
  })

  it('is found in a first creation too, where there was no stack before', () => {
    assert.match(
      failureOf([resource(6, 'Bucket', 'CREATE_FAILED'), stack(5, 'CREATE_IN_PROGRESS')], undefined) ?? '',
      /Bucket .* no reason given/,
    )
  })

  it('is none when the operation worked', () => {
    assert.equal(failureOf([stack(6, 'UPDATE_COMPLETE'), stack(5, 'UPDATE_IN_PROGRESS')], at(1)), undefined)
  })
})
