import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../environment/environments.mts'
import { Failure, remedyFor } from '../script/failure.mts'
import { withFlag } from '../script/invocation.mts'
import { isDryRun, pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { probe, read, root, run } from '../script/shell.mts'
import { checkedOutputs, describeStack } from '../stack/stack.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import { stateFile } from '../script/state-file.mts'
import type { Target } from '../environment/target.mts'
import { ask, hasTerminal } from '../script/terminal.mts'

/**
 * Asks for the name of the stack. `--yes` answers for every environment but production, which takes its own name only,
 * typed or as `--confirm <stack>`.
 */
export async function confirmDestruction(
  { environment, names }: Pick<Target, 'environment' | 'names'>,
  { yes, confirm }: { yes: boolean; confirm: string | undefined },
): Promise<void> {
  if (isDryRun() || confirm === names.stack) return
  const flag = environment === 'production' ? `--confirm ${names.stack}` : '--yes'
  if (confirm !== undefined) {
    throw new Failure(`--confirm names ${confirm}, and the stack is ${names.stack}`, withFlag(flag), 2)
  }
  if (yes && environment !== 'production') return
  if (!hasTerminal()) {
    throw new Failure(`destroying ${environment} asks for confirmation, and there is no terminal`, withFlag(flag), 2)
  }
  if ((await ask(`Type the name of the stack to destroy it (${names.stack}): `)) !== names.stack) {
    throw new Failure(`${names.stack} was not confirmed; nothing was changed`, 'run it again and type its name')
  }
}

/**
 * The outputs of the stack that is to go; kept in a file, since a run that goes on after the stack is gone still has to
 * find the bucket. Undefined when there never was a finished stack.
 */
export async function outputsToDestroy({
  environment,
  names,
}: Pick<Target, 'environment' | 'names'>): Promise<StackOutputs | undefined> {
  const file = outputsFile(environment)
  const stack = await describeStack(names.stack)
  const given = Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
  if (Object.keys(given).length > 0) writeFileSync(file, JSON.stringify(given))
  const known: Record<string, unknown> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return Object.keys(known).length > 0
    ? checkedOutputs(known, names.stack, 'aws cloudformation delete-stack')
    : undefined
}

/** Once all is gone: a stack that is made anew has other outputs. */
export function forgetOutputs({ environment }: { environment: Environment }): void {
  if (isDryRun()) return
  rmSync(outputsFile(environment), { force: true })
}

function outputsFile(environment: Environment): string {
  return join(root, stateFile(environment, 'destroy.json'))
}

/** Deletes the service and waits until its tasks have ended: the cluster, the subnets and the target group go only then. */
export async function deleteService({ names, local }: Target): Promise<void> {
  const status = await serviceStatus(names)
  if (status === undefined || status === 'INACTIVE') return say(`service     ${names.service}: there is none`)
  if (status === 'ACTIVE') {
    // open connections end with the tasks
    await run`aws ecs update-service --cluster ${names.cluster} --service ${names.service} --desired-count 0 --query service.desiredCount`
    await run`aws ecs delete-service --cluster ${names.cluster} --service ${names.service} --force --query service.status`
  }
  if (isDryRun()) return
  while ((await serviceStatus(names)) === 'DRAINING') await pause(local ? 300 : 4000)
  say(`service     ${names.service} is gone, its tasks have ended`)
}

async function serviceStatus({ cluster, service }: Target['names']): Promise<string | undefined> {
  const answer = await probe`aws ecs describe-services --cluster ${cluster} --services ${service}`
  if (/ClusterNotFoundException/.test(answer.stderr)) return undefined
  if (answer.exitCode !== 0) throw answer.failed()
  const { services } = JSON.parse(answer.stdout) as { services: { status: string; runningCount?: number }[] }
  return services[0]?.status
}

interface Version {
  Key: string
  VersionId: string
}

/** Deletes every version of every file, a thousand with each call. */
export async function emptyBucket({ environment }: { environment: Environment }, bucket: string): Promise<void> {
  if (!(await exists(await probe`aws s3api head-bucket --bucket ${bucket}`, /404|NoSuchBucket|Not Found/))) {
    return say(`site        the bucket ${bucket} is gone already`)
  }
  for (let total = 0; ;) {
    const versions = await someVersions(bucket)
    if (versions.length === 0) return say(`site        ${bucket} is empty, ${total} versions were deleted`)
    const file = stateFile(environment, 'delete-objects.json')
    writeFileSync(join(root, file), JSON.stringify({ Bucket: bucket, Delete: { Objects: versions, Quiet: true } }))
    const standIn: { Key: string; Message: string }[] | null = []
    const errors = await read({
      standIn,
    })`aws s3api delete-objects --cli-input-json ${`file://${file}`} --query Errors`
    if (isDryRun()) return
    // a file that stays would be listed, and tried, for ever
    const [error] = errors ?? []
    if (error) throw new Failure(`${bucket} keeps ${error.Key}: ${error.Message}`, remedyFor(error.Message))
    total += versions.length
  }
}

async function someVersions(bucket: string): Promise<Version[]> {
  const query = '[Versions,DeleteMarkers][].{Key:Key,VersionId:VersionId}'
  const found = await read<
    (Version | null)[] | null
  >`aws s3api list-object-versions --bucket ${bucket} --max-items 1000 --query ${query}`
  return (found ?? []).filter((version): version is Version => version !== null)
}

/** Whether something is there, by what its own tool says of it. */
export async function exists(
  answer: { exitCode: number; stderr: string; failed: () => Failure },
  absent: RegExp,
): Promise<boolean> {
  if (answer.exitCode === 0) return true
  if (absent.test(answer.stderr)) return false
  throw answer.failed()
}
