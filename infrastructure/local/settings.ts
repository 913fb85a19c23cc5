import { join } from 'node:path'
import { readText, stateDirectory } from './connection.ts'

/* What the parts of the local AWS agree on. */

export const account = '000000000000'
export const region = 'us-east-1'

/** Its own key: cdk remembers which account a key belongs to, and a real key must never be sent here, or this one there. */
export const accessKeyId = 'LOCALAWSLIVEQUIZ0000'
export const secretAccessKey = 'local'

/** One line of JSON for each API call. */
export const callLogFile = join(stateDirectory, 'calls.jsonl')

/**
 * The endpoint: where LOCAL_AWS_PORT says, else where it was started (so that local-down finds what local-up left). Load
 * balancers and distributions get the ports after it, one each.
 */
export const port = Number(process.env['LOCAL_AWS_PORT'] || readText(join(stateDirectory, 'port')) || 4566)
export const endpoint = `http://127.0.0.1:${port}`
/** moto, behind the endpoint. */
export const motoPort = port + 1
export const motoEndpoint = `http://127.0.0.1:${motoPort}`
/** First port of the data planes: load balancers count up from here, distributions from 50 above. */
export const loadBalancerPorts = port + 10
export const distributionPorts = port + 60

const engineName = process.env['LOCAL_AWS_ENGINE'] || 'live-quiz-local'
// these directories are removed with all that is in them
if (!/^[a-z0-9-]+$/.test(engineName)) throw new Error(`LOCAL_AWS_ENGINE is not a name: ${engineName}`)
/** Our own Docker engine, where none runs: socket and pid file. Short, because a socket's path has room for 107 bytes. */
export const engineDirectory = `/run/${engineName}`
/** Its images and containers. */
export const engineData = `/var/lib/${engineName}`

/** Label on every container, so that exactly ours can be removed. */
export const containerLabel = 'live-quiz-local'

/** Whether the session of a role may do only what its policies allow. The local AWS's own key is an administrator's. */
export const enforcesIam = process.env['LOCAL_AWS_IAM'] === 'enforce'

const instant = process.env['LOCAL_AWS_TIMINGS'] !== 'lifelike'

/** Timings in milliseconds: short by default; `LOCAL_AWS_TIMINGS=lifelike` takes the resources' own settings and AWS's pace. */
export const timings = {
  /** Cap on a target group's health check interval; undefined: the interval that the target group asks for. */
  healthCheckInterval: instant ? 500 : undefined,
  /** Cap on a target group's deregistration delay. */
  deregistrationDelay: instant ? 2_000 : undefined,
  /** How long an invalidation stays InProgress. */
  invalidation: instant ? 500 : 20_000,
  /** How long the call that starts a CloudFormation operation waits for its end: cdk sleeps 5 s when the answer is "in progress". */
  operationHeadStart: instant ? 4_000 : 0,
  /** Pace of the ECS scheduler. */
  schedulerTick: 200,
  /** Cap on a service’s health check grace period: on a loaded machine a backend takes ten seconds to start. */
  healthCheckGrace: instant ? 20_000 : undefined,
  /** Cap on how long ECS watches a deployment’s alarms after the last old task has gone. */
  bake: instant ? 1_000 : undefined,
  /** How long a task is PROVISIONING. */
  provisioning: instant ? 0 : 15_000,
}
