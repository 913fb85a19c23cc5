import { environmentNames, type Environment } from '../environment/environments.mts'
import type { PolicyKind } from './policies.mts'

/** The stack of what an account has once; the name of GitHub's and of each environment's begin with it. */
export const accessStack = 'LiveQuizAccess'

/** What CloudFormation may do when it deploys the stack of an environment, and the boundary of the role that it does it with. */
export const executionPolicy = 'live-quiz-cloudformation'

/** The most that a role may do which the stack of an environment makes; PERMISSIONS_BOUNDARY names it. */
export const taskBoundary = 'live-quiz-boundary'

/** Name of a role or policy of that kind: `live-quiz-deploy`, `live-quiz-staging-look`. */
export function accessName(environment: Environment, kind: PolicyKind): string {
  return `${environmentNames(environment).prefix}-${kind}`
}
