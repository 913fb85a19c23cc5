import { taskPlatform } from '../image/image.mts'
import { probe } from '../script/shell.mts'
import { awsHas, skopeo, type Finding } from './tools.mts'

/** What the aws at hand can do, whatever its version: each is tried, and none of these gets as far as AWS. */
export async function awsCapabilities(): Promise<Finding[]> {
  const [deployments, tail, skeleton] = await Promise.all([
    awsHas(['ecs', 'list-service-deployments']),
    awsHas(['logs', 'tail']),
    probe`aws dynamodb put-item --generate-cli-skeleton`,
  ])
  return [
    optional(
      'service deployments',
      deployments,
      'aws knows the API',
      'this aws does not know the API; verdicts are made from describe-services alone',
    ),
    optional('logs tail', tail, 'aws has it', 'this aws has none; make logs shows the same'),
    skeleton.stdout.includes('ConditionExpression')
      ? { name: 'conditional puts', status: 'OK', detail: 'aws passes them on; the deploy lock is one' }
      : {
          name: 'conditional puts',
          status: 'FAIL',
          detail: 'this aws passes no ConditionExpression on, and the deploy lock needs it',
          remedy:
            'install a current AWS CLI (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html)',
        },
  ]
}

function optional(name: string, has: boolean, good: string, without: string): Finding {
  return has ? { name, status: 'OK', detail: good } : { name, status: 'SKIP', detail: without }
}

/** Only `promote` copies images: what is missing for it is told, and keeps nobody from deploying. */
export async function imageCopyFinding(): Promise<Finding> {
  const { name, status, detail, remedy } = await skopeo()
  return status === 'OK'
    ? { name, status, detail }
    : { name, status: 'SKIP', detail: `${detail}; only promote needs it: ${remedy}` }
}

/** Whether an image for the tasks' platform can be built here. */
export async function platformFinding(local: boolean): Promise<Finding> {
  const name = 'platform'
  const [wanted, engine] = await Promise.all([
    taskPlatform(local),
    probe`docker version --format ${'{{.Server.Os}}/{{.Server.Arch}}'}`,
  ])
  if (engine.exitCode !== 0) return { name, status: 'SKIP', detail: 'no engine to ask' }
  const own = engine.stdout.trim()
  if (own === wanted) return { name, status: 'OK', detail: `${wanted}, the engine's own` }
  const { stdout } = await probe`docker buildx inspect`
  const emulated = /^Platforms:(.*)$/m.exec(stdout)?.[1] ?? ''
  return emulated.split(/[\s,*]+/).includes(wanted)
    ? { name, status: 'OK', detail: `${wanted}, emulated on ${own}: builds take longer` }
    : {
        name,
        status: 'FAIL',
        detail: `the tasks run on ${wanted}, and the engine builds for ${own} only`,
        remedy: `docker run --privileged --rm tonistiigi/binfmt --install ${wanted.split('/')[1]}`,
      }
}
