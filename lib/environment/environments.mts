/**
 * The one table of names. Scripts and the CDK app take every name from here (or from stack outputs); none types one.
 * Production's names are bare; every other environment carries its own name as a suffix.
 */
export const environments = ['development', 'staging', 'production', 'local'] as const

export type Environment = (typeof environments)[number]

export type EnvironmentNames = ReturnType<typeof environmentNames>

export function isEnvironment(name: string): name is Environment {
  return (environments as readonly string[]).includes(name)
}

export function environmentNames(environment: Environment) {
  const suffix = environment === 'production' ? '' : `-${environment}`
  return {
    environment,
    /** CloudFormation stack. */
    stack: `LiveQuizEventStack${suffix}`,
    /** ECR repository. */
    repository: `live-quiz-backend${suffix}`,
    /** ECS cluster. */
    cluster: `live-quiz-cluster${suffix}`,
    /** ECS service; the same in every environment, since a service's name lives inside its cluster. */
    service: 'websocket-service',
    /** ECS task definition family. */
    family: `websocket-task${suffix}`,
    /** The one container of the task. */
    container: 'websocket-server',
    /** CloudWatch log group of the tasks. */
    logGroup: `/ecs/live-quiz-websocket-server${suffix}`,
    /** DynamoDB table of release records and the deploy lock: known before the stack's outputs are. */
    ledger: `live-quiz${suffix}-ledger`,
    /** Begins the name of each table that `make restore` makes; the application's own is an output of the stack. */
    restoredTablePrefix: `live-quiz${suffix}-application-restored-`,
    /** Prefix of every other fixed physical name: `live-quiz`, `live-quiz-staging`. */
    prefix: `live-quiz${suffix}`,
  }
}

/** Environments whose stack has alarms. */
export function hasAlarms(environment: Environment): boolean {
  return environment === 'staging' || environment === 'production'
}

/** Of the stack and of what the toolkit makes beside it: by these, Cost Explorer tells environments apart. */
export function tagsOf({ environment }: Pick<EnvironmentNames, 'environment'>): Record<string, string> {
  return { application: 'live-quiz', environment }
}

/** Account of everything in the AWS on this machine. */
export const localAccount = '000000000000'

/** Whether a process with these variables talks to an AWS on this machine, whatever the environment. */
export function isLocalEndpoint(env: NodeJS.ProcessEnv = process.env): boolean {
  return /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/?$/.test(env['AWS_ENDPOINT_URL'] ?? '')
}
