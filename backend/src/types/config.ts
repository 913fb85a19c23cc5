/** What the process needs to know, read from its environment once, at start. */
export interface Config {
  /** 0: any free port. */
  port: number
  host: string
  region: string
  /** DynamoDB table: keys `pk`, `sk`, time to live in `expiresAt`. */
  applicationTable: string
  /** What an admin signs in with; undefined: nobody can. */
  adminSecret: string | undefined
  /** Shown by /health and to every page, so that a deployment can prove which version answers. */
  release: string
  /** Origins of the pages that may open a WebSocket; `any` outside production when none is given. */
  allowedOrigins: readonly string[] | 'any'
  logLevel: LogLevel
  /** Interval between WebSocket pings, in seconds. */
  heartbeatSeconds: number
  /** Most players of one event. */
  maxPlayers: number
  /** How long an event is kept after its end. */
  retentionDays: number
  /** Where this task is a target; undefined where no load balancer is. */
  targetGroupArn: string | undefined
  /** Where ECS answers a task what it is, its own address above all; undefined outside ECS. */
  metadataUri: string | undefined
  /** How long the load balancer leaves the connections of a draining target open. */
  drainSeconds: number
  /** From SIGTERM to SIGKILL. */
  stopSeconds: number
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** The environment does not say what the process needs; the message names every key at fault, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Throws a ConfigError. A value that is empty counts as absent, as in a task definition that passes an unset key on. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []

  function text(key: string, fallback?: string): string {
    const value = env[key] || fallback
    if (value === undefined) problems.push(`${key} is missing`)
    return value ?? ''
  }
  function wholeNumber(key: string, fallback: number, least: number, most: number): number {
    const value = env[key] || String(fallback)
    if (/^\d{1,5}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value)
    problems.push(`${key} is ${JSON.stringify(value)}: it must be a whole number from ${least} to ${most}`)
    return fallback
  }
  function level(): LogLevel {
    const value = env['LOG_LEVEL'] || 'info'
    const known = logLevels.find((each) => each === value)
    if (!known) problems.push(`LOG_LEVEL is ${JSON.stringify(value)}: it must be one of ${logLevels.join(', ')}`)
    return known ?? 'info'
  }
  function origins(): Config['allowedOrigins'] {
    const given = (env['ALLOWED_ORIGINS'] ?? '').split(',').map((each) => each.trim())
    const listed = given.filter((each) => each !== '')
    for (const each of listed) {
      if (URL.canParse(each) && new URL(each).origin === each) continue
      problems.push(`ALLOWED_ORIGINS has ${JSON.stringify(each)}: an origin looks like https://quiz.example.com`)
    }
    // a forgotten list must keep browsers out of a deployed task, not let every site in
    return listed.length === 0 && env['NODE_ENV'] !== 'production' ? 'any' : listed
  }

  const config: Config = {
    port: wholeNumber('PORT', 3000, 0, 65_535),
    host: text('HOST', '127.0.0.1'),
    region: text('AWS_REGION'),
    applicationTable: text('APPLICATION_TABLE'),
    adminSecret: env['ADMIN_SECRET'] || undefined,
    release: text('RELEASE_ID', 'unreleased'),
    allowedOrigins: origins(),
    logLevel: level(),
    heartbeatSeconds: wholeNumber('HEARTBEAT_SECONDS', 25, 1, 9_999),
    maxPlayers: wholeNumber('MAX_PLAYERS', 5_000, 1, 20_000),
    retentionDays: wholeNumber('RETENTION_DAYS', 30, 1, 365),
    targetGroupArn: env['TARGET_GROUP_ARN'] || undefined,
    metadataUri: env['ECS_CONTAINER_METADATA_URI_V4'] || undefined,
    drainSeconds: wholeNumber('DRAIN_SECONDS', 30, 1, 9_999),
    stopSeconds: wholeNumber('STOP_SECONDS', 30, 2, 120),
  }
  if (problems.length > 0) throw new ConfigError(problems.join('; '))
  return config
}
