import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stuckFailure } from '../../../lib/stack/state.mts'

// what it keeps is in the way of the next creation, which has to take it over
const withOrWithoutData =
  /no data to keep: .*destroy.*--data, then deploy again\. To keep it: .*destroy.*staging, then docs\/DISASTER_RECOVERY\.md, "The stack"/

describe('a stack', () => {
  const table: [string, boolean, RegExp | undefined][] = [
    ['CREATE_COMPLETE', true, undefined],
    ['UPDATE_ROLLBACK_COMPLETE', true, undefined],
    ['REVIEW_IN_PROGRESS', true, undefined],
    ['ROLLBACK_COMPLETE', false, undefined],
    ['ROLLBACK_COMPLETE', true, /update-termination-protection --no-enable-termination-protection --stack-name S/],
    ['ROLLBACK_FAILED', false, withOrWithoutData],
    ['ROLLBACK_FAILED', true, withOrWithoutData],
    ['DELETE_FAILED', false, withOrWithoutData],
    ['CREATE_FAILED', false, /rollback-infrastructure(\.mts | ENV=)staging undoes that/],
    ['UPDATE_FAILED', false, /rollback-infrastructure(\.mts | ENV=)staging undoes that/],
    ['UPDATE_ROLLBACK_FAILED', false, /rollback-infrastructure(\.mts | ENV=)staging undoes that/],
  ]
  for (const [status, isProtected, remedy] of table) {
    it(`in ${status}${isProtected ? ', protected' : ''}, ${remedy ? 'is stuck' : 'can be deployed to'}`, () => {
      const described = { StackName: 'S', StackStatus: status as never, EnableTerminationProtection: isProtected }
      const failure = stuckFailure(described, 'staging')
      if (remedy) assert.match(failure?.remedy ?? '', remedy)
      else assert.equal(failure, undefined)
    })
  }
})
