import { hasAlarms, type Environment } from '../environment/environments.mts'
import type { SettingKey, Settings } from '../environment/keys.mts'
import { deploymentAlarmMinutes, healthyThreshold, idleTimeoutSeconds } from '../environment/fixed-values.mts'
import { failed, passed, type Finding } from './finding.mts'

/** Seconds before SIGKILL at which the backend has stopped (`stopReserve` in backend/src/services/drain/plan.ts). */
export const stopReserveSeconds = 5

/** Seconds that it needs for that at least: to close its sockets, and to write what it holds. */
const leastStopSeconds = 5

/** Seconds from a task's start to its first answer, at most: network interface, image, node. */
const startSeconds = 60

/** What a task of 512 CPU units counts as: `make bench-quiz` measures it with 5,000 players on two of them. */
const playersPerHalfCore = 2_500

/** What names a repository: GitHub shows AWS its name, with or without the ids. */
const repositoryKeys = ['GITHUB_REPOSITORY', 'GITHUB_OWNER_ID', 'GITHUB_REPOSITORY_ID'] as const

/** Whether the settings fit together, for `check`: one finding for each way in which they may not. */
export function fitFindings(environment: Environment, settings: Settings): Finding[] {
  const seconds = (key: SettingKey) => Number(settings[key])
  const healthy = healthyThreshold * seconds('HEALTH_CHECK_INTERVAL_SECONDS')
  const draining = seconds('DEREGISTRATION_DELAY_SECONDS') + seconds('STOP_TIMEOUT_SECONDS')
  const watching = hasAlarms(environment) ? deploymentAlarmMinutes * 60 : 0
  const rollout = startSeconds + healthy + draining + watching
  const carried = Math.floor((Number(settings.TASK_COUNT) * Number(settings.TASK_CPU) * playersPerHalfCore) / 512)
  return [
    fit(
      'task count',
      Number(settings.TASK_COUNT) > 0,
      `TASK_COUNT=${settings.TASK_COUNT}`,
      'a service that is created without a task never answers, and its deployment fails: TASK_COUNT=1 or more',
    ),
    fit(
      'capacity',
      carried >= Number(settings.MAX_PLAYERS),
      `an event may have ${settings.MAX_PLAYERS} players, and ${settings.TASK_COUNT} × ${settings.TASK_CPU} CPU units carry about ${carried}`,
      'TASK_CPU or TASK_COUNT must be more, or MAX_PLAYERS less',
    ),
    fit(
      'heartbeat',
      seconds('HEARTBEAT_SECONDS') < idleTimeoutSeconds,
      `a ping every ${settings.HEARTBEAT_SECONDS} s, and the load balancer cuts a silent WebSocket after ${idleTimeoutSeconds} s`,
      `HEARTBEAT_SECONDS must be less than ${idleTimeoutSeconds}`,
    ),
    fit(
      'stop timeout',
      seconds('STOP_TIMEOUT_SECONDS') >= stopReserveSeconds + leastStopSeconds,
      `killed ${settings.STOP_TIMEOUT_SECONDS} s after SIGTERM; the backend stops ${stopReserveSeconds} s before, and needs ${leastStopSeconds} s for that`,
      `STOP_TIMEOUT_SECONDS must be at least ${stopReserveSeconds + leastStopSeconds}`,
    ),
    fit(
      'health check grace',
      seconds('HEALTH_CHECK_GRACE_SECONDS') >= healthy,
      `${settings.HEALTH_CHECK_GRACE_SECONDS} s, and ${healthyThreshold} health checks take ${healthy} s`,
      `HEALTH_CHECK_GRACE_SECONDS must be at least ${healthy}, or HEALTH_CHECK_INTERVAL_SECONDS less`,
    ),
    fit(
      'wait budget',
      seconds('ROLLOUT_TIMEOUT_SECONDS') > rollout,
      `${settings.ROLLOUT_TIMEOUT_SECONDS} s, and a good rollout takes up to ${rollout} s: start ${startSeconds}, health checks ${healthy}, deregistration delay and stop timeout ${draining}, alarms ${watching}`,
      `ROLLOUT_TIMEOUT_SECONDS must be more than ${rollout}, or every deployment ends as "still running"`,
    ),
    fit(
      'repository',
      new Set(repositoryKeys.map((key) => settings[key] === '')).size === 1,
      settings.GITHUB_REPOSITORY ? `${settings.GITHUB_REPOSITORY}, and its ids` : 'none, whose workflows would deploy',
      `${repositoryKeys.join(', ')} must be given together, or none: gh api repos/<owner>/<name> --jq '.owner.id, .id' shows the ids`,
    ),
  ]
}

function fit(name: string, holds: boolean, detail: string, remedy: string): Finding {
  return { name, ...(holds ? passed(detail) : failed(detail, remedy)) }
}
