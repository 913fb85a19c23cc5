/** Who reads a key. Each reader gets only its own keys. */
export type Reader = 'toolkit' | 'infrastructure' | 'task' | 'frontend'

/** A key of env/.env.<environment>. */
export interface Key {
  reader: Reader
  default: string
  pattern: RegExp
  /** Said when a value does not match, and in docs/DEPLOYMENT_CONFIG.md. */
  form: string
  meaning: string
}

type Form = Pick<Key, 'default' | 'pattern' | 'form'>

/** @param pattern of the whole value */
function like(byDefault: string, pattern: RegExp, form: string): Form {
  return { default: byDefault, pattern: new RegExp(`^(?:${pattern.source})$`), form }
}

function orEmpty(pattern: RegExp, form: string): Form {
  return like('', new RegExp(`(?:${pattern.source})?`), `${form}, or empty`)
}

function oneOf(byDefault: string, values: string[], what = ''): Form {
  return like(byDefault, new RegExp(values.join('|')), `${what}${values.slice(0, -1).join(', ')} or ${values.at(-1)}`)
}

function seconds(byDefault: string): Form {
  return like(byDefault, /[1-9]\d{0,3}/, 'whole seconds, 1 to 9999')
}

function readBy<Name extends string>(reader: Reader, rows: Record<Name, Omit<Key, 'reader'>>): Record<Name, Key> {
  const entries = Object.entries<Omit<Key, 'reader'>>(rows).map(([name, row]) => [name, { reader, ...row }])
  return Object.fromEntries(entries) as Record<Name, Key>
}

/** Every key. One that is not here is refused, and so is a value of another form. */
export const keys = {
  ...readBy('toolkit', {
    AWS_REGION: {
      ...like('us-east-1', /[a-z]{2}(-[a-z]+)+-\d/, 'an AWS region, such as us-east-1'),
      meaning: 'Region of everything that is deployed',
    },
    AWS_ACCOUNT_ID: {
      ...orEmpty(/\d{12}/, '12 digits'),
      meaning:
        'Account of the environment; empty: the first command but `check` asks once and writes it here, for you to commit',
    },
    PRODUCTION_BRANCH: {
      ...like('main', /\w([\w./-]*\w)?/, 'the name of a branch'),
      meaning: 'Branch of the remote `origin`: production takes only its commits',
    },
    TASK_COUNT: {
      ...like('1', /(0|[1-9]\d?)/, '0 to 99'),
      meaning: 'Number of tasks when the service is created; later, `make scale` changes it',
    },
    TASK_CPU: {
      ...oneOf('256', ['256', '512', '1024', '2048', '4096'], 'a Fargate size: '),
      meaning: 'CPU units of a task',
    },
    TASK_MEMORY_MIB: {
      ...like('512', /[1-9]\d{2,4}/, 'MiB that Fargate allows with TASK_CPU, such as 512'),
      meaning: 'Memory of a task',
    },
    NODE_IMAGE: {
      ...like(
        'node:20-alpine',
        /([\w.-]+(:\d+)?\/)*node:\d+(\.\d+)*-alpine[\d.]*(@sha256:[0-9a-f]{64})?/,
        'an Alpine image of Node, such as node:24-alpine',
      ),
      meaning: 'What the image of the backend is built on',
    },
    STOP_TIMEOUT_SECONDS: {
      ...like('30', /([2-9]|[1-9]\d|1[01]\d|120)/, 'whole seconds, 2 to 120'),
      meaning: 'Time between SIGTERM and SIGKILL when a task stops',
    },
    HEALTH_CHECK_GRACE_SECONDS: { ...seconds('30'), meaning: 'Time before a failed health check of a new task counts' },
    ROLLOUT_TIMEOUT_SECONDS: {
      ...seconds('900'),
      meaning: 'How long a deployment follows the rollout before it ends as "still running"',
    },
  }),
  ...readBy('infrastructure', {
    NAT_GATEWAYS: {
      ...like('1', /[12]/, '1 or 2'),
      meaning: 'Number of NAT gateways; 2 means one for each availability zone',
    },
    AVAILABILITY_ZONES: {
      ...orEmpty(/[a-z\d-]+[a-z],[a-z\d-]+[a-z]/, 'two zones, such as us-east-1b,us-east-1d'),
      meaning: 'Zones of the network; empty: the first two of the region; cannot be changed after the first deployment',
    },
    LOG_RETENTION_DAYS: {
      ...like(
        '7',
        /(1|3|5|7|14|30|60|90|120|150|180|365)/,
        'a retention that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365',
      ),
      meaning: 'How long logs are kept',
    },
    DEREGISTRATION_DELAY_SECONDS: {
      ...like('30', /([1-9]\d{0,2}|[12]\d{3}|3[0-5]\d{2}|3600)/, 'whole seconds, 1 to 3600'),
      meaning: 'How long an old task may keep its connections after it gets no new ones',
    },
    HEALTH_CHECK_INTERVAL_SECONDS: {
      ...like('10', /([5-9]|[1-9]\d|[12]\d{2}|300)/, 'whole seconds, 5 to 300'),
      meaning: 'Interval between the load balancer’s health checks',
    },
    LOAD_BALANCER: {
      ...oneOf('public', ['public', 'private']),
      meaning: 'Whether the load balancer has a public address; cannot be changed once the environment is deployed',
    },
    SITE_DOMAIN: {
      ...orEmpty(
        /(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?/,
        'a host name in small letters, such as quiz.example.com',
      ),
      meaning: 'Host name of the site; empty: the one that CloudFront gives it',
    },
    SITE_CERTIFICATE_ARN: {
      ...orEmpty(
        /arn:aws:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]{36}/,
        'the ARN of an ACM certificate in us-east-1',
      ),
      meaning: 'Certificate for SITE_DOMAIN',
    },
    HOSTED_ZONE_ID: {
      ...orEmpty(/Z[0-9A-Z]{1,31}/, 'the id of a Route 53 zone, such as Z0123456789ABCDEFGHIJ'),
      meaning: 'Zone in which the stack points SITE_DOMAIN at the site; empty: you do that where your DNS is',
    },
    ALERT_EMAIL: {
      ...orEmpty(/[^@\s]+@[^@\s]+\.[^@\s]+/, 'an email address'),
      meaning:
        'Recipient of the mails of staging and production about alarms, failed deployments and tasks that stopped by themselves; `check` fails when production has none',
    },
    WEB_ACL_ARN: {
      ...orEmpty(
        /arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}/,
        'the ARN of a web ACL for CloudFront (us-east-1, global)',
      ),
      meaning: 'Web ACL (AWS WAF) that the CDN asks about each request; costs money',
    },
    FLOW_LOGS: {
      ...oneOf('off', ['on', 'off']),
      meaning: 'Whether the connections in the VPC are logged, beside the access logs; costs money',
    },
    KMS_KEY_ARN: {
      ...orEmpty(/arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]{1,64}/, 'the ARN of a KMS key'),
      meaning: 'Key of yours for tables, secrets, logs and alarms; empty: AWS’s own; costs money',
    },
    MONTHLY_BUDGET_USD: {
      ...orEmpty(/[1-9]\d{0,5}/, 'whole US dollars, 1 to 999999'),
      meaning: 'What the account may cost in a month; ALERT_EMAIL hears when it will be more',
    },
    PERMISSIONS_BOUNDARY: {
      ...orEmpty(/live-quiz-boundary/, 'live-quiz-boundary'),
      meaning: 'Permissions boundary of the task roles, once `make access` has made it',
    },
    GITHUB_REPOSITORY: {
      ...orEmpty(/[\w-]+\/[\w.-]+/, 'owner/name'),
      meaning: 'Repository whose workflows may assume the roles of the environment',
    },
    GITHUB_OWNER_ID: { ...orEmpty(/\d*/, 'a number'), meaning: 'Id of the owner of GITHUB_REPOSITORY' },
    GITHUB_REPOSITORY_ID: { ...orEmpty(/\d*/, 'a number'), meaning: 'Id of GITHUB_REPOSITORY' },
    GITHUB_OIDC_PROVIDER: {
      ...oneOf('create', ['create', 'existing']),
      meaning: 'Whether `make access` makes the identity provider of GitHub, of which an account has one',
    },
  }),
  ...readBy('task', {
    LOG_LEVEL: { ...oneOf('info', ['debug', 'info', 'warn', 'error']), meaning: 'Minimum log level of the backend' },
    HEARTBEAT_SECONDS: {
      ...seconds('25'),
      meaning: 'Interval between WebSocket pings; less than the load balancer’s idle timeout of 60',
    },
    MAX_PLAYERS: {
      ...like('5000', /([1-9]\d{0,3}|1\d{4}|20000)/, 'a whole number, 1 to 20000'),
      meaning: 'Most players of one event. Players beyond that see that the event is full',
    },
    RETENTION_DAYS: {
      ...like('30', /([1-9]\d?|[12]\d{2}|3[0-5]\d|36[0-5])/, 'whole days, 1 to 365'),
      meaning: 'How long an event, its players and its answers are kept after its end',
    },
  }),
  ...readBy('frontend', {
    VITE_APP_NAME: { ...like('Live Quiz', /\S(.*\S)?/, 'a name'), meaning: 'Title of the page' },
    VITE_API_URL: {
      ...like('/api', /\/api/, '/api'),
      meaning: 'Where the page finds the API: the CDN forwards this path',
    },
    VITE_WS_URL: {
      ...like('/ws', /\/ws/, '/ws'),
      meaning: 'Where the page finds the WebSocket: the CDN forwards this path',
    },
  }),
}

export type SettingKey = keyof typeof keys

export type Settings = Record<SettingKey, string>
