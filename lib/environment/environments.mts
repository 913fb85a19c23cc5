/**
 * The one table of names. Scripts and the CDK app take every name from here (or from stack outputs); none types one.
 * Production's names are bare; every other environment carries its own name as a suffix.
 */
export const environments = ['development', 'staging', 'production', 'local'] as const

export type Environment = (typeof environments)[number]

export interface EnvironmentNames {
  environment: Environment
  /** CloudFormation stack. */
  stack: string
  /** ECR repository. */
  repository: string
  /** ECS cluster. */
  cluster: string
  /** ECS service; the same in every environment, since a service's name lives inside its cluster. */
  service: string
  /** ECS task definition family. */
  family: string
  /** The one container of the task. */
  container: string
  /** CloudWatch log group of the tasks. */
  logGroup: string
  /** DynamoDB table of release records and the deploy lock: known before the stack's outputs are. */
  ledger: string
  /** Prefix of every other fixed physical name: `live-quiz`, `live-quiz-staging`. */
  prefix: string
}

export function isEnvironment(name: string): name is Environment {
  return (environments as readonly string[]).includes(name)
}

export function environmentNames(environment: Environment): EnvironmentNames {
  const suffix = environment === 'production' ? '' : `-${environment}`
  return {
    environment,
    stack: `LiveQuizEventStack${suffix}`,
    repository: `live-quiz-backend${suffix}`,
    cluster: `live-quiz-cluster${suffix}`,
    service: 'websocket-service',
    family: `websocket-task${suffix}`,
    container: 'websocket-server',
    logGroup: `/ecs/live-quiz-websocket-server${suffix}`,
    ledger: `live-quiz${suffix}-ledger`,
    prefix: `live-quiz${suffix}`,
  }
}
