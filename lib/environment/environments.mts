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

/** Who reads a key. Each reader gets only its own keys. */
export type Reader = 'toolkit' | 'infrastructure' | 'task' | 'frontend'

export interface Key {
  reader: Reader
  /** Absent: the file must give it. */
  default?: string
  pattern: RegExp
  /** Said when a value does not match, and in docs/DEPLOYMENT_CONFIG.md. */
  form: string
  meaning: string
}

const seconds = { pattern: /^[1-9]\d{0,3}$/, form: 'whole seconds, 1 to 9999' }

/** Every key of env/.env.<environment>. A key that is not here is refused, and so is a value of another form. */
export const keys = {
  AWS_REGION: {
    reader: 'toolkit',
    default: 'us-east-1',
    pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
    form: 'an AWS region, such as us-east-1',
    meaning: 'Region of everything that is deployed',
  },
  AWS_ACCOUNT_ID: {
    reader: 'toolkit',
    default: '',
    pattern: /^(\d{12})?$/,
    form: '12 digits, or empty',
    meaning: 'Account of the environment; empty: the first deployment asks once and writes it here, for you to commit',
  },
  PRODUCTION_BRANCH: {
    reader: 'toolkit',
    default: 'main',
    pattern: /^\w([\w./-]*\w)?$/,
    form: 'the name of a branch',
    meaning: 'Branch of the remote `origin`: production takes only its commits',
  },
  TASK_COUNT: {
    reader: 'toolkit',
    default: '1',
    pattern: /^(0|[1-9]\d?)$/,
    form: '0 to 99',
    meaning: 'Number of tasks when the service is created; later, `make scale` changes it',
  },
  TASK_CPU: {
    reader: 'toolkit',
    default: '256',
    pattern: /^(256|512|1024|2048|4096)$/,
    form: 'a Fargate size: 256, 512, 1024, 2048 or 4096',
    meaning: 'CPU units of a task',
  },
  TASK_MEMORY_MIB: {
    reader: 'toolkit',
    default: '512',
    pattern: /^[1-9]\d{2,4}$/,
    form: 'MiB that Fargate allows with TASK_CPU, such as 512',
    meaning: 'Memory of a task',
  },
  NODE_IMAGE: {
    reader: 'toolkit',
    default: 'node:20-alpine',
    pattern: /^([\w.-]+(:\d+)?\/)*node:\d+(\.\d+)*-alpine[\d.]*(@sha256:[0-9a-f]{64})?$/,
    form: 'an Alpine image of Node, such as node:24-alpine',
    meaning: 'What the image of the backend is built on',
  },
  STOP_TIMEOUT_SECONDS: {
    reader: 'toolkit',
    default: '30',
    pattern: /^([2-9]|[1-9]\d|1[01]\d|120)$/,
    form: 'whole seconds, 2 to 120',
    meaning: 'Time between SIGTERM and SIGKILL when a task stops',
  },
  HEALTH_CHECK_GRACE_SECONDS: {
    reader: 'toolkit',
    default: '30',
    ...seconds,
    meaning: 'Time before a failed health check of a new task counts',
  },
  ROLLOUT_TIMEOUT_SECONDS: {
    reader: 'toolkit',
    default: '900',
    ...seconds,
    meaning: 'How long a deployment follows the rollout before it ends as "still running"',
  },
  NAT_GATEWAYS: {
    reader: 'infrastructure',
    default: '1',
    pattern: /^[12]$/,
    form: '1 or 2',
    meaning: 'Number of NAT gateways; 2 means one for each availability zone',
  },
  LOG_RETENTION_DAYS: {
    reader: 'infrastructure',
    default: '7',
    pattern: /^(1|3|5|7|14|30|60|90|120|150|180|365)$/,
    form: 'a retention that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365',
    meaning: 'How long logs are kept',
  },
  DEREGISTRATION_DELAY_SECONDS: {
    reader: 'infrastructure',
    default: '30',
    ...seconds,
    meaning: 'How long an old task may keep its connections after it gets no new ones',
  },
  HEALTH_CHECK_INTERVAL_SECONDS: {
    reader: 'infrastructure',
    default: '10',
    pattern: /^([5-9]|[1-9]\d|[12]\d{2}|300)$/,
    form: 'whole seconds, 5 to 300',
    meaning: 'Interval between the load balancer’s health checks',
  },
  LOAD_BALANCER: {
    reader: 'infrastructure',
    default: 'public',
    pattern: /^(public|private)$/,
    form: 'public or private',
    meaning: 'Whether the load balancer has a public address; cannot be changed once the environment is deployed',
  },
  SITE_DOMAIN: {
    reader: 'infrastructure',
    default: '',
    pattern: /^((?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$/,
    form: 'a host name in small letters, such as quiz.example.com, or empty',
    meaning: 'Host name of the site; empty: the one that CloudFront gives it',
  },
  SITE_CERTIFICATE_ARN: {
    reader: 'infrastructure',
    default: '',
    pattern: /^(arn:aws:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]{36})?$/,
    form: 'the ARN of an ACM certificate in us-east-1, or empty',
    meaning: 'Certificate for SITE_DOMAIN',
  },
  HOSTED_ZONE_ID: {
    reader: 'infrastructure',
    default: '',
    pattern: /^(Z[0-9A-Z]{1,31})?$/,
    form: 'the id of a Route 53 zone, such as Z0123456789ABCDEFGHIJ, or empty',
    meaning: 'Zone in which the stack points SITE_DOMAIN at the site; empty: you do that where your DNS is',
  },
  ALERT_EMAIL: {
    reader: 'infrastructure',
    default: '',
    pattern: /^([^@\s]+@[^@\s]+\.[^@\s]+)?$/,
    form: 'an email address, or empty',
    meaning: 'Recipient of the alarms of staging and production; `check` fails when production has none',
  },
  WEB_ACL_ARN: {
    reader: 'infrastructure',
    default: '',
    pattern: /^(arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36})?$/,
    form: 'the ARN of a web ACL for CloudFront (us-east-1, global), or empty',
    meaning: 'Web ACL (AWS WAF) that the CDN asks about each request; costs money',
  },
  FLOW_LOGS: {
    reader: 'infrastructure',
    default: 'off',
    pattern: /^(on|off)$/,
    form: 'on or off',
    meaning: 'Whether the connections in the VPC are logged, beside the access logs; costs money',
  },
  KMS_KEY_ARN: {
    reader: 'infrastructure',
    default: '',
    pattern: /^(arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]{1,64})?$/,
    form: 'the ARN of a KMS key, or empty',
    meaning: 'Key of yours for tables, secrets, logs and alarms; empty: AWS’s own; costs money',
  },
  MONTHLY_BUDGET_USD: {
    reader: 'infrastructure',
    default: '',
    pattern: /^([1-9]\d{0,5})?$/,
    form: 'whole US dollars, 1 to 999999, or empty',
    meaning: 'What the account may cost in a month; ALERT_EMAIL hears when it will be more',
  },
  PERMISSIONS_BOUNDARY: {
    reader: 'infrastructure',
    default: '',
    pattern: /^(live-quiz-boundary)?$/,
    form: 'live-quiz-boundary, or empty',
    meaning: 'Permissions boundary of the task roles, once `make access` has made it',
  },
  GITHUB_REPOSITORY: {
    reader: 'infrastructure',
    default: '',
    pattern: /^([\w-]+\/[\w.-]+)?$/,
    form: 'owner/name, or empty',
    meaning: 'Repository whose workflows may assume the roles of the environment',
  },
  GITHUB_OWNER_ID: {
    reader: 'infrastructure',
    default: '',
    pattern: /^\d*$/,
    form: 'a number, or empty',
    meaning: 'Id of the owner of GITHUB_REPOSITORY',
  },
  GITHUB_REPOSITORY_ID: {
    reader: 'infrastructure',
    default: '',
    pattern: /^\d*$/,
    form: 'a number, or empty',
    meaning: 'Id of GITHUB_REPOSITORY',
  },
  GITHUB_OIDC_PROVIDER: {
    reader: 'infrastructure',
    default: 'create',
    pattern: /^(create|existing)$/,
    form: 'create or existing',
    meaning: 'Whether `make access` makes the identity provider of GitHub, of which an account has one',
  },
  LOG_LEVEL: {
    reader: 'task',
    default: 'info',
    pattern: /^(debug|info|warn|error)$/,
    form: 'debug, info, warn or error',
    meaning: 'Minimum log level of the backend',
  },
  HEARTBEAT_SECONDS: {
    reader: 'task',
    default: '25',
    ...seconds,
    meaning: 'Interval between WebSocket pings; less than the load balancer’s idle timeout of 60',
  },
  MAX_PLAYERS: {
    reader: 'task',
    default: '5000',
    pattern: /^([1-9]\d{0,3}|1\d{4}|20000)$/,
    form: 'a whole number, 1 to 20000',
    meaning: 'Most players of one event; who comes later is told that it is full',
  },
  RETENTION_DAYS: {
    reader: 'task',
    default: '30',
    pattern: /^([1-9]\d?|[12]\d{2}|3[0-5]\d|36[0-5])$/,
    form: 'whole days, 1 to 365',
    meaning: 'How long an event, its players and its answers are kept after its end',
  },
  VITE_APP_NAME: {
    reader: 'frontend',
    default: 'Live Quiz',
    pattern: /^\S(.*\S)?$/,
    form: 'a name',
    meaning: 'Title of the page',
  },
  VITE_API_URL: {
    reader: 'frontend',
    default: '/api',
    pattern: /^\/\S*$/,
    form: 'a path on the site itself',
    meaning: 'Where the page finds the API; written by the deployment',
  },
  VITE_WS_URL: {
    reader: 'frontend',
    default: '/ws',
    pattern: /^\/\S*$/,
    form: 'a path on the site itself',
    meaning: 'Where the page finds the WebSocket; written by the deployment',
  },
} as const satisfies Record<string, Key>

export type SettingKey = keyof typeof keys

export type Settings = Record<SettingKey, string>

/** Environments whose stack has alarms. */
export function hasAlarms(environment: Environment): boolean {
  return environment === 'staging' || environment === 'production'
}

/** Of the stack and of what the toolkit makes beside it: by these, Cost Explorer tells environments apart. */
export function tagsOf({ environment }: Pick<EnvironmentNames, 'environment'>): Record<string, string> {
  return { application: 'live-quiz', environment }
}
